"""The virtual environment of the peers: `.venvs/bench`, renewed when requirements.txt says something else."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

from bench.errors import BenchError

_FOLDER = Path(__file__).parent
_INSTALL_SECONDS = 600


def peers_python() -> Path:
    """Return the interpreter that the peers run with.

    Raises:
        BenchError: The environment cannot be made.
    """
    requirements = _FOLDER / "requirements.txt"
    folder = _FOLDER.parent / ".venvs" / "bench"
    python, stamp = folder / "bin" / "python", folder / "stamp"
    wanted = f"{sys.version}\n{requirements.read_text()}"
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"making {folder}")
        venv.create(folder, clear=True, symlinks=True, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        try:
            subprocess.run([*install, "-r", str(requirements)], check=True, timeout=_INSTALL_SECONDS)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise BenchError(f"cannot install {requirements}: {error}") from error
        stamp.write_text(wanted)
    return python
