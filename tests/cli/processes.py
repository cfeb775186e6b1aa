"""`triptych` as a process of its own, in a pipe or on a terminal."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import termios
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from cli.launcher import Launched, launch
from support.world import World
from tools.processes import clean_environment

TRIPTYCH = str(Path(sys.executable).parent / "triptych")
CLEAN = {name: value for name, value in clean_environment().items() if name != "COLUMNS"}
ANY_PORT = ("--http-port", "0", "--grpc-port", "0")
SECONDS = 60
COLUMNS = 110
_LAUNCHERS: list[Path] = []


class Ran(NamedTuple):
    """A process that has ended; on a terminal, `out` has all that was shown."""

    code: int
    out: str
    err: str = ""


@dataclass(frozen=True)
class Served:
    """A server process that listens."""

    process: asyncio.subprocess.Process
    banner: str

    @property
    def url(self) -> str:
        """The base URL of the HTTP port."""
        return re.findall(r"https?://[0-9.]+:[0-9]+", self.banner)[0]


async def run(*arguments: str, stdin: str | None = None, **variables: str) -> Ran:
    """Run a command to its end, in pipes."""
    (in_read, in_write), (out_read, out_write), (err_read, err_write) = (os.pipe() for _ in range(3))
    started = await launch(launcher(), arguments, CLEAN | variables, (in_read, out_write, err_write))
    for descriptor in (in_read, out_write, err_write):
        os.close(descriptor)
    out, err, _ = await asyncio.wait_for(
        asyncio.gather(
            asyncio.to_thread(_read_all, out_read),
            asyncio.to_thread(_read_all, err_read),
            asyncio.to_thread(_write_all, in_write, (stdin or "").encode()),
        ),
        SECONDS,
    )
    code = await asyncio.wait_for(started.wait(), SECONDS)
    return Ran(code, out.decode(), err.decode())


async def run_on_terminal(
    *command: str, typed: str = "", columns: int = COLUMNS, cwd: Path | None = None, **variables: str
) -> Ran:
    """Run a program to its end on a terminal, where the keys are typed ahead."""
    master, slave = os.openpty()
    termios.tcsetwinsize(slave, (50, columns))
    environment = CLEAN | variables
    process: Launched | asyncio.subprocess.Process
    if command[0] == TRIPTYCH:
        process = await launch(launcher(), command[1:], environment, (slave, slave, slave), cwd)
    else:
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdin=slave, stdout=slave, stderr=slave, cwd=cwd
        )
    os.close(slave)
    os.write(master, typed.encode())
    shown = await asyncio.wait_for(asyncio.to_thread(_read_all, master), SECONDS)
    code = await asyncio.wait_for(process.wait(), SECONDS)
    return Ran(code, shown.decode().replace("\r\n", "\n"))


def launcher() -> Path:
    """Return where the launcher of this process listens, started if it is not yet."""
    if not _LAUNCHERS:
        path = Path(tempfile.mkdtemp()) / "launcher"
        process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("launcher.py"), path], env=CLEAN, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        atexit.register(_end, process, path)
        _LAUNCHERS.append(path)
    return _LAUNCHERS[0]


def _end(process: subprocess.Popen[bytes], path: Path) -> None:
    process.kill()
    process.wait()
    shutil.rmtree(path.parent)


def _write_all(descriptor: int, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), os.fdopen(descriptor, "wb") as stream:
        stream.write(data)


def _read_all(descriptor: int) -> bytes:
    shown = b""
    with contextlib.suppress(OSError):  # Linux says so when the last program has closed the terminal
        while piece := os.read(descriptor, 1 << 16):
            shown += piece
    os.close(descriptor)
    return shown


@dataclass(frozen=True)
class Cli:
    """Runs commands as a user of an organization that no other test sees."""

    url: str
    secret: str
    world: World
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that commands run with."""
        return {"TRIPTYCH_SERVER": self.url, "TRIPTYCH_TOKEN": self.secret} | self.variables

    async def __call__(self, *arguments: str, stdin: str | None = None) -> Ran:
        """Run a command in pipes."""
        return await run(*arguments, stdin=stdin, **self.environment)

    async def ok(self, *arguments: str, stdin: str | None = None) -> str:
        """Run a command that must succeed; return what it printed."""
        ran = await self(*arguments, stdin=stdin)
        assert (ran.code, ran.err) == (0, "")
        return ran.out

    async def on_terminal(self, *arguments: str, typed: str = "", columns: int = COLUMNS) -> Ran:
        """Run a command on a terminal."""
        return await run_on_terminal(TRIPTYCH, *arguments, typed=typed, columns=columns, **self.environment)
