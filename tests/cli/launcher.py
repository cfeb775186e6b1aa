"""Starts `triptych` as processes that need not import it anew: they are forked from one that has.

Run as a program it listens on the path of a Unix socket. A connection brings the arguments, the variables and
the folder as JSON, with the three standard streams; it gets the id of the process in a line, and how it ended
in another.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

_MODULES: Final = (
    *(f"triptych_client.cli.{name}" for name in ("descriptors", "documents", "projects", "token", "users")),
    "triptych.cli.completion",
)
_MOST: Final = 1 << 20


class Launched:
    """A process that was started.

    Attributes:
        pid: Its id.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pid: int) -> None:
        self._reader, self._writer, self.pid = reader, writer, pid

    async def wait(self) -> int:
        """Wait for its end; return its exit code, or the negative number of the signal that ended it."""
        line = await self._reader.readline()
        self._writer.close()
        return int(line)


async def launch(
    path: Path,
    arguments: Sequence[str],
    variables: Mapping[str, str],
    streams: Sequence[int],
    cwd: Path | None = None,
) -> Launched:
    """Start `triptych`.

    Args:
        path: Where a launcher listens.
        arguments: What stands behind the name of the command.
        variables: The whole environment.
        streams: The descriptors of its standard streams.
        cwd: The folder that it runs in.
    """
    given = json.dumps({"arguments": [*arguments], "variables": {**variables}, "cwd": str(cwd or Path.cwd())})
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(path))
    socket.send_fds(connection, [given.encode()], streams)
    connection.shutdown(socket.SHUT_WR)
    reader, writer = await asyncio.open_unix_connection(sock=connection)
    return Launched(reader, writer, int(await reader.readline()))


def _serve(path: str) -> None:
    """Answer connections; return in a process that is to be `triptych`."""
    for module in ("triptych.cli", *_MODULES):
        import_module(module)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    listening.listen(64)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        connection, _ = listening.accept()
        if os.fork() == 0:
            listening.close()
            break
        connection.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    given, streams, _, _ = socket.recv_fds(connection, _MOST, 3)
    while piece := connection.recv(_MOST):
        given += piece
    pid = os.fork()
    if pid:
        with contextlib.suppress(OSError):  # the test may have gone
            connection.sendall(f"{pid}\n".encode())
            _, status = os.waitpid(pid, 0)
            connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
        os._exit(0)
    connection.close()
    _become(json.loads(given), streams)


def _become(given: Mapping[str, object], streams: Sequence[int]) -> None:
    """Take over the streams, the variables and the folder."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(given["variables"])  # type: ignore[call-overload] # as launch has it
    os.chdir(str(given["cwd"]))
    sys.argv = ["triptych", *given["arguments"]]  # type: ignore[misc] # as launch has it
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), encoding="utf-8")
    for name, number in (("stdout", 1), ("stderr", 2)):
        raw = io.FileIO(number, "w", closefd=False)
        lines = number == 2 or raw.isatty()
        stream = io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", line_buffering=lines)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


if __name__ == "__main__":
    _serve(sys.argv[1])
    sys.exit(import_module("triptych.cli").main())
