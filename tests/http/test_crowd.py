"""A thousand connections at once, some slow, some that leave: the others are served, and nothing stays."""

from __future__ import annotations

import asyncio
import gc
import resource
from contextlib import AsyncExitStack

from raw import CHUNKED, SECONDS, Wire, echo, message, wire

from conftest import Server
from triptych.rpc.call import Call

CROWD = 1024
SLOW = 64
LARGE = "x" * 200_000
ROUNDS = 5


async def ask(client: Wire, number: int) -> None:
    for round in range(ROUNDS):
        client.send(echo(f"{number} {round}"))
        assert (await client.response()).json == f"{number} {round}"


def allow_descriptors() -> None:
    """Have the system allow what this process needs: client and server share it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 3 * CROWD
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard < 0 else min(wanted, hard), hard))


def calls_alive() -> int:
    gc.collect()
    return sum(isinstance(each, Call) for each in gc.get_objects())


async def test_a_crowd_is_served_and_leaves_nothing(server: Server) -> None:
    allow_descriptors()
    before, connections = calls_alive(), server.app.http.connections
    async with AsyncExitStack() as stack:
        crowd = [await stack.enter_async_context(wire(server)) for _ in range(CROWD)]
        readers, senders, leavers, others = (
            crowd[:SLOW],
            crowd[SLOW : 2 * SLOW],
            crowd[2 * SLOW : 2 * SLOW + CROWD // 100],
            crowd[2 * SLOW + CROWD // 100 :],
        )
        for client in readers:  # answers larger than the socket takes, which they do not read yet
            client.send(echo(LARGE) * 3)
        for client in senders:
            client.send(message(CHUNKED, b'3\r\n"a'))
        for client in leavers:
            client.send(echo("sleep"))
        await asyncio.gather(*(ask(client, number) for number, client in enumerate(others)))
        for client in leavers:
            await client.close()
        for client in senders:
            client.send(b'"\r\n0\r\n\r\n')
        for client in (*readers, *senders):
            assert len((await client.response()).json) in {1, len(LARGE)}
    async with asyncio.timeout(SECONDS):
        while server.app.http.connections > connections:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0)
    assert calls_alive() <= before + 1  # that of the test's own fixtures may be on its way
