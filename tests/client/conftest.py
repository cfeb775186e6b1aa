"""Clients of the running server: every protocol, in a coroutine and in a thread."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import grpc
import pytest

from client.clients import InThread
from conftest import Server
from support.world import World, new_world
from triptych.clock import SystemClock
from triptych.ids import RandomIds
from triptych_client import AsyncClient, Client

WAYS: dict[str, dict[str, Any]] = {
    "connect": {},
    "connect-json": {"json": True},
    "grpc-web": {"protocol": "grpc-web"},
    "grpc-web-json": {"protocol": "grpc-web", "json": True},
    "grpc": {"protocol": "grpc"},
}


@pytest.fixture
async def organization(server: Server) -> World:
    """Return an organization that no other test sees."""
    clock = SystemClock()
    return await new_world(server.store, clock, RandomIds(clock), None)  # type: ignore[arg-type]


@pytest.fixture
async def token(organization: World) -> str:
    """Return the token of the administrator."""
    return (await organization.token(organization.users["ada"]))[1]


@pytest.fixture(params=[*WAYS, "channel"])
def way(request: pytest.FixtureRequest) -> str:
    """Return a way to reach the server."""
    return str(request.param)


@pytest.fixture(params=["async", "sync"])
async def client(request: pytest.FixtureRequest, server: Server, way: str, token: str) -> AsyncIterator[Any]:
    """Return a client whose methods are awaited: of a thread or of asyncio, over every protocol."""
    async with AsyncExitStack() as stack:
        if request.param == "async":
            if way == "channel":
                channel = await stack.enter_async_context(grpc.aio.insecure_channel(server.grpc))
                yield await stack.enter_async_context(AsyncClient(token=token, channel=channel))
            else:
                yield await stack.enter_async_context(AsyncClient(url(server, way), token=token, **WAYS[way]))
        elif way == "channel":
            channel = stack.enter_context(grpc.insecure_channel(server.grpc))
            yield InThread(stack.enter_context(Client(token=token, channel=channel)))
        else:
            yield InThread(stack.enter_context(Client(url(server, way), token=token, **WAYS[way])))


def url(server: Server, way: str) -> str:
    """Return where the server speaks a protocol."""
    return f"http://{server.grpc}" if way == "grpc" else server.http


@pytest.fixture(autouse=True)
def no_token_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the token of whoever runs the tests out of them."""
    monkeypatch.delenv("TRIPTYCH_TOKEN", raising=False)
