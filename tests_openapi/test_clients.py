"""Clients that generators make of the REST document: filters, a file, and errors."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import triptych.docs
from tools.toolchains import node, npm_install
from triptych.docs import SWAGGER_UI_VERSION

FOLDER = Path(__file__).parent
DOCUMENT = FOLDER.parent / "gen/openapi/rest.json"
VIEWER = Path(triptych.docs.__file__).parent / "swagger_ui"
CACHE = FOLDER.parent / ".cache/openapi-ts"
BIN = Path(sys.executable).parent
SECONDS = 300


def run(*command: str | Path, cwd: Path, url: str = "") -> str:
    """Run a command, and return what it prints."""
    path = os.pathsep.join([str(BIN), str(Path(node()).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "URL": url, "PYTHONPATH": str(cwd)}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_openapi_python_client(url: str, tmp_path: Path) -> None:
    target = tmp_path / "triptych_rest"
    command = ["generate", "--path", str(DOCUMENT), "--output-path", str(target), "--meta", "none"]
    told = run(BIN / "openapi-python-client", *command, "--fail-on-warning", cwd=tmp_path)
    assert "WARNING" not in told
    assert run(sys.executable, FOLDER / "calls.py", cwd=tmp_path, url=url) == "ok\n"


@pytest.fixture(scope="module")
def packages() -> Path:
    """Return the folder of what npm installs."""
    CACHE.mkdir(parents=True, exist_ok=True)
    for path in (FOLDER / "ts").iterdir():
        shutil.copy(path, CACHE)
    npm_install(CACHE)
    return CACHE / "node_modules"


def test_the_viewer_is_as_it_was_released(packages: Path) -> None:
    released = packages / "swagger-ui-dist"
    assert json.loads((released / "package.json").read_text())["version"] == SWAGGER_UI_VERSION
    for path in VIEWER.iterdir():
        # The one line that is left out names a file that is not served.
        lines = (released / path.name).read_bytes().splitlines()
        assert path.read_bytes().splitlines() == [
            each for each in lines if b"/*# sourceMappingURL=" not in each
        ]


def test_openapi_typescript(url: str, packages: Path) -> None:
    programs = packages / ".bin"
    run(programs / "openapi-typescript", DOCUMENT, "--output", "schema.d.ts", cwd=CACHE)
    run(programs / "tsc", cwd=CACHE)
    assert run(node(), "dist/calls.js", cwd=CACHE, url=url) == "ok\n"
