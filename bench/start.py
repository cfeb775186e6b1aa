"""How soon Triptych answers, and what memory it takes before anything was asked of it."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import uvloop

from bench.cores import Cores
from bench.lineup import TRIPTYCH
from bench.load.http1 import Http1Request
from bench.load.measure import ask
from bench.processes import Port, running

_STARTS = 3
_MODES: dict[str, tuple[list[str], tuple[Port, ...]]] = {
    "triptych serve": ([], ("http", "grpc")),
    "triptych serve --one-port": (["--one-port"], ("http",)),
}
_HEALTH = Http1Request(
    "POST /grpc.health.v1.Health/Check", {"content-type": "application/json"}, b"{}", mark=b"SERVING"
)


@dataclass(frozen=True)
class Start:
    """Medians of some starts.

    Attributes:
        command: What was started.
        seconds: From the start of the process to the first answer.
        memory_mib: Resident memory after it.
    """

    command: str
    seconds: float
    memory_mib: float


def measure_starts(cores: Cores) -> list[Start]:
    """Start each mode a few times, on the core of the servers."""
    result = []
    for name, (options, ports) in _MODES.items():
        if "--one-port" in options and not find_spec("pyvoy"):
            continue
        seconds, memory = [], []
        # The first one warms the caches of the system.
        for _ in range(_STARTS + 1):
            with tempfile.TemporaryDirectory(prefix="triptych-bench-") as folder:
                command = [TRIPTYCH, "serve", "--http-port", "0", "--grpc-port", "0", *options]
                began = time.perf_counter()
                with running("triptych", command, ports, Path(folder), cores) as server:
                    uvloop.run(ask(_HEALTH, server.port("http")))
                    seconds.append(time.perf_counter() - began)
                    memory.append(server.memory_mib())
        result.append(Start(name, median(seconds[1:]), median(memory[1:])))
    return result
