"""The server under test, as a process of its own on port 0."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.processes import started


@dataclass(frozen=True, slots=True)
class Server:
    """A running server.

    Attributes:
        http_port: The HTTP port.
        grpc_port: The gRPC port; that of HTTP if there is one port for everything.
    """

    http_port: int
    grpc_port: int


@contextmanager
def triptych(*flags: str) -> Iterator[Server]:
    """Run `triptych serve` with these flags until the end of the block.

    Raises:
        StartError: It did not start.
    """
    program = Path(sys.executable).with_name("triptych")
    command: list[str | Path] = [program, "serve", "--http-port=0", "--grpc-port=0", *flags]
    with tempfile.TemporaryDirectory() as folder, started(command, Path(folder) / "log") as server:
        ports = [int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", server.line)]
        yield Server(ports[0], ports[-1])
