"""The server that is attacked: a process of its own, and what it costs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

TOKEN = "attacked-server-token"
_START_SECONDS = 30


@dataclass(frozen=True)
class Target:
    """A server that runs.

    Attributes:
        pid: Its process.
        http: Its HTTP port, on loopback.
        grpc: Its gRPC port, on loopback.
    """

    pid: int
    http: int
    grpc: int

    def cpu_seconds(self) -> float:
        """Return what it has used of the processor so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Return the bytes of memory that it holds."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def answers(self) -> str:
        """Tell how it answers somebody else: the statuses of a probe and of a call."""
        with httpx.Client(base_url=f"http://127.0.0.1:{self.http}", trust_env=False, timeout=20) as http:
            probe = http.get("/readyz").status_code
            headers = {"authorization": f"Bearer {TOKEN}"}
            call = http.post("/gitpod.v1.UserService/GetAuthenticatedUser", json={}, headers=headers)
        return f"{probe} {call.status_code}"


@contextmanager
def target(*flags: str) -> Generator[Target]:
    """Run a server with more flags than those for its ports."""
    http, grpc = _free_port(), _free_port()
    command = [
        str(Path(sys.executable).with_name("triptych")),
        "serve",
        "--http-port",
        str(http),
        "--grpc-port",
        str(grpc),
    ]
    command += ["--token", TOKEN, "--log-level", "error", "--shutdown-grace", "1", *flags]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait(process, http)
        yield Target(process.pid, http, grpc)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError("the server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
