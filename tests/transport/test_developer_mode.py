"""Developer mode takes calls of this machine, and not of pages elsewhere whose browser runs on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import grpc
import httpx
import pytest

from support.apps import running_app
from support.http import new_http_client
from triptych.app.lifecycle import App

PUBLIC = "http://triptych.example.org:8080/base"
GET_USER = "/gitpod.v1.UserService/GetAuthenticatedUser"
REQUESTS = {
    "connect": ("POST", GET_USER, "application/json", b"{}"),
    "grpc-web": ("POST", GET_USER, "application/grpc-web+proto", bytes(5)),
    "rest": ("GET", "/v1beta/documents", "application/json", b""),
    "probe": ("GET", "/healthz", "text/plain", b""),
    "metrics": ("GET", "/metrics", "text/plain", b""),
    "health": ("POST", "/grpc.health.v1.Health/Check", "application/json", b"{}"),
}


@pytest.fixture(scope="module")
async def app() -> AsyncIterator[App]:
    async with running_app(dev=True, public_url=PUBLIC, cors_origin=("https://app.example.org",)) as app:
        yield app


async def answer(app: App, way: str, **headers: str | bytes) -> httpx.Response:
    verb, path, content_type, body = REQUESTS[way]
    async with new_http_client(base_url=f"http://127.0.0.1:{app.http_port}") as http:
        given = {"authorization": "Bearer any", "content-type": content_type, **headers}
        return await http.request(verb, path, content=body, headers=given)


def is_refused(response: httpx.Response) -> bool:
    if b"grpc-status: 7" in response.content:
        return True
    assert response.status_code in (200, 403)
    return response.status_code == 403


@pytest.mark.parametrize("way", REQUESTS)
@pytest.mark.parametrize(
    "host", ["attacker.example", "localhost.attacker.example:80", "10.0.0.1", "[::2]:1", ""]
)
async def test_other_hosts(app: App, way: str, host: str) -> None:
    response = await answer(app, way, host=host)
    assert is_refused(response)
    assert "not this machine" in response.text.replace("%27", "'")


@pytest.mark.parametrize("way", REQUESTS)
@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8080",
        "app.localhost",
        "127.0.0.1:1",
        "[::1]:2",
        "[::ffff:127.0.0.1]:2",
        "triptych.example.org",
    ],
)
async def test_own_hosts(app: App, way: str, host: str) -> None:
    assert not is_refused(await answer(app, way, host=host))


@pytest.mark.parametrize(
    ("url", "host", "status"),
    [
        ("http://attacker.example/healthz", "localhost", 403),
        ("HTTP://Attacker.Example:80/healthz", "127.0.0.1", 403),
        ("http://localhost@attacker.example/healthz", "localhost", 400),
        ("http://localhost:80/healthz", "attacker.example", 200),
        ("http://[::1]:80/healthz", "attacker.example", 200),
    ],
)
async def test_the_host_of_an_absolute_target_counts(app: App, url: str, host: str, status: int) -> None:
    # RFC 9112, section 3.2.2: the host header is ignored then.
    reader, writer = await asyncio.open_connection("127.0.0.1", app.http_port)
    writer.write(f"GET {url} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert int((await reader.read()).split(b" ")[1]) == status
    writer.close()


@pytest.mark.parametrize("way", REQUESTS)
@pytest.mark.parametrize(
    "origin",
    [
        "http://user@localhost",
        "http://localhost/path",
        "http://localhost:3000, http://attacker.example",
        "http://localhost http://attacker.example",
        "http://attacker.example",
        "http://triptych.example.org:9000",
        "null",
        "http://[",
        "http://localhost.attacker.example",
        "x",
        "",
    ],
)
async def test_other_origins(app: App, way: str, origin: str) -> None:
    response = await answer(app, way, origin=origin)
    assert is_refused(response)
    assert "may not call" in response.text


@pytest.mark.parametrize("way", REQUESTS)
@pytest.mark.parametrize(
    "origin",
    ["http://localhost:5173", "http://[::1]", "http://triptych.example.org:8080", "https://app.example.org"],
)
async def test_own_origins(app: App, way: str, origin: str) -> None:
    assert not is_refused(await answer(app, way, origin=origin))


async def test_grpc_from_other_origins(app: App) -> None:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc_port}") as channel:
        call = channel.unary_unary(GET_USER)
        await call(b"", metadata=(("authorization", "Bearer any"),))
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call(b"", metadata=(("authorization", "Bearer any"), ("origin", "http://attacker.example")))
        assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize("origin", [b"http://[", b"http://[::1", b"http://a]b", b"\xff"])
@pytest.mark.parametrize("settings", [{"dev": True}, {"cors_origin": ("https://app.example.org",)}, {}])
async def test_origin_that_is_no_url(settings: dict[str, object], origin: bytes) -> None:
    async with running_app(**settings) as app:  # type: ignore[arg-type]
        assert (await answer(app, "rest", origin=origin)).status_code != 500
        async with new_http_client(base_url=f"http://127.0.0.1:{app.http_port}") as http:
            asked = [(b"origin", origin), (b"access-control-request-method", b"POST")]
            assert (await http.options(GET_USER, headers=asked)).status_code < 500
