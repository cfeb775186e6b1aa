"""Clients of the gRPC port that read nothing, or send what no honest client would: their connections end."""

from __future__ import annotations

import asyncio
import io
import logging
import socket

import grpc
import pytest
from protobuf import wkt

from attacks import wire
from support.apps import running_app
from triptych.app.lifecycle import App
from triptych.config import Settings
from triptych.observability.logs import CallLogger
from triptych.rpc import slow
from triptych.rpc.call import Call
from triptych.rpc.methods import Kind, Method
from triptych.transport.grpc import peers

CHECK = "/grpc.health.v1.Health/Check"
MIB = 1024 * 1024
REPLIES = 10
BOMBS = 1000


async def mebibyte(request: wkt.StringValue, call: Call) -> wkt.StringValue:
    return wkt.StringValue(value="x" * MIB)


async def mebibytes(request: wkt.StringValue, call: Call) -> object:
    yield wkt.StringValue(value="x" * MIB)
    yield wkt.StringValue(value="x" * MIB)


def method(kind: Kind) -> Method:
    return Method(
        service="test.Large",
        name="Get",
        kind=kind,
        input=wkt.StringValue,
        output=wkt.StringValue,
        no_side_effects=True,
        needs_token=False,
        function=mebibyte if kind == "unary" else mebibytes,
    )


def closed(connection: socket.socket) -> bool:
    """Read until the server closes the connection."""
    connection.settimeout(20)
    try:
        while connection.recv(65536):
            pass
    except ConnectionError:
        pass
    return True


def held(app: App) -> int:
    return app.composition.http.in_flight.bytes


@pytest.mark.parametrize("kind", ["unary", "server_streaming"])
async def test_replies_that_nobody_reads_are_held_for_a_while_only(
    monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    monkeypatch.setattr(slow, "START_SECONDS", 3.0)
    monkeypatch.setattr(slow, "BYTES_A_SECOND", 2**40)
    monkeypatch.setattr(peers, "LOOK_SECONDS", 0.1)
    async with (
        running_app([method(kind)]) as app,
        grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc.port}") as channel,
    ):
        attackers = [await asyncio.to_thread(wire.connect, app.grpc.port) for _ in range(2)]
        calls = [
            wire.headers(stream, "/test.Large/Get") + wire.message(stream, b"")
            for stream in range(1, 2 * REPLIES, 2)
        ]
        for each in attackers:
            await asyncio.to_thread(wire.send, each, wire.greeting(window=0) + b"".join(calls))
        check = channel.unary_unary(CHECK)
        while held(app) < 2 * REPLIES * MIB:
            assert await check(b"") == b"\x08\x01"
        assert await asyncio.gather(*(asyncio.to_thread(closed, each) for each in attackers)) == [True, True]
        while held(app):
            assert await check(b"") == b"\x08\x01"
        for each in attackers:
            each.close()


async def test_whoever_sends_thousands_of_references_to_a_header_is_cut_off() -> None:
    """One frame of 8 kB becomes 16 MB in Python: so few of them may."""
    log = io.StringIO()
    settings = Settings(http_port=0, grpc_port=0, token="secret", shutdown_grace=1)
    app = App(settings, CallLogger(log, text=True, level=logging.INFO))
    await app.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc.port}") as channel:
        attacker = await asyncio.to_thread(wire.connect, app.grpc.port)
        attacker.settimeout(1)  # what is not taken any more
        long = b"\x40\x01x" + b"\x7f\xa1\x1e" + b"v" * 4000  # a literal that goes into the table
        frames = [
            wire.headers(stream, CHECK, long + b"\xbe" * 4000, ("x-request-id", "bomb"))
            for stream in range(1, 2 * BOMBS, 2)
        ]
        await asyncio.to_thread(wire.send, attacker, wire.greeting() + b"".join(frames))
        assert await asyncio.to_thread(closed, attacker)
        for _ in range(100):  # those that had come are let go of
            assert await channel.unary_unary(CHECK)(b"") == b"\x08\x01"
        attacker.close()
        await app.stop()
        assert "more than 100 headers" in log.getvalue()
        assert log.getvalue().count("more than 100 headers") < BOMBS / 2


def test_the_peer_of_another_connection_is_left_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        first, second = (socket.create_connection(server.getsockname()) for _ in range(2))
        accepted = [server.accept()[0] for _ in range(2)]
        host, port = first.getsockname()
        assert peers.cut_off({f"ipv4:{host}:{port}"}) == 1
        assert first.recv(1) == b""
        second.setblocking(False)
        with pytest.raises(BlockingIOError):
            second.recv(1)
        assert peers.cut_off({"unix:", "ipv4:127.0.0.1:1", "ipv6:%5B::1%5D:1", "nonsense"}) == 0
        for each in (first, second, *accepted):
            each.close()
