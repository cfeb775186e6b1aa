"""Calls through real proxies that keep their connections to the server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final, Literal

import httpx

from interop.proxies import envoy, haproxy, nginx
from triptych_client import Client

_CALLS: Final = 25
_TOKEN: Final = "triptych-admin-token"
_REFLECTION: Final = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"


def run_proxies(http: str, grpc: str) -> dict[str, Counter[str]]:
    """Make calls, and return how many came to a good end, by proxy and protocol; none without the proxy.

    Args:
        http: The address of the HTTP port, as `127.0.0.1:8080`.
        grpc: That of the gRPC port.
    """
    results: dict[str, Counter[str]] = {}
    for name, run in (("nginx", nginx), ("HAProxy", haproxy), ("Envoy", envoy)):
        with run(http, grpc) as ports:
            if ports is None:
                results[name] = Counter()
                continue
            results[f"{name}: gRPC"] = _client_calls(ports.grpc_port, "grpc")
            results[f"{name}: gRPC-Web"] = _client_calls(ports.http_port, "grpc-web")
            results[f"{name}: Connect"] = _client_calls(ports.http_port, "connect")
            results[f"{name}: REST"] = _rest_calls(ports.http_port)
            results[f"{name}: stream"] = _streams(ports.http_port)
    with nginx(http, grpc, http_1_0=True) as ports:
        if ports is not None:
            results["nginx: gRPC-Web, HTTP/1.0"] = _client_calls(ports.http_port, "grpc-web")
            results["nginx: stream, HTTP/1.0"] = _streams(ports.http_port)
            results["nginx: REST, HTTP/1.0"] = _rest_calls(ports.http_port)
    return results


def _client_calls(port: int, protocol: Literal["grpc", "grpc-web", "connect"]) -> Counter[str]:
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
            print(f"through a proxy: {error}")
    return counted
