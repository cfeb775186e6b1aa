"""The servers, as processes of their own: started on port 0, ended by their id."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.cores import Cores
from bench.errors import BenchError
from tools.processes import clean_environment, started

Port = Literal["http", "grpc"]

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        name: What it is called in the report.
        pid: Its process.
        ports: Where it listens.
        log: What it wrote to stderr.
    """

    name: str
    pid: int
    ports: dict[Port, int]
    log: Path

    def cpu_seconds(self) -> float:
        """Return the time that it has used, of all its threads."""
        fields = _after_name(Path(f"/proc/{self.pid}/stat"))
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def thread_seconds(self) -> dict[int, float]:
        """Return the time of each thread; the first one is that of the event loop."""
        ticks = os.sysconf("SC_CLK_TCK")
        threads = {int(task.name): _after_name(task / "stat") for task in self._tasks()}
        return {number: (int(fields[11]) + int(fields[12])) / ticks for number, fields in threads.items()}

    def log_lines(self) -> int:
        """Return how many lines the log has."""
        with self.log.open("rb") as file:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))

    def empty_log(self) -> None:
        """Empty the log: there are a million lines in a run."""
        os.truncate(self.log, 0)

    def _tasks(self) -> list[Path]:
        return list(Path(f"/proc/{self.pid}/task").iterdir())


@contextmanager
def running(
    name: str, command: Sequence[str], ports: Sequence[Port], folder: Path, path: str, cores: Cores
) -> Iterator[Server]:
    """Run a server until the end of the block.

    Args:
        name: What to call it.
        command: What to run. The first line that it prints names its addresses, in the order of `ports`.
        ports: What it listens for.
        folder: Where its log goes.
        path: Its PYTHONPATH.
        cores: Where it runs.
    """
    log = folder / f"{name}.log"
    env = {**clean_environment(), "PYTHONPATH": path}
    with ExitStack() as stack:
        with cores.for_starting_servers():
            server = stack.enter_context(started(command, log, env))
        numbers = [int(port) for port in re.findall(rf"{re.escape(HOST)}:(\d+)", server.line)]
        if len(numbers) != len(ports):
            raise BenchError(f"{name} did not start: {server.line}{log.read_text()[-2000:]}")
        yield Server(name, server.process.pid, dict(zip(ports, numbers, strict=True)), log)


def _after_name(stat: Path) -> list[str]:
    """Return the fields of a stat file of /proc from the third on: the second, a name, may hold blanks."""
    return stat.read_text().rpartition(")")[2].split()
