"""The base64 of `application/grpc-web-text`, in which gRPC-Web goes through what takes nothing but text."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Final

from triptych.errors import Code, RpcError

_GROUP: Final = 4
# Whoever sends a stream writes each piece in base64 of its own, padding included.
_PIECE: Final = re.compile(rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)")


class TextReader:
    """Decodes a body as it comes in."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def decode(self, data: bytes) -> bytes:
        """Return what is whole with this piece.

        Raises:
            RpcError: INVALID_ARGUMENT if it is no base64.
        """
        data = self._rest + data
        whole = len(data) - len(data) % _GROUP
        self._rest = data[whole:]
        return b"".join(_decoded(data[:whole]))

    def check_end(self) -> None:
        """Check that nothing is left over.

        Raises:
            RpcError: INVALID_ARGUMENT if something is.
        """
        if self._rest:
            raise RpcError(Code.INVALID_ARGUMENT, "the base64 of the body is cut off")


def encoded(data: bytes) -> bytes:
    """Return a piece of a response in base64."""
    return b64encode(data)


def _decoded(data: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(data):
        match = _PIECE.match(data, position)
        if match is None:
            raise RpcError(Code.INVALID_ARGUMENT, "the body is not base64")
        yield b64decode(match[0])
        position = match.end()
