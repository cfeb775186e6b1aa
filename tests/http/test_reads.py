"""What depends on which bytes come with one read, and on when a client goes: no socket is between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from raw import CHUNKED, echo, message

from bench.connection import Transport, connection
from support.calls import TEST_METHODS
from support.log import Log
from triptych.app.lifecycle import Application
from triptych.config import Settings
from triptych.observability import logs

_SECONDS = 20


@dataclass
class Told:
    """A connection.

    Attributes:
        protocol: It.
        transport: What it writes to.
        log: What is logged.
    """

    protocol: Any
    transport: Transport
    log: Log


@pytest.fixture
async def told() -> AsyncIterator[Told]:
    log = Log()
    app = Application(Settings(), logs.CallLogger(log, text=False, level=0), methods=TEST_METHODS)
    await app.load()
    protocol, transport = connection((await app.open(8080)).http), Transport()
    protocol.connection_made(transport)
    yield Told(protocol, transport, log)
    await app.finish()


async def test_a_client_that_is_gone_before_the_rest_of_its_call_begins_ends_it(told: Told) -> None:
    told.protocol.data_received(echo("sleep", b"X-Request-Id: gone-early\r\n"))
    told.protocol.connection_lost(None)
    line = await told.log.line("gone-early")
    assert line["code"] == "canceled"


async def test_the_body_of_the_request_before_is_no_framing_of_the_next(told: Told) -> None:
    first, second = echo("a" * 100_000), message(CHUNKED)
    told.protocol.data_received(first[:1000])
    told.protocol.data_received(first[1000:] + second)
    async with asyncio.timeout(_SECONDS):
        await told.transport.answered
        told.transport.start()
        told.protocol.data_received(b'3\r\n"b"\r\n0\r\n\r\n')
        await told.transport.answered
    assert told.transport.written.endswith(b'\r\n\r\n"b"')
