"""A virtual environment for each SDK: two of them cannot share one, as both are called `gitpod`."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_FOLDER = Path(__file__).parent
_ENVIRONMENTS = _FOLDER.parent / ".venvs"
_INSTALL_SECONDS = 600
_CHECK_SECONDS = 120

# What would change what an SDK or pytest does.
_FOREIGN = re.compile(
    r"(FACTIFY|GITPOD|ONA|PYTEST|TRIPTYCH)_.*|PYTHON(PATH|WARNINGS)|.*_PROXY", re.IGNORECASE
)


@dataclass(frozen=True)
class Sdk:
    """A released SDK: its pins are in requirements-<name>.txt, its checks in checks/<checks>_sdk/.

    Attributes:
        name: The name of the release.
        checks: The name of the checks, which releases may share; that of the release if empty.
    """

    name: str
    checks: str = ""

    def check(self, url: str, keywords: str = "") -> int:
        """Run the checks, in the SDK's environment, against a server; return how many passed.

        Args:
            url: The base URL of the server.
            keywords: Which checks, as for `pytest -k`; all if left out.

        Raises:
            pytest.fail.Exception: A check failed, or none ran; the text is what their pytest printed.
        """
        env = {name: value for name, value in os.environ.items() if not _FOREIGN.fullmatch(name)}
        result = subprocess.run(
            [self._python(), "-m", "pytest", f"{self.checks or self.name}_sdk", "-k", keywords],
            cwd=_FOLDER / "checks",
            env={**env, "SDK_TEST_URL": url},
            check=False,
            timeout=_CHECK_SECONDS,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        passed = re.search(r"^([1-9][0-9]*) passed", result.stdout, re.MULTILINE)
        if result.returncode != 0 or passed is None:
            pytest.fail(result.stdout, pytrace=False)
        return int(passed[1])

    def run(self, program: str) -> str:
        """Run a program in the SDK's environment and return what it prints."""
        env = {name: value for name, value in os.environ.items() if not _FOREIGN.fullmatch(name)}
        command = [self._python(), "-c", program]
        result = subprocess.run(
            command, env=env, check=False, timeout=_CHECK_SECONDS, capture_output=True, text=True
        )
        if result.returncode != 0:
            pytest.fail(result.stdout + result.stderr, pytrace=False)
        return result.stdout

    def _python(self) -> Path:
        """Return the interpreter of the environment; made or renewed if the pins say something else."""
        requirements = _FOLDER / f"requirements-{self.name}.txt"
        folder = _ENVIRONMENTS / self.name
        python, stamp = folder / "bin" / "python", folder / "stamp"
        wanted = f"{sys.version}\n{requirements.read_text()}"
        _ENVIRONMENTS.mkdir(exist_ok=True)
        with _locked(_ENVIRONMENTS / f"{self.name}.lock"):
            if not stamp.exists() or stamp.read_text() != wanted:
                venv.create(folder, clear=True, symlinks=True, with_pip=True)
                install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
                subprocess.run([*install, "-r", requirements], check=True, timeout=_INSTALL_SECONDS)
                stamp.write_text(wanted)
        return python


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process at a time pass."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
