"""Takes the connections of a port, counts them from the first, and goes on when descriptors run out."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Final

from triptych.transport.sockets import refuse_new

_logger = logging.getLogger("triptych")

_AT_A_TIME: Final = 64
_REST_SECONDS: Final = 0.5
_NO_DESCRIPTORS: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class Acceptor:
    """Takes connections until it is closed.

    Args:
        sockets: Sockets that listen.
        make_protocol: Makes what speaks on a connection, once TLS is agreed upon.
        tls: The context of TLS; None for clear text.
        handshake_seconds: How long TLS may take to be agreed upon.
        full: Tells whether a connection more is too much even to be refused, given how many are not
            agreed upon yet; it is closed at once.
    """

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        make_protocol: Callable[[], asyncio.Protocol],
        tls: ssl.SSLContext | None,
        handshake_seconds: float,
        full: Callable[[int], bool],
    ) -> None:
        self._sockets = list(sockets)
        self._make_protocol = make_protocol
        self._tls = tls
        self._handshake_seconds = handshake_seconds if tls else None
        self._full = full
        self._beginning: set[asyncio.Task[None]] = set()
        self._resting: dict[socket.socket, asyncio.TimerHandle] = {}
        self._told = False
        self._loop = asyncio.get_running_loop()

    def start(self) -> None:
        """Take connections from now on."""
        for listening in self._sockets:
            listening.setblocking(False)
            self._loop.add_reader(listening, self._take, listening)

    def close(self) -> None:
        """Take the connections that have come, and no more: new ones are refused by the system."""
        while self._sockets:
            listening = self._sockets.pop()
            if listening in self._resting:
                self._resting.pop(listening).cancel()
            self._loop.remove_reader(listening)
            refuse_new(listening)
            while self._take(listening):
                pass
            if listening in self._resting:
                self._resting.pop(listening).cancel()
            listening.close()

    async def abort(self) -> None:
        """Give up the connections that TLS is not agreed upon for yet."""
        for task in self._beginning:
            task.cancel()
        await asyncio.gather(*self._beginning, return_exceptions=True)

    @property
    def beginning(self) -> int:
        """How many connections have come that nothing speaks on yet."""
        return len(self._beginning)

    def _take(self, listening: socket.socket) -> bool:
        """Take what has come, some at a time; tell whether there may be more."""
        for _ in range(_AT_A_TIME):
            try:
                connection, _ = listening.accept()
            except (BlockingIOError, InterruptedError):
                return False
            except OSError as error:
                if error.errno not in _NO_DESCRIPTORS:
                    continue  # the client is gone already
                self._rest(listening, error)
                return False
            if self._full(len(self._beginning)):
                connection.close()
                continue
            connection.setblocking(False)
            task = self._loop.create_task(self._begin(connection))
            self._beginning.add(task)
            task.add_done_callback(self._beginning.discard)
        return True

    async def _begin(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(
                self._make_protocol,
                connection,
                ssl=self._tls,
                ssl_handshake_timeout=self._handshake_seconds,
            )
        except (OSError, ssl.SSLError):
            connection.close()  # no TLS, or too late

    def _rest(self, listening: socket.socket, error: OSError) -> None:
        """Wait for descriptors: what comes meanwhile stays with the system."""
        if not self._told:
            self._told = True
            _logger.error("cannot take connections: %s; trying again", error.strerror)
        self._loop.remove_reader(listening)
        self._resting[listening] = self._loop.call_later(_REST_SECONDS, self._resume, listening)

    def _resume(self, listening: socket.socket) -> None:
        del self._resting[listening]
        self._loop.add_reader(listening, self._take, listening)
        self._take(listening)
        if self._told and not self._resting:
            self._told = False
            _logger.warning("taking connections again")
