"""Runs gRPC's interop tests against the server, in clear and with TLS, with two clients."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import grpc

from conformance.grpc_interop import go_client
from conformance.grpc_interop.client import CaseFailedError, Client
from conformance.grpc_interop.grpcio_client import CASES
from conformance.score import Score
from conformance.servers import triptych
from conformance.tools import tool
from tools.certificates import make_certificates

_CASE_SECONDS: Final = 60
_PORTS: Final = {"gRPC port": (), "one port": ("--one-port",)}


def run() -> Iterator[Score]:
    """Run all cases over each port with both clients; why a case fails goes to stderr.

    Raises:
        StartError: The server did not start.
        subprocess.CalledProcessError: The client of grpc-go cannot be built.
    """
    program = tool("grpc-interop-client")
    for port, flags in _PORTS.items():
        go: dict[str, str] = {}
        grpcio: dict[str, str] = {}
        with tempfile.TemporaryDirectory() as folder:
            files = make_certificates(Path(folder))
            tls = (f"--tls-cert={files.cert}", f"--tls-key={files.key}")
            for prefix, more, ca in (("", (), None), ("tls/", tls, files.ca)):
                with triptych("--conformance", *flags, *more) as server:
                    go |= {prefix + case: text for case, text in _with_go(program, server.grpc_port, ca)}
                    credentials = grpc.ssl_channel_credentials(ca.read_bytes()) if ca else None
                    client = Client(f"127.0.0.1:{server.grpc_port}", credentials)
                    grpcio |= {prefix + case: text for case, text in asyncio.run(_with_grpcio(client))}
        yield _score("gRPC interop (grpc-go)", port, go, left_out=2 * len(go_client.LEFT_OUT))
        yield _score("gRPC interop (grpcio)", port, grpcio)


def _with_go(program: Path, port: int, ca: Path | None) -> Iterator[tuple[str, str]]:
    """Run the cases; give the name of each and what was wrong, empty if it passed."""
    for case in go_client.CASES:
        try:
            go_client.run_case(program, case, port, ca)
            yield case, ""
        except CaseFailedError as error:
            yield case, str(error)


async def _with_grpcio(client: Client) -> list[tuple[str, str]]:
    """Run the cases; return the name of each and what was wrong, empty if it passed."""
    results = []
    for name, case in CASES.items():
        text = ""
        try:
            async with asyncio.timeout(_CASE_SECONDS):
                await case(client)
        except (CaseFailedError, TimeoutError, grpc.aio.AioRpcError) as error:
            text = repr(error)
        results.append((name, text))
    return results


def _score(suite: str, port: str, results: dict[str, str], *, left_out: int = 0) -> Score:
    failures = {case: text for case, text in results.items() if text}
    for case, text in failures.items():
        print(f"{suite}, {port}: {case}: {text}", file=sys.stderr)
    return Score(
        suite=suite,
        side="server",
        transport=f"gRPC, {port}",
        http="2",
        passed=len(results) - len(failures),
        total=len(results) + left_out,
        failures=tuple(failures),
    )
