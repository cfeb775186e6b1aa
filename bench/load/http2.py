"""A connection that makes the same gRPC call over and over, in several streams at a time.

It knows as much of HTTP/2 as that takes. It asks the server to do without the dynamic table of header
compression, so that the trailers of each call can be looked at on their own.
"""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass
from typing import cast

import hpack

from bench.load.recorder import Answer, Load, Recorder
from bench.processes import HOST

_CONNECTIONS = 4
_FRAME = struct.Struct(">HBBBI")  # a length of 3 bytes, type, flags, stream
_DATA, _HEADERS, _RESET, _SETTINGS, _PING, _GO_AWAY, _WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
_ACK = _END_STREAM = 1
_END_HEADERS = 4
_WINDOW = 2**30
_LONGEST = 126
_STATUS_0 = b"\x0bgrpc-status\x010"


@dataclass(frozen=True)
class GrpcRequest:
    """A call with one request message."""

    path: str
    headers: dict[str, str]
    message: bytes

    def protocols(self, connections: int, recorder: Recorder) -> list[Load]:
        """Return protocols of up to 4 connections that have as many calls under way."""
        count = min(_CONNECTIONS, connections)
        shares = [connections // count + (number < connections % count) for number in range(count)]
        return [GrpcProtocol(self, share, recorder) for share in shares]

    def block(self) -> bytes:
        """Return the headers, compressed without any table but the static one."""
        path, authority = b"\x04" + _text(self.path), b"\x01" + _text(HOST)
        headers = {"te": "trailers", "content-type": "application/grpc", **self.headers}
        literals = (b"\0" + _text(name) + _text(value) for name, value in headers.items())
        return b"\x83\x86" + path + authority + b"".join(literals)


class GrpcProtocol(asyncio.Protocol):
    """Keeps a number of streams busy."""

    def __init__(self, request: GrpcRequest, streams: int, recorder: Recorder) -> None:
        self._block = request.block()
        self._message = framed(request.message)
        self._idle = streams
        self._recorder = recorder
        self._stream = 1
        self._credit = 65535
        self._taken = 0
        self._sent: dict[int, float] = {}
        self._bodies: dict[int, bytes] = {}
        self._received = b""
        self._out: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Introduce ourselves and start the first calls."""
        self._transport = cast("asyncio.Transport", transport)
        # No header table, no pushes, large windows and frames.
        settings = struct.pack(">HIHIHIHI", 1, 0, 2, 0, 4, _WINDOW, 5, 2**20)
        self._out = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", frame(_SETTINGS, 0, 0, settings)]
        self._out.append(frame(_WINDOW_UPDATE, 0, 0, _WINDOW.to_bytes(4, "big")))
        self.poke()

    def data_received(self, data: bytes) -> None:
        """Read the frames that are there as a whole."""
        if self._received:
            data = self._received + data
        position, end = 0, len(data)
        while end - position >= _FRAME.size:
            high, low, kind, flags, stream = _FRAME.unpack_from(data, position)
            stop = position + _FRAME.size + (high << 8 | low)
            if stop > end:
                break
            self._read(kind, flags, stream, data[position + _FRAME.size : stop])
            position = stop
        self._received = data[position:]
        self.poke()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail, unless the measurement is over."""
        self._recorder.fail(f"the server closed a connection: {exc}")

    def _read(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if kind == _DATA:
            self._taken += len(payload)
            if not self._recorder.first.done():
                self._bodies[stream] = self._bodies.get(stream, b"") + payload
        elif kind == _HEADERS:
            if flags & ~_END_STREAM != _END_HEADERS:
                self._recorder.fail(f"headers with flags {flags}, which are not understood")
            if flags & _END_STREAM:
                self._end(stream, payload)
        elif kind == _WINDOW_UPDATE and stream == 0:
            self._credit += int.from_bytes(payload, "big")
        elif kind in (_SETTINGS, _PING) and not flags & _ACK:
            self._out.append(frame(kind, _ACK, 0, payload if kind == _PING else b""))
        elif kind in (_RESET, _GO_AWAY):
            self._recorder.fail(f"the server ended a stream or the connection: frame {kind}, {payload!r}")

    def _end(self, stream: int, trailers: bytes) -> None:
        recorder = self._recorder
        if _STATUS_0 not in trailers:
            headers = {str(name): str(value) for name, value in hpack.Decoder().decode(trailers)}
            if headers.get("grpc-status") != "0":
                recorder.fail(f"not the status OK: {headers}")
                return
        body = self._bodies.pop(stream, b"")
        recorder.ended(self._sent.pop(stream), Answer(body, len(body)))
        self._idle += 1

    def poke(self) -> None:
        """Start as many calls as are due and may be, and send what waits."""
        size = len(self._message)
        while self._idle and self._credit >= size and (due := self._recorder.take()) is not None:
            stream = self._stream
            self._stream += 2
            self._idle -= 1
            self._credit -= size
            self._sent[stream] = due
            self._out.append(frame(_HEADERS, _END_HEADERS, stream, self._block))
            self._out.append(frame(_DATA, _END_STREAM, stream, self._message))
        if self._taken > _WINDOW // 2:
            self._out.append(frame(_WINDOW_UPDATE, 0, 0, self._taken.to_bytes(4, "big")))
            self._taken = 0
        if self._out:
            self._transport.write(b"".join(self._out))
            self._out.clear()


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """Return a frame of HTTP/2."""
    return _FRAME.pack(len(payload) >> 8, len(payload) & 255, kind, flags, stream) + payload


def framed(message: bytes) -> bytes:
    """Return a message in the frame of gRPC and gRPC-Web, uncompressed."""
    return b"\0" + len(message).to_bytes(4, "big") + message


def _text(text: str) -> bytes:
    data = text.encode()
    if len(data) > _LONGEST:
        raise ValueError(f"longer than one byte can tell: {text}")
    return bytes([len(data)]) + data
