"""Load from wrk (HTTP/1.1) and h2load (HTTP/2), which take less of a core than what they measure."""

from __future__ import annotations

import json
import math
import os
import re
import resource
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.errors import BenchError, TooSlowError
from bench.load.http1 import Http1Request
from bench.load.http2 import GrpcRequest, framed
from bench.load.measure import Throughput
from bench.load.recorder import Answer
from bench.processes import HOST, Port, Server

_PACKAGES = {"wrk": "wrk", "h2load": "nghttp2-client"}
_INSTALL_SECONDS = 120
_EXTRA_SECONDS = 30
# An answer that is an error is much shorter; a few are cut off by the end.
_LEAST_BYTES = 0.95
_SOON_OPEN = 16
_DONE = """
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('{"requests": %d, "us": %d, "bytes": %d, "failed": %d}\\n',
    summary.requests, summary.duration, summary.bytes,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


@cache
def program(name: str) -> str | None:
    """Return the path of wrk or h2load; installed where we are root and there is apt-get; None without."""
    if not shutil.which(name) and shutil.which("apt-get") and os.geteuid() == 0:
        command = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", _PACKAGES[name]]
        print(" ".join(command))
        subprocess.run(
            command,
            check=False,
            timeout=_INSTALL_SECONDS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
    return shutil.which(name)


def wrk(
    path: str,
    request: Http1Request,
    server: Server,
    kind: Port,
    seconds: float,
    connections: int,
    good: Answer,
) -> Throughput:
    """Have wrk make a call over and over, for whole seconds.

    Raises:
        BenchError: A call failed, or answers are shorter than the good one.
        TooSlowError: There was no answer.
    """
    verb, _, target = request.line.partition(" ")
    script = [f"wrk.method = {_lua(verb.encode())}"]
    script += [f"wrk.headers[{_lua(n.encode())}] = {_lua(v.encode())}" for n, v in request.headers.items()]
    script += [f"wrk.body = {_lua(request.body)}"] if request.body is not None else []
    with tempfile.TemporaryDirectory(prefix="triptych-bench-") as folder:
        file = Path(folder) / "calls.lua"
        file.write_text("\n".join([*script, _DONE]))
        whole = math.ceil(seconds)
        command = [
            path,
            "-t1",
            f"-c{connections}",
            f"-d{whole}s",
            "-s",
            str(file),
            _url(server, kind, target),
        ]
        run = _run(command, server, whole)
    line = next(line for line in run.output.splitlines() if line.startswith('{"requests"'))
    told = json.loads(line)
    _check(run.output, told["requests"], told["failed"], told["bytes"], good.wire_bytes)
    return run.throughput(told["requests"], told["requests"] / told["us"] * 1e6)


def h2load(
    path: str,
    request: GrpcRequest,
    server: Server,
    kind: Port,
    seconds: float,
    connections: int,
    good: Answer,
) -> Throughput:
    """Have h2load make a call over and over.

    Raises:
        BenchError: A call failed, or answers are shorter than the good one.
        TooSlowError: There was no answer.
    """
    headers = {"te": "trailers", "content-type": "application/grpc", **request.headers}
    with tempfile.TemporaryDirectory(prefix="triptych-bench-") as folder:
        file = Path(folder) / "message"
        file.write_bytes(framed(request.message))
        command = [path, "-t1", f"-c{connections}", "-m1", f"-D{seconds * 1000:.0f}ms", f"-d{file}"]
        command += [f"--warm-up-time={_warm_up(connections)}"]
        command += [f"-H{name}: {value}" for name, value in headers.items()]
        run = _run([*command, _url(server, kind, request.path)], server, seconds)
    rate = _number(r"finished in [^,]*, ([\d.]+) req/s", run.output)
    done = _number(r"(\d+) succeeded", run.output)
    failed = _number(r"(\d+) failed", run.output) + _number(r"(\d+) errored", run.output)
    _check(run.output, done, failed, _number(r"\((\d+)\) data", run.output), good.wire_bytes)
    return run.throughput(int(done), rate)


@dataclass(frozen=True)
class _Run:
    output: str
    server_seconds: float
    load_seconds: float
    elapsed: float

    def throughput(self, calls: int, rate: float) -> Throughput:
        us = self.server_seconds / calls * 1e6
        busy = self.server_seconds / self.elapsed, self.load_seconds / self.elapsed
        return Throughput(calls, rate, us, *busy)


def _run(command: list[str], server: Server, seconds: float) -> _Run:
    began, load, used = time.perf_counter(), _children_seconds(), server.cpu_seconds()
    timeout = seconds + _EXTRA_SECONDS
    done = subprocess.run(
        command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout
    )
    elapsed = time.perf_counter() - began
    used, load = server.cpu_seconds() - used, _children_seconds() - load
    if done.returncode:
        raise BenchError(f"{Path(command[0]).name} failed: {done.stdout[-2000:]}")
    return _Run(done.stdout, used, load, elapsed)


def _check(output: str, done: float, failed: float, size: float, least: int) -> None:
    if not done and not failed:
        raise TooSlowError(f"no answer:\n{output[-2000:]}")
    if failed or size < done * least * _LEAST_BYTES:
        raise BenchError(f"not all answers are good, as long as {least} bytes:\n{output[-2000:]}")


def _children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _number(pattern: str, output: str) -> float:
    found = re.search(pattern, output)
    if found is None:
        raise BenchError(f"h2load does not tell {pattern}: {output[-2000:]}")
    return float(found[1])


def _warm_up(connections: int) -> str:
    """Return how long h2load may take to open its connections: all at once, they take a busy server long."""
    return "1s" if connections > _SOON_OPEN else "100ms"


def _url(server: Server, kind: Port, target: str) -> str:
    return f"http://{HOST}:{server.port(kind)}{target}"


def _lua(data: bytes) -> str:
    return '"' + "".join(f"\\{byte:03}" for byte in data) + '"'
