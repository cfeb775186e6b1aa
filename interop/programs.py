"""What runs the generators, the compilers and the tests of the clients."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Final

from tools.toolchains import node

ROOT: Final = Path(__file__).parents[1]
TS: Final = ROOT / "interop/ts"
"""The client whose compiler and types of Node.js the others are compiled with."""
SECONDS: Final = 600
"""How long any of them may take."""

Results = dict[str, Counter[str]]
"""Client and protocol, and how each of its scenarios ended: passed, failed or skipped."""


def run(*command: str | Path, cwd: Path = ROOT) -> None:
    """Run a command; print what it wrote only if it fails."""
    done = subprocess.run(
        command,
        cwd=cwd,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
    )
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout)


def tsc(folder: Path) -> None:
    """Compile a folder with the compiler and the types of Node.js that the generated client has."""
    shutil.rmtree(folder / "dist", ignore_errors=True)
    run(TS / "node_modules/.bin/tsc", "--typeRoots", TS / "node_modules/@types", cwd=folder)


def run_node(client: str, folder: Path, files: str) -> Results:
    """Run tests; return the results by what stands before the colon of names that begin with the client."""
    results: Results = {}
    command = [node(), "--test", "--test-reporter=tap", files]
    done = subprocess.run(
        command, cwd=folder, check=False, stdout=subprocess.PIPE, text=True, timeout=SECONDS
    )
    for failed, name in re.findall(r"^(not )?ok \d+ - (.*)$", done.stdout, re.MULTILINE):
        label = name.partition(": ")[0] if name.startswith(client) else client
        results.setdefault(label, Counter())["fail" if failed else "pass"] += 1
    if done.returncode:
        print(re.sub(r"(?ms)^ok .*?^  \.\.\.$\n", "", done.stdout), file=sys.stderr)
    return results or {client: Counter(fail=1)}
