"""The server under test, as a process of its own: started on port 0, ended by its id."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_START_SECONDS = 30
_STOP_SECONDS = 15


class StartError(Exception):
    """The server did not start; the text is what it wrote."""


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
    command = [program, "serve", "--http-port=0", "--grpc-port=0", *flags]
    env = {key: value for key, value in os.environ.items() if not key.startswith("TRIPTYCH_")}
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=env, text=True)
        with process:
            try:
                assert process.stdout is not None
                ready, _, _ = select.select([process.stdout], [], [], _START_SECONDS)
                line = process.stdout.readline() if ready else ""
                ports = [int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", line)]
                if not ports:
                    log.seek(0)
                    raise StartError(f"triptych serve did not start: {line}{log.read()[-2000:]}")
                yield Server(ports[0], ports[-1])
            finally:
                process.terminate()
                try:
                    process.wait(_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
