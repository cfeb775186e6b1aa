"""What many connections ask for at once is answered in turns, between which the loop does all else."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

import pytest
from protobuf import wkt

from support.apps import running_app
from triptych.rpc.methods import Method
from triptych.transport.http1 import turns

BUSY = 24
PATH = "/test.Rounds/Note"


class Rounds:
    """Counts the calls in each round of the event loop."""

    def __init__(self) -> None:
        self.calls: Counter[int] = Counter()
        self.number = 0
        self._loop = asyncio.get_running_loop()
        self._handle = self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        self.number += 1
        self._handle = self._loop.call_soon(self._go_on)

    async def note(self, request: wkt.StringValue, call: object) -> wkt.StringValue:
        self.calls[self.number] += 1
        return request

    def stop(self) -> None:
        self._handle.cancel()


@asynccontextmanager
async def rounds_and_port() -> AsyncIterator[tuple[Rounds, int]]:
    rounds = Rounds()
    method = Method(
        service="test.Rounds",
        name="Note",
        kind="unary",
        input=wkt.StringValue,
        output=wkt.StringValue,
        no_side_effects=True,
        needs_token=False,
        function=rounds.note,
    )
    async with running_app([method]) as app:
        yield rounds, app.http.port
        rounds.stop()


def request(text: str) -> bytes:
    body = f'"{text}"'
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


async def ask(port: int, texts: list[list[str]]) -> None:
    """Send all requests before the server can read one, and see that each is answered, in order."""
    loop = asyncio.get_running_loop()
    with ExitStack() as stack:
        connections = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in texts]
        for connection in connections:
            connection.setblocking(False)
            await loop.sock_sendall(connection, request("first"))
            assert b'"first"' in await loop.sock_recv(connection, 65536)
        for connection, each in zip(connections, texts, strict=True):
            connection.send(b"".join(map(request, each)))
        for connection, each in zip(connections, texts, strict=True):
            answers = b""
            while answers.count(b"HTTP/1.1 200") < len(each) or not answers.endswith(b'"'):
                data = await loop.sock_recv(connection, 65536)
                assert data
                answers += data
            assert [part.rpartition(b"\r\n\r\n")[2] for part in answers.split(b"HTTP/1.1 ")[1:]] == [
                f'"{text}"'.encode() for text in each
            ]


@pytest.mark.parametrize(("connections", "pipelined"), [(BUSY, 1), (BUSY, 8), (1, 200)])
async def test_connections_that_are_busy_leave_rounds_to_others(
    monkeypatch: pytest.MonkeyPatch, connections: int, pipelined: int
) -> None:
    monkeypatch.setattr(turns, "ROUND_SECONDS", 0.0)
    texts = [[f"{number}-{index}" for index in range(pipelined)] for number in range(connections)]
    async with rounds_and_port() as (rounds, port):
        rounds.calls.clear()
        async with asyncio.timeout(30):
            await ask(port, texts)
        assert rounds.calls.total() == connections * (pipelined + 1)
        assert max(rounds.calls.values()) <= 2


async def test_what_waits_for_its_turn_is_answered_though_the_client_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "ROUND_SECONDS", 0.0)
    loop = asyncio.get_running_loop()
    async with rounds_and_port() as (_, port):
        with ExitStack() as stack:
            connections = [
                stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(BUSY)
            ]
            for connection in connections:
                connection.setblocking(False)
                await loop.sock_sendall(connection, request("first"))
                await loop.sock_recv(connection, 65536)
            for connection in connections:
                connection.send(request("last"))
                connection.shutdown(socket.SHUT_WR)
            for connection in connections:
                assert (await loop.sock_recv(connection, 65536)).endswith(b'"last"')
