"""A connection that makes the same HTTP/1.1 request over and over, and reads no more than it must."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import cast

from bench.load.recorder import Answer, Load, Recorder
from bench.processes import HOST


@dataclass(frozen=True)
class Http1Request:
    """A request.

    Attributes:
        line: The verb and the target.
        headers: What is sent beside host and content-length.
        body: The body; None for a GET.
        mark: What every good answer has in its body, beside the status 200.
    """

    line: str
    headers: dict[str, str]
    body: bytes | None = None
    mark: bytes = b""

    def wire(self) -> bytes:
        """Return its bytes."""
        length = {} if self.body is None else {"content-length": str(len(self.body))}
        headers = {"host": HOST, **self.headers, **length}
        lines = [f"{self.line} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + (self.body or b"")

    def protocols(self, connections: int, recorder: Recorder) -> list[Load]:
        """Return a protocol for each connection."""
        return [Http1Protocol(self.wire(), self.mark, recorder) for _ in range(connections)]


class Http1Protocol(asyncio.Protocol):
    """Sends, reads, sends again."""

    def __init__(self, wire: bytes, mark: bytes, recorder: Recorder) -> None:
        self._wire = wire
        self._mark = mark
        self._recorder = recorder
        self._received = b""
        self._due: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast("asyncio.Transport", transport)
        self.poke()

    def poke(self) -> None:
        """Send a request if one is due and none is under way."""
        if self._due is None:
            self._due = self._recorder.take()
            if self._due is not None:
                self._transport.write(self._wire)

    def data_received(self, data: bytes) -> None:
        """Read an answer, or a part of it."""
        recorder = self._recorder
        if self._received:
            data = self._received + data
        if not data.startswith(b"HTTP/1.1 200 "):
            recorder.fail(f"not the status 200: {data[:1000]!r}")
            return
        body = body_of(data)
        if body is None:
            self._received = data
            return
        self._received = b""
        if self._mark not in body:
            recorder.fail(f"no {self._mark!r} in {body[-1000:]!r}")
            return
        recorder.ended(self._due, Answer(body, len(data)))
        self._due = None
        self.poke()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail, unless the measurement is over."""
        self._recorder.fail(f"the server closed a connection: {exc}")


def body_of(response: bytes) -> bytes | None:
    """Return the body of a response, or None if it is not there as a whole."""
    end = response.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = response[:end].lower()
    start = head.find(b"\r\ncontent-length:")
    if start < 0:
        return _join_chunks(response, end + 4)
    length = int(head[start + 17 :].split(b"\r\n", 1)[0])
    body = response[end + 4 :]
    return body if len(body) >= length else None


def _join_chunks(response: bytes, position: int) -> bytes | None:
    chunks: list[bytes] = []
    while (end := response.find(b"\r\n", position)) >= 0:
        size = int(response[position:end], 16)
        position = end + 2 + size + 2
        if len(response) < position:
            return None
        if size == 0:
            return b"".join(chunks)
        chunks.append(response[end + 2 : end + 2 + size])
    return None
