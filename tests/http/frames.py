"""A client of HTTP/2 that sends any frames, and tells what becomes of a stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import hpack
from hyperframe.frame import (
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    RstStreamFrame,
    SettingsFrame,
)
from raw import ECHO, SECONDS

from support.http2 import frame

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
REQUEST = [
    (":method", "POST"),
    (":scheme", "http"),
    (":path", ECHO),
    (":authority", "triptych.test"),
    ("te", "trailers"),
    ("content-type", "application/grpc"),
]
MESSAGE = frame(b"\x0a\x01a")
_PROBE = b"probe..."


def block(*extra: tuple[str, str], without: str = "") -> bytes:
    """Return the headers of a call, with some added or one left out, as literals."""
    fields = [field for field in REQUEST if field[0] != without]
    return hpack.Encoder().encode([*fields, *extra], huffman=False)


def headers(data: bytes, stream: int = 1, *flags: str) -> bytes:
    """Return a frame of headers; they are whole unless other flags are given."""
    return serialised(HeadersFrame(stream, data, flags=flags or ("END_HEADERS",)))


def data(body: bytes = MESSAGE, stream: int = 1, *flags: str) -> bytes:
    """Return a frame of data; it is the last unless other flags are given."""
    return serialised(DataFrame(stream, body, flags=flags or ("END_STREAM",)))


def serialised(frame: Frame) -> bytes:
    return frame.serialize()


def bare(type: int, flags: int = 0, stream: int = 0, body: bytes = b"") -> bytes:
    """Return a frame that hyperframe would not make."""
    return len(body).to_bytes(3, "big") + bytes([type, flags]) + stream.to_bytes(4, "big") + body


CALL = headers(block()) + data()


class Wire2:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._decoder = hpack.Decoder()
        self.settings: dict[int, int] = {}

    def send(self, data: bytes) -> None:
        self._writer.write(data)

    async def _frames(self) -> AsyncIterator[Frame]:
        while True:
            try:
                head = await self._reader.readexactly(9)
                parsed, length = Frame.parse_frame_header(memoryview(head))
                parsed.parse_body(memoryview(await self._reader.readexactly(length)))
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            if isinstance(parsed, SettingsFrame):
                self.settings |= parsed.settings
            yield parsed

    async def outcome(self, stream: int = 1) -> str:
        """Read until it is known how a stream or the connection ended.

        Returns:
            "status <number of gRPC>", "reset <error of HTTP/2>", or "closed" for the connection.
        """
        async with asyncio.timeout(SECONDS):
            async for received in self._frames():
                if isinstance(received, HeadersFrame):
                    fields = dict(self._decoder.decode(received.data))
                    if received.stream_id == stream and "grpc-status" in fields:
                        return f"status {fields['grpc-status']}"
                elif isinstance(received, RstStreamFrame) and received.stream_id == stream:
                    return f"reset {received.error_code}"
        return "closed"

    async def error(self) -> int:
        """Read until the connection is closed, and return the error that was given for it; 0 if none."""
        code = 0
        async with asyncio.timeout(SECONDS):
            async for received in self._frames():
                if isinstance(received, GoAwayFrame):
                    code = received.error_code
        return code

    async def alive(self) -> bool:
        """Tell whether what was sent so far was read, and the connection goes on."""
        self.send(serialised(PingFrame(opaque_data=_PROBE)))
        async with asyncio.timeout(SECONDS):
            async for received in self._frames():
                if isinstance(received, PingFrame) and received.opaque_data == _PROBE:
                    return True
        return False


@asynccontextmanager
async def wire2(target: str, start: bytes = PREFACE + bare(4)) -> AsyncIterator[Wire2]:
    """Connect to a gRPC port and send the preface with empty settings, or another start."""
    host, _, port = target.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(start)
        yield Wire2(reader, writer)
    finally:
        writer.close()
