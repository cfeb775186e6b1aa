"""Schemathesis with all its checks against the running server: what the documents say is what it does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import TOKEN

FOLDER = Path(__file__).parent
SCHEMATHESIS = Path(sys.executable).parent / "st"
SECONDS = 300


@pytest.mark.parametrize(("document", "examples"), [("/openapi.json", 5), ("/openapi/connect.json", 2)])
def test_it_finds_nothing(url: str, document: str, examples: int, tmp_path: Path) -> None:
    command = [
        SCHEMATHESIS,
        f"--config-file={FOLDER / 'schemathesis.toml'}",
        "run",
        url + document,
        f"--header=Authorization: Bearer {TOKEN}",
        "--checks=all",
        "--exclude-checks=positive_data_acceptance,negative_data_rejection",  # hooks.py has both
        f"--max-examples={examples}",
        "--seed=1",
        "--no-color",
    ]
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "hooks",
        "PYTHONPATH": f"{FOLDER}{os.pathsep}{FOLDER.parent / 'tests'}",
    }
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):
        assert f"✅ {phase}" in done.stdout, done.stdout
    assert "returned only 401/403" not in done.stdout
