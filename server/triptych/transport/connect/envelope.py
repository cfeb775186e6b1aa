"""The frames that messages of streams travel in: a byte of flags, four of length, and the message.

gRPC's PROTOCOL-HTTP2.md calls it Length-Prefixed-Message, Connect's protocol an enveloped message.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from triptych.errors import Code, RpcError, too_large
from triptych.transport.http.compression import decompressed

COMPRESSED: Final = 0b1
CONNECT_END: Final = 0b10
TRAILERS: Final = 0b1000_0000

_PREFIX: Final = 5


def frame(flags: int, data: bytes) -> bytes:
    """Return data in a frame."""
    return b"%c%b%b" % (flags, len(data).to_bytes(4, "big"), data)


class FrameReader:
    """Cuts a body into the messages in it, decompressed.

    Args:
        coding: What compressed messages are compressed with; empty if the request names nothing.
        limit: The most bytes of a message, compressed and decompressed.

    Attributes:
        compressed: Whether the message read last came compressed.
    """

    __slots__ = ("_buffer", "_coding", "_limit", "compressed")

    def __init__(self, coding: str, limit: int) -> None:
        self._coding = coding
        self._limit = limit
        self._buffer = bytearray()
        self.compressed = False

    @property
    def waiting(self) -> int:
        """How many bytes have come of a message that is not complete."""
        return len(self._buffer)

    def only(self, body: bytes) -> bytes:
        """Return the one message of a whole body.

        Raises:
            RpcError: UNIMPLEMENTED if there is none, or more than one, as gRPC's statuscodes.md says; what
                `messages` raises.
        """
        messages = list(self.messages(body, at_most=2))
        if not messages:
            self.check_end()
            raise RpcError(Code.UNIMPLEMENTED, "the method takes one request message, got none")
        if len(messages) > 1:
            raise RpcError(Code.UNIMPLEMENTED, "the method takes one request message, got more")
        self.check_end()
        return messages[0]

    def messages(self, data: bytes, at_most: int | None = None) -> Iterator[bytes]:
        """Take a piece of the body and yield the messages that are complete with it.

        Raises:
            RpcError: INVALID_ARGUMENT for flags that no request has or a message that is not compressed as
                it should be; INTERNAL for a compressed one where no compression is named; RESOURCE_EXHAUSTED
                beyond the limit.
        """
        buffer = self._buffer
        buffer += data
        while len(buffer) >= _PREFIX and at_most != 0:
            flags, size = buffer[0], int.from_bytes(buffer[1:_PREFIX], "big")
            if flags & ~COMPRESSED:
                raise RpcError(Code.INVALID_ARGUMENT, f"a frame has the flags {flags}, which no request has")
            if size > self._limit:
                raise too_large(self._limit)
            end = _PREFIX + size
            if len(buffer) < end:
                return
            message = bytes(buffer[_PREFIX:end])
            del buffer[:end]
            at_most = None if at_most is None else at_most - 1
            yield self._decompressed(message) if flags else self._plain(message)

    def check_end(self) -> None:
        """Check that the body did not end within a message.

        Raises:
            RpcError: INVALID_ARGUMENT if it did.
        """
        if self._buffer:
            raise RpcError(Code.INVALID_ARGUMENT, "the body is cut off within a message")

    def _plain(self, message: bytes) -> bytes:
        self.compressed = False
        return message

    def _decompressed(self, message: bytes) -> bytes:
        self.compressed = True
        if not self._coding:
            raise RpcError(Code.INTERNAL, "a message is compressed, but the headers name no compression")
        return decompressed(message, self._coding, self._limit)
