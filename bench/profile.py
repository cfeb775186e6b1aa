"""Tells where Triptych's time goes while it answers one kind of call."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import uvloop

from bench.cores import Cores
from bench.errors import BenchError
from bench.lineup import triptych_alone
from bench.load.measure import saturate
from bench.processes import Server

_WRITE_SECONDS = 10
_FUNCTIONS = 25
_LOOP = "event loop: native code of uvloop, sockets, httptools, cygrpc"
# The first that fits the file of a frame.
_GROUPS = [
    (re.compile(r"/uvloop/__init__|/bench/sampler|^<frozen runpy>|/asyncio/runners"), _LOOP),
    (re.compile(r"/server/triptych/(\w+)"), r"triptych \1"),
    (re.compile(r"/uvicorn/"), "uvicorn and httptools"),
    (re.compile(r"/grpc/"), "grpcio"),
    (re.compile(r"/connectrpc/"), "connectrpc"),
    (re.compile(r"/protobuf|/triptych_api/"), "protobuf"),
    (re.compile(r"/protovalidate|/cel"), "protovalidate"),
    (re.compile(r"/asyncio/|/contextlib.py"), "asyncio"),
]

Stacks = list[tuple[list[tuple[str, str]], int]]


def profile(name: str, seconds: float, connections: int, cores: Cores) -> str:
    """Run Triptych under the sampler, measure a workload, and return the tables.

    Raises:
        BenchError: There is no such workload, or it went wrong.
    """
    with tempfile.TemporaryDirectory(prefix="triptych-bench-") as folder:
        stacks = Path(folder) / "stacks.json"
        start = [sys.executable, "-m", "bench.sampler", str(stacks)]
        with triptych_alone(start, Path(folder), cores) as lineup:
            found = [workload for workload in lineup.workloads if workload.name == name]
            if not found or "triptych" not in found[0].servers:
                names = [workload.name for workload in lineup.workloads if "triptych" in workload.servers]
                raise BenchError(f"no workload {name}, but {', '.join(names)}")
            server, workload = lineup.servers["triptych"], found[0]
            threads = _Threads(server)

            def begin() -> None:
                os.kill(server.pid, signal.SIGUSR1)
                threads.begin()

            def end() -> None:
                os.kill(server.pid, signal.SIGUSR2)
                threads.end()

            lineup.answers.check(workload, server)
            around = (begin, end)
            work = saturate(workload.request, server, workload.port, seconds, connections, around)
            throughput = uvloop.run(work)
            deadline = time.monotonic() + _WRITE_SECONDS
            while not stacks.exists() and time.monotonic() < deadline:
                time.sleep(0.05)
            rate = f"{name}: {throughput.calls_per_second:,.0f} calls/s under the profile"
            return "\n".join([rate, threads.told(), "", *_tables(json.loads(stacks.read_text()))])


class _Threads:
    """What the threads of a server take: the sampler sees the event loop's only."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._used: Counter[int] = Counter()

    def begin(self) -> None:
        self._used = Counter(self._server.thread_seconds())

    def end(self) -> None:
        self._used = Counter(self._server.thread_seconds()) - self._used

    def told(self) -> str:
        total, loop = sum(self._used.values()) or 1.0, self._used[self._server.pid]
        return f"processor time: {loop / total:.0%} in the thread of the event loop, the rest in others"


def _tables(stacks: Stacks) -> list[str]:
    total = sum(count for _, count in stacks) or 1
    groups, within, functions = Counter[str](), Counter[str](), Counter[str]()
    for stack, count in stacks:
        callers = [group for file, _ in stack if (group := _group(file))]
        # What belongs to no group, the standard library mostly, counts for the one that called it.
        groups[callers[0] if callers else "other"] += count
        within.update(dict.fromkeys(callers, count))
        functions[f"{stack[0][1]:<48.48} {_short(stack[0][0])}"] += count
    lines = [f"{total} samples of the event loop", "", f"{'itself':>7} {'with all it calls':>18}"]
    lines += [f"{n / total:>7.1%} {within[name] / total:>18.1%}  {name}" for name, n in groups.most_common()]
    lines += ["", f"{'itself':>7}  function; the socket, the parser and protobuf count for what calls them"]
    return [*lines, *(f"{n / total:>7.1%}  {name}" for name, n in functions.most_common(_FUNCTIONS))]


def _group(file: str) -> str | None:
    for pattern, name in _GROUPS:
        if match := pattern.search(file):
            return match.expand(name)
    return None


def _short(file: str) -> str:
    return "/".join(Path(file).parts[-3:])
