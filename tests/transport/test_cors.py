"""Browsers may call from an allowed origin, and only from there."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from support.http import new_http_client
from triptych.app.lifecycle import App
from triptych.config import Settings
from triptych.observability import logs

ORIGIN = "https://app.example.org"
PATHS = ["/gitpod.v1.UserService/GetAuthenticatedUser", "/v1beta/documents", "/nothing"]
Start = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Return a starter of servers, each with a client of it."""
    apps: list[App] = []
    clients: list[httpx.AsyncClient] = []

    async def starter(**settings: object) -> httpx.AsyncClient:
        merged = Settings(**{"http_port": 0, "grpc_port": 0, "token": "secret", **settings})  # type: ignore[arg-type]
        app = App(merged, logs.CallLogger(io.StringIO(), text=False, level=100))
        await app.start()
        apps.append(app)
        clients.append(new_http_client(base_url=f"http://127.0.0.1:{app.http.port}"))
        return clients[-1]

    yield starter
    for client in clients:
        await client.aclose()
    for app in apps:
        await app.stop()


def preflight(origin: str) -> dict[str, str]:
    return {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-grpc-web",
    }


@pytest.mark.parametrize("path", PATHS)
async def test_a_preflight_from_an_allowed_origin(start: Start, path: str) -> None:
    http = await start(cors_origin=(ORIGIN,))
    response = await http.options(path, headers=preflight(ORIGIN))
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert "PATCH" in response.headers["access-control-allow-methods"]
    assert response.headers["access-control-allow-headers"] == "authorization,content-type,x-grpc-web"
    assert response.headers["vary"] == "origin"
    assert response.headers["x-request-id"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("token", ["secret", "wrong"])
async def test_every_answer_may_be_read_by_an_allowed_origin(start: Start, path: str, token: str) -> None:
    http = await start(cors_origin=(ORIGIN,))
    headers = {"origin": ORIGIN, "authorization": f"Bearer {token}"}
    response = await http.post(path, json={}, headers=headers)
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert "grpc-status" in response.headers["access-control-expose-headers"]
    assert "x-request-id" in response.headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    ("settings", "origin"),
    [
        ({}, ORIGIN),
        ({}, "http://localhost:3000"),
        ({"cors_origin": (ORIGIN,)}, "https://evil.example.org"),
        ({"cors_origin": (ORIGIN,)}, "https://app.example.org.evil.example"),
        ({"cors_origin": (ORIGIN,)}, "http://app.example.org"),
        ({"cors_origin": (ORIGIN,)}, "null"),
        ({"dev": True}, ORIGIN),
        ({"dev": True}, "https://localhost.example.org"),
    ],
)
async def test_other_origins_get_no_leave(start: Start, settings: dict[str, object], origin: str) -> None:
    http = await start(**settings)
    for response in (
        await http.options(PATHS[0], headers=preflight(origin)),
        await http.post(PATHS[0], json={}, headers={"origin": origin, "authorization": "Bearer secret"}),
    ):
        assert "access-control-allow-origin" not in response.headers
        assert "access-control-allow-methods" not in response.headers


@pytest.mark.parametrize("origin", ["http://localhost:5173", "http://127.0.0.1:3000", "http://[::1]:80"])
async def test_developer_mode_allows_pages_of_this_machine(start: Start, origin: str) -> None:
    http = await start(dev=True)
    response = await http.options(PATHS[0], headers=preflight(origin))
    assert response.headers["access-control-allow-origin"] == origin


async def test_all_origins_may_be_allowed(start: Start) -> None:
    http = await start(cors_origin=("*",))
    response = await http.options(PATHS[0], headers=preflight(ORIGIN))
    assert response.headers["access-control-allow-origin"] == ORIGIN
