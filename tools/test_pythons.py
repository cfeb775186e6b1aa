"""Run the tests under every CPython of 3.11 to 3.14 on this machine, each in an environment of its own.

    python tools/test_pythons.py [arguments of pytest]

The Python that runs this is left out: it ran them in `make test`. The others are those on the PATH, and those
of pyenv.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[1]
_MINORS: Final = (11, 12, 13, 14)
# As `make test` has them.
_OPTIONS: Final = ("-n", "4", "--dist", "worksteal", "-m", "not process and not long")


def main(arguments: list[str]) -> int:
    """Run them all; return 1 if tests fail under one, or none of them could be set up."""
    lines = []
    failed = False
    for minor in _MINORS:
        if minor == sys.version_info.minor:
            lines.append(f"3.{minor}: in `make test`")
            continue
        python = next(_found(minor), None)
        if python is None:
            lines.append(f"3.{minor}: not on this machine")
            continue
        begun = time.monotonic()
        code = _run(python, _ROOT / ".venvs" / f"test-3.{minor}", arguments)
        failed |= code != 0
        outcome = "passed" if code == 0 else f"FAILED (pytest exits with {code})"
        lines.append(f"3.{minor}: {outcome} in {time.monotonic() - begun:.0f} s, {_version(python)}")
    print("\n".join(["The tests under every Python of this machine:", *lines]))
    return int(failed)


def _run(python: str, environment: Path, arguments: list[str]) -> int:
    """Set up the environment as far as it is not there, and run the tests; return what pytest ends with."""
    bin = environment / "bin"
    if not (bin / "python").exists():
        subprocess.run([python, "-m", "venv", environment], check=True)
    install = [bin / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, "-c", "constraints.txt", "-e", ".[test]"], check=True, cwd=_ROOT)
    test = [bin / "python", "-m", "pytest", "-q", *_OPTIONS, *arguments]
    return subprocess.run(test, check=False, cwd=_ROOT).returncode


def _found(minor: int) -> Iterator[str]:
    """Yield the interpreters of 3.`minor` that run, those on the PATH first."""
    for candidate in (shutil.which(f"python3.{minor}"), *_of_pyenv(minor)):
        if candidate is not None and _version(candidate).startswith(f"3.{minor}."):
            yield candidate


def _of_pyenv(minor: int) -> Iterator[str]:
    pyenv = shutil.which("pyenv")
    if pyenv is None:
        return
    root = Path(subprocess.run([pyenv, "root"], capture_output=True, text=True, check=True).stdout.strip())
    for folder in sorted((root / "versions").glob(f"3.{minor}.*"), reverse=True):
        yield str(folder / "bin" / "python")


def _version(python: str) -> str:
    """Return the version of an interpreter, or nothing if it does not run: a shim of pyenv's may not."""
    ask = [python, "-c", "import platform; print(platform.python_version())"]
    done = subprocess.run(ask, check=False, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
