"""The published implementations that the suite is run against too: built from peers/, on free ports."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from conformance.rest import schema
from tools.processes import started
from tools.toolchains import go

NAMES: Final = ("vanguard", "grpc-gateway")
_FOLDER: Final = Path(__file__).parent / "peers"
_BIN: Final = _FOLDER / "bin"
_GEN: Final = _FOLDER / "gen"
_PLUGINS: Final = {
    "go": "google.golang.org/protobuf/cmd/protoc-gen-go",
    "go-grpc": "google.golang.org/grpc/cmd/protoc-gen-go-grpc",
    "grpc-gateway": "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-grpc-gateway",
}


class PeerError(Exception):
    """A peer cannot be built or run; the text is what the tools wrote."""


@cache
def build() -> None:
    """Build both peers, which takes a minute the first time.

    Raises:
        PeerError: Go does not compile them.
    """
    _go("build", "-o", f"{_BIN}/", *_PLUGINS.values())
    _GEN.mkdir(exist_ok=True)
    (_GEN / schema.SOURCE).write_text(schema.source("grpc-gateway"))
    arguments = [f"-I{include}" for include in (_GEN, *schema.includes())]
    for plugin, package in _PLUGINS.items():
        arguments += [
            f"--plugin=protoc-gen-{plugin}={_BIN / package.rpartition('/')[2]}",
            f"--{plugin}_out={_GEN}",
            f"--{plugin}_opt=paths=source_relative,M{schema.SOURCE}=triptych.test/rest_peers/gen",
        ]
    arguments.append("--grpc-gateway_opt=allow_delete_body=true")  # without it, the rule is refused
    _run([sys.executable, "-m", "grpc_tools.protoc", *arguments, schema.SOURCE])
    _go("build", "-o", f"{_BIN}/", "./vanguard", "./gateway")


@contextmanager
def running(name: str) -> Iterator[str]:
    """Run a peer until the end of the block, and give its base URL.

    Args:
        name: One of `NAMES`.

    Raises:
        PeerError: It cannot be built.
        StartError: It does not start.
    """
    build()
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "image.binpb"
        image.write_bytes(schema.descriptor_set(name))
        command: list[str | Path] = [_BIN / "vanguard", image] if name == "vanguard" else [_BIN / "gateway"]
        with started(command, Path(folder) / "log") as peer:
            yield peer.line.strip()


def _go(*arguments: str) -> None:
    _run([go(), *arguments])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, cwd=_FOLDER, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeerError(f"{' '.join(command[:3])}: {done.stderr[-3000:]}")
