"""What a supervisor and a worker tell each other: messages over a socket that nobody else has."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any, Final

_LENGTH_BYTES: Final = 4


class Channel:
    """One end of the socket. A message is an object of JSON whose `kind` says what it means."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, end: socket.socket) -> Channel:
        """Return the channel over an end of a pair of sockets, which it takes over."""
        return cls(*await asyncio.open_connection(sock=end))

    def send(self, kind: str, **values: object) -> None:
        """Send a message, soon; it is lost if the other is gone."""
        message = json.dumps({"kind": kind, **values}).encode()
        if not self._writer.is_closing():
            self._writer.write(len(message).to_bytes(_LENGTH_BYTES) + message)

    async def receive(self) -> dict[str, Any] | None:
        """Return the next message; None once the other is gone."""
        try:
            length = int.from_bytes(await self._reader.readexactly(_LENGTH_BYTES))
            message: dict[str, Any] = json.loads(await self._reader.readexactly(length))
        except (asyncio.IncompleteReadError, OSError):
            return None
        return message

    async def flush(self) -> None:
        """Wait until the other has what was sent, unless it is gone."""
        try:
            self._writer.close()
            await self._writer.wait_closed()
        except OSError:
            pass

    def close(self) -> None:
        """Be gone."""
        self._writer.close()
