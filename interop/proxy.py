"""Calls through a real nginx that keeps its connections to the server."""

from __future__ import annotations

import re
import socket
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, Literal

import httpx

from tools.toolchains import nginx
from triptych_client import Client

_CONFIGURATION: Final = Path(__file__).parent / "nginx.conf"
_CALLS: Final = 25
_TOKEN: Final = "triptych-admin-token"
_SECONDS: Final = 20
_REFLECTION: Final = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"


def run_nginx(http: str, grpc: str) -> dict[str, Counter[str]]:
    """Make calls, and return how many came to a good end, by protocol; none if there is no nginx.

    Args:
        http: The address of the HTTP port, as `127.0.0.1:8080`.
        grpc: That of the gRPC port.
    """
    program = nginx()
    if program is None:
        return {"nginx": Counter()}
    with _proxy(program, http, grpc) as ports:
        return {
            "nginx: gRPC": _client_calls(ports["grpc_port"], "grpc"),
            "nginx: gRPC-Web": _client_calls(ports["http_1_1_port"], "grpc-web"),
            "nginx: gRPC-Web, HTTP/1.0": _client_calls(ports["http_1_0_port"], "grpc-web"),
            "nginx: stream, HTTP/1.0": _streams(ports["http_1_0_port"]),
            "nginx: REST": _rest_calls(ports["http_1_1_port"]),
            "nginx: REST, HTTP/1.0": _rest_calls(ports["http_1_0_port"]),
        }


def _client_calls(port: int, protocol: Literal["grpc", "grpc-web"]) -> Counter[str]:
    with Client(f"http://127.0.0.1:{port}", token=_TOKEN, protocol=protocol, retries=None) as client:
        return _counted(lambda: client.users.get_authenticated_user().user is not None)


def _rest_calls(port: int) -> Counter[str]:
    headers = {"authorization": f"Bearer {_TOKEN}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False) as client:
        return _counted(lambda: bool(client.get("/v1beta/documents").raise_for_status().json()["items"]))


def _streams(port: int) -> Counter[str]:
    headers = {"content-type": "application/grpc-web"}
    body = b"\0\0\0\0\2\x3a\0"  # list_services
    end = b"grpc-status: 0\r\n"
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        return _counted(lambda: client.post(_REFLECTION, content=body, headers=headers).content.endswith(end))


def _counted(call: Callable[[], bool]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for _ in range(_CALLS):
        try:
            counted["pass" if call() else "fail"] += 1
        except Exception as error:
            counted["fail"] += 1
            print(f"through nginx: {error}")
    return counted


@contextmanager
def _proxy(program: Path, http: str, grpc: str) -> Iterator[dict[str, int]]:
    """Run nginx; return its ports."""
    with tempfile.TemporaryDirectory() as folder:
        ports = dict(zip(("grpc_port", "http_1_1_port", "http_1_0_port"), _free_ports(3), strict=True))
        words = {"folder": folder, "http": http, "grpc": grpc, **ports}
        file = Path(folder) / "nginx.conf"
        text = re.sub(r"\$\((\w+)\)", lambda match: str(words[match[1]]), _CONFIGURATION.read_text())
        file.write_text(text)
        process = subprocess.Popen([program, "-p", folder, "-c", file])
        try:
            for port in ports.values():
                _await_port(process, port)
            yield ports
        finally:
            process.terminate()
            process.wait(_SECONDS)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _await_port(process: subprocess.Popen[bytes], port: int) -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            continue
        return
    raise RuntimeError(f"nginx ended with {process.returncode}")
