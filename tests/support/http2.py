"""A bare HTTP/2 client, to send a gRPC server what no gRPC client would."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.events

Header = tuple[bytes, bytes]


@dataclass
class Answer:
    """What came back on the stream: headers and trailers together, and how the stream ended.

    Attributes:
        only_headers: Whether there was nothing but headers: gRPC's "Trailers-Only".
    """

    headers: dict[bytes, bytes] = field(default_factory=dict)
    reset: bool = False
    only_headers: bool = False


async def call(
    target: str,
    path: str,
    body: bytes,
    headers: list[Header] | None = None,
    *,
    te: bytes = b"trailers",
    authority: str = "",
) -> Answer:
    """Send one request to a gRPC port and return what comes back; an empty `te` is left out."""
    host, _, port = target.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    config = h2.config.H2Configuration(header_encoding=False, validate_outbound_headers=False)
    connection = h2.connection.H2Connection(config)
    connection.initiate_connection()
    connection.send_headers(
        1,
        [
            (b":method", b"POST"),
            (b":scheme", b"http"),
            (b":path", path.encode()),
            (b":authority", (authority or target).encode()),
            *([(b"te", te)] if te else []),
            *(headers if headers is not None else [(b"content-type", b"application/grpc")]),
        ],
    )
    connection.send_data(1, body, end_stream=True)
    writer.write(connection.data_to_send())
    answer = Answer()
    try:
        while data := await reader.read(65536):
            for event in connection.receive_data(data):
                if isinstance(event, h2.events.ResponseReceived | h2.events.TrailersReceived):
                    answer.headers.update(event.headers or [])
                    is_first = isinstance(event, h2.events.ResponseReceived)
                    answer.only_headers = is_first and event.stream_ended is not None
                elif isinstance(event, h2.events.StreamEnded):
                    return answer
                elif isinstance(event, h2.events.StreamReset):
                    answer.reset = True
                    return answer
            writer.write(connection.data_to_send())
    finally:
        writer.close()
    return answer


def frame(message: bytes) -> bytes:
    """Return a message in the frame of gRPC, uncompressed."""
    return b"\0" + len(message).to_bytes(4, "big") + message
