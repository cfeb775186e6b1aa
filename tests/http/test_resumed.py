"""A call that waits goes on as a task, which ends when its client is gone: even before it began."""

from __future__ import annotations

from raw import echo

from bench.connection import Transport, connection
from support.calls import TEST_METHODS
from support.log import Log
from triptych.app.lifecycle import Application
from triptych.config import Settings
from triptych.observability import logs


async def test_a_client_that_is_gone_before_the_rest_of_its_call_begins_ends_it() -> None:
    log = Log()
    app = Application(Settings(), logs.CallLogger(log, text=False, level=0), methods=TEST_METHODS)
    await app.load()
    try:
        protocol = connection((await app.open(8080)).http)
        protocol.connection_made(Transport())
        protocol.data_received(echo("sleep", b"X-Request-Id: gone-early\r\n"))  # type: ignore[attr-defined]
        protocol.connection_lost(None)
        line = await log.line("gone-early")
        assert line["code"] == "canceled"
    finally:
        await app.finish()
