"""Ends connections of the gRPC port.

grpcio can neither end a connection nor a call whose status is on its way. So the socket is looked for among
the descriptors of the process, by the address at its other end, and shut down: for grpcio's core, the client
is gone then.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from triptych.rpc.slow import seconds_for

Peer = tuple[str, int]

LOOK_SECONDS: Final = 1.0
_MAPPED: Final = "::ffff:"  # what IPv4 is to the sockets of grpcio
_DESCRIPTORS: Final = Path("/dev/fd")


def cut_off(peers: Collection[str]) -> int:
    """Shut down the connections of peers, named as grpcio does; return how many were found."""
    wanted = {address for peer in peers if (address := _address(peer)) is not None}
    found = 0
    for connection in _connections() if wanted else ():
        with connection:
            if connection.family not in {socket.AF_INET, socket.AF_INET6}:
                continue
            try:
                host, port, *_ = connection.getpeername()
                if (host.removeprefix(_MAPPED), port) in wanted:
                    connection.shutdown(socket.SHUT_RDWR)
                    found += 1
            except OSError:
                continue  # it listens, or its client has left meanwhile
    return found


def _address(peer: str) -> Peer | None:
    """Return the address and the port in `ipv4:127.0.0.1:80` or `ipv6:%5B::1%5D:80`."""
    kind, _, rest = peer.partition(":")
    host, _, port = unquote(rest).rpartition(":")
    if kind not in {"ipv4", "ipv6"} or not port.isdigit():
        return None
    return host.strip("[]"), int(port)


def _connections() -> Iterator[socket.socket]:
    """Yield copies of the sockets of the process: they stay what they are, whoever closes the others."""
    for each in [*_DESCRIPTORS.iterdir()]:
        try:
            copy = os.dup(int(each.name))
        except OSError:
            continue  # it was that of the folder
        try:
            connection = socket.socket(fileno=copy)
        except OSError:
            os.close(copy)
        else:
            yield connection


class UnreadReplies:
    """The replies that clients did not read yet; the connection of one who takes too long is cut off.

    No timer is set for each: they are looked at together, once a second.
    """

    def __init__(self) -> None:
        self._waiting: dict[object, tuple[str, float]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(self, reply: object, peer: str, size: int) -> None:
        """Watch a reply of so many bytes until `end`."""
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        self._waiting[reply] = peer, loop.time() + seconds_for(size)
        if self._timer is None:
            self._timer = loop.call_later(LOOK_SECONDS, self._look, loop)

    def end(self, reply: object) -> None:
        """Watch it no more."""
        self._waiting.pop(reply, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        late = [reply for reply, (_, until) in self._waiting.items() if now >= until]
        if late:
            cut_off({self._waiting.pop(reply)[0] for reply in late})
        self._timer = loop.call_later(LOOK_SECONDS, self._look, loop) if self._waiting else None
