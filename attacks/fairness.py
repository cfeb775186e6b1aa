"""How much longer somebody's calls take while another client keeps connections of the HTTP port busy."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import grpc

from attacks.server import TOKEN, Target

BUSY = ((24, 1), (24, 16), (1, 1000))
"""Connections, and the requests that each has on its way at a time."""

_OWN = "/gitpod.v1.UserService/GetAuthenticatedUser"
_CALLS = 100


def row(target: Target, connections: int, pipelined: int) -> tuple[float, float]:
    """Return the milliseconds that the median call takes on the gRPC port: alone, and beside them."""
    alone = _median(target)
    command = [sys.executable, "-m", "attacks.busy", *map(str, (target.http, connections, pipelined))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None  # noqa: PT018 - they are pipes
        process.stdout.readline()
        beside = _median(target)
        process.stdin.close()
    return alone, beside


def _median(target: Target) -> float:
    with grpc.insecure_channel(f"127.0.0.1:{target.grpc}") as channel:
        call = channel.unary_unary(_OWN)
        took = []
        for _ in range(_CALLS):
            began = time.perf_counter()
            call(b"", metadata=(("authorization", f"Bearer {TOKEN}"),), timeout=20)
            took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000
