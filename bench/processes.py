"""The servers, as processes of their own: started on port 0, ended by their id."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from bench.cores import Cores
from bench.errors import BenchError
from tools.processes import clean_environment, started

Port = Literal["http", "grpc"]

HOST = "127.0.0.1"
_ROOT = Path(__file__).parents[1]
_PATH = os.pathsep.join(str(_ROOT / folder) for folder in ("", "server", "gen/python"))


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

    def port(self, kind: Port) -> int:
        """Return the port for HTTP or gRPC; the only one, if there is one."""
        return self.ports.get(kind) or next(iter(self.ports.values()))

    def cpu_seconds(self) -> float:
        """Return the time that it has used, with all its threads and processes."""
        ticks = 0
        for pid in self._processes():
            fields = _after_name(Path(f"/proc/{pid}/stat"))
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_mib(self) -> float:
        """Return the resident memory of its processes, in MiB."""
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self._processes())
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

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

    def _processes(self) -> list[int]:
        found = [self.pid]
        for pid in found:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                found.extend(map(int, children.read_text().split()))
        return found

    def _tasks(self) -> list[Path]:
        return list(Path(f"/proc/{self.pid}/task").iterdir())


@contextmanager
def running(
    name: str,
    command: Sequence[str],
    ports: Sequence[Port],
    folder: Path,
    cores: Cores,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Server]:
    """Run a server until the end of the block.

    Args:
        name: What to call it.
        command: What to run. The first line that it prints names its addresses, in the order of `ports`.
        ports: What it listens for.
        folder: Where its log goes.
        cores: Where it runs.
        variables: What its environment has beside ours.
    """
    log = folder / f"{name}.log"
    env = {**clean_environment(), "PYTHONPATH": _PATH, **variables}
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
