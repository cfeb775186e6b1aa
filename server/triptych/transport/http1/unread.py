"""Replies that a client is slow to read: they are held for an account, and not without end."""

from __future__ import annotations

import asyncio

from triptych.rpc.shares import InFlight
from triptych.transport.http1.limits import Limits


class UnreadReply:
    """What of a connection's replies its client did not read.

    Args:
        transport: The connection; it is aborted if there is no room, or the client reads too slowly.
        in_flight: The budget that the bytes are held out of.
        owner: Whose share of it they are.
        limits: How fast the client must read.
    """

    __slots__ = ("_in_flight", "_limits", "_owner", "_size", "_timer", "_transport")

    def __init__(self, transport: asyncio.Transport, in_flight: InFlight, owner: str, limits: Limits) -> None:
        self._transport = transport
        self._in_flight = in_flight
        self._owner = owner
        self._limits = limits
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None

    def watch(self) -> None:
        """Hold what is not read, and look after a while whether some of it was."""
        size = self._transport.get_write_buffer_size()
        if not self._in_flight.take(self._owner, size):
            self._transport.abort()
            return
        self._size = size
        self._timer = asyncio.get_running_loop().call_later(self._limits.reply_seconds, self._look)

    def let_go(self) -> None:
        """Hold nothing any more: it was read, or the connection is gone."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._size:
            self._in_flight.give_back(self._owner, self._size)
            self._size = 0

    def _look(self) -> None:
        self._timer = None
        if self._size - self._transport.get_write_buffer_size() < self._limits.reply_bytes:
            self._transport.abort()
            return
        self.let_go()
        self.watch()
