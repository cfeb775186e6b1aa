"""A server process, and commands that call the server of the tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from connectrpc.protocol import ProtocolType

from cli.processes import ANY_PORT, CLEAN, SECONDS, TRIPTYCH, Cli, Served
from conftest import Server
from support.api import ConnectTransport
from support.world import new_world
from triptych.clock import SystemClock
from triptych.ids import RandomIds

_FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have `make process-test` run all tests of this folder."""
    for item in items:
        if item.path.is_relative_to(_FOLDER):
            item.add_marker(pytest.mark.process)


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[Served]]]:
    """Return a starter of servers; they are ended at the end."""
    started: list[asyncio.subprocess.Process] = []

    async def starter(*arguments: str, **variables: str) -> Served:
        process = await asyncio.create_subprocess_exec(
            TRIPTYCH,
            "serve",
            *ANY_PORT,
            *arguments,
            env=CLEAN | variables,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        started.append(process)
        assert process.stdout is not None
        banner = ""
        while "grpcweb" not in banner:
            line = await asyncio.wait_for(process.stdout.readline(), SECONDS)
            assert line, banner
            banner += line.decode()
        return Served(process, banner)

    yield starter
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.fixture
async def cli(server: Server) -> Cli:
    """Return a runner of commands, as the administrator of an organization of their own."""
    clock = SystemClock()
    transport = ConnectTransport(server.http, ProtocolType.CONNECT, "proto")
    world = await new_world(server.store, clock, RandomIds(clock), transport)
    _, secret = await world.token(world.users["ada"])
    return Cli(server.http, secret, world)
