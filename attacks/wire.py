"""HTTP/2 and HTTP/1.1 as no honest client speaks them."""

from __future__ import annotations

import socket
import struct
import time

import hpack

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _SETTINGS, _WINDOW_UPDATE = 0, 1, 4, 8
_INITIAL_WINDOW = 4


def connect(port: int) -> socket.socket:
    """Connect to a port of this machine."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def send(connection: socket.socket, data: bytes) -> None:
    """Send as much as the server takes: where it closes the connection, that is its answer."""
    try:
        connection.sendall(data)
    except OSError:
        return


def frame(kind: int, flags: int, stream: int, body: bytes) -> bytes:
    """Return a frame of HTTP/2."""
    return len(body).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + body


def greeting(window: int = 65_535) -> bytes:
    """Return how a connection begins whose client takes so many bytes of each reply."""
    return PREFACE + frame(_SETTINGS, 0, 0, struct.pack(">HI", _INITIAL_WINDOW, window))


def headers(stream: int, path: str, more: bytes = b"", *fields: tuple[str, str]) -> bytes:
    """Return the frame that begins a call of gRPC; `more` is put behind its headers as it is."""
    block = hpack.Encoder().encode(
        [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", path),
            (":authority", "localhost"),
            ("te", "trailers"),
            ("content-type", "application/grpc"),
            *fields,
        ]
    )
    return frame(_HEADERS, 4, stream, block + more)


def message(stream: int, body: bytes, declared: int | None = None, *, end: bool = True) -> bytes:
    """Return the frames of a message, which may declare to be longer than it is."""
    size = len(body) if declared is None else declared
    data = b"\0" + size.to_bytes(4, "big") + body
    pieces = [data[start : start + 16_384] for start in range(0, len(data), 16_384)]
    last = len(pieces) - 1
    return b"".join(
        frame(_DATA, int(end and index == last), stream, piece) for index, piece in enumerate(pieces)
    )


def post(path: str, body: bytes, media_type: str, *lines: str, declared: int | None = None) -> bytes:
    """Return a request of HTTP/1.1, which may declare a longer body than it has."""
    size = len(body) if declared is None else declared
    head = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Type: {media_type}"]
    return "\r\n".join([*head, f"Content-Length: {size}", *lines, "", ""]).encode() + body


def read_for(connection: socket.socket, seconds: float) -> bytes:
    """Return what comes within so many seconds."""
    end, found = time.monotonic() + seconds, b""
    while (left := end - time.monotonic()) > 0:
        connection.settimeout(left)
        try:
            data = connection.recv(1 << 16)
        except OSError:
            break
        if not data:
            break
        found += data
    return found
