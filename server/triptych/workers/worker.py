"""A worker: a process of its own, which serves what its supervisor says, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from typing import Any

import uvloop

from triptych.app.handed_on import from_text
from triptych.app.lifecycle import App
from triptych.app.watchdog import end_at_last
from triptych.observability import logs
from triptych.observability.line_writer import LineWriter
from triptych.store.errors import StoreError
from triptych.transport.sockets import ListenError
from triptych.workers.channel import Channel
from triptych.workers.member import Member


def main() -> None:
    """Serve; the arguments are the id of the worker, and descriptors: its channel and the log's lock."""
    number, channel, lock = map(int, sys.argv[1:])
    sys.exit(uvloop.run(_work(number, channel, lock)))


async def _work(number: int, descriptor: int, lock: int) -> int:
    channel = await Channel.open(socket.socket(fileno=descriptor))
    task = await channel.receive()
    if task is None:
        return 1
    return await _serve(number, channel, task, lock)


async def _serve(number: int, channel: Channel, task: dict[str, Any], lock: int) -> int:
    settings = from_text(task["settings"])
    member = Member(channel, settings.workers)
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(each) is not signal.SIG_IGN:
            loop.add_signal_handler(each, member.stop.set)
    call_logger = logs.configure(
        settings.log_format, settings.log_level, LineWriter(logs.STDERR, lock=lock), number
    )
    app = App(settings, call_logger, all_workers=member)
    app.most_connections = task["most_connections"]
    listening = asyncio.create_task(member.listen())
    try:
        await app.join()
    except (ListenError, StoreError) as error:
        channel.send("failed", why=str(error))
        listening.cancel()
        await channel.flush()
        return 1
    member.exposition_of_this = app.composition.exposition
    channel.send("serving")
    await member.stop.wait()
    end_at_last(settings.drain_seconds + settings.shutdown_grace)
    await app.stop()
    listening.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await listening
    return 0


if __name__ == "__main__":
    main()
