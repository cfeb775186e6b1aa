"""Calls whose messages are in frames: Connect's streams, gRPC-Web, and gRPC where there are trailers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from protobuf import Message, Registry

from triptych.errors import RpcError
from triptych.rpc.call import Call
from triptych.rpc.compression import MessageCompression
from triptych.rpc.pipeline import Handler
from triptych.transport.connect.codecs import Codec
from triptych.transport.connect.envelope import COMPRESSED, FrameReader, frame
from triptych.transport.connect.framing import End, Framing
from triptych.transport.connect.protocols import MediaType
from triptych.transport.connect.text import TextReader, encoded
from triptych.transport.http.compression import KNOWN_CODINGS, accepted, coding_of, compressed, worthwhile
from triptych.transport.http.messages import Channel, HeaderList, HttpRequest, Response, add_common


class FramedCall:
    """One such call: the requests and responses of it, and the response of HTTP that they make.

    Args:
        call: The call.
        request: What it came with.
        media_type: The content type that it came as, and that its response has.
        framing: The protocol.
        codec: How its messages are written.
        limit: The most bytes of a message.
        registry: The types that the details of an error may hold.
    """

    def __init__(
        self,
        call: Call,
        request: HttpRequest,
        media_type: MediaType,
        framing: Framing,
        codec: Codec,
        limit: int,
        registry: Registry,
    ) -> None:
        self._call = call
        self._request = request
        self._media_type = media_type
        self._framing = framing
        self._codec = codec
        self._limit = limit
        self._registry = registry
        accept = request.headers.first.get(framing.accept_encoding)
        self._coding = accepted(accept) if accept else ""
        self._compression = MessageCompression()
        self._channel: Channel | None = None
        self._started = False
        self._coding_is_unknown = False
        self._frames: list[bytes] = []
        call.attach(self._compression)

    async def whole(self, handler: Handler) -> Response:
        """Run a unary call and return its response."""
        await handler(self._call, self)
        headers = self._headers()
        end = self._framing.end(self._call, self._registry)
        if self._is_trailers_only(end):
            return Response(200, headers + (end.trailers or []), b"")
        self._frames.append(end.body)
        body = b"".join(self._frames)
        if self._media_type.text:
            body = encoded(body)
        if end.trailers is None:
            headers.append((b"content-length", b"%d" % len(body)))
        return Response(200, headers, body, end.trailers)

    async def stream(self, handler: Handler, channel: Channel) -> None:
        """Run a call of any kind, and send its response as it comes."""
        self._channel = channel
        await handler(self._call, self)
        end = self._framing.end(self._call, self._registry)
        if self._is_trailers_only(end):
            await channel.start(200, self._headers() + (end.trailers or []))
            await channel.end()
            return
        await self._start(channel)
        await channel.end(self._written(end.body), end.trailers)

    async def read(self) -> Message:
        """Return the one request message."""
        reader = self._reader()
        if self._channel is None:
            most = self._limit + _LONGEST_FRAMES
            body = await self._request.whole(2 * most if self._media_type.text else most, self._call)
        else:
            body = await self._channel.whole_body(self._limit + _LONGEST_FRAMES, self._call)
        if self._media_type.text:
            body = _from_text(body)
        data = reader.only(body)
        return self._parsed(data, compressed=reader.compressed)

    async def requests(self) -> AsyncIterator[Message]:
        """Yield the request messages."""
        reader = self._reader()
        channel = self._channel
        assert channel is not None  # noqa: S101 - only streams are read in this way
        text = TextReader() if self._media_type.text else None
        held = 0
        while (chunk := await channel.receive()) is not None:
            self._call.hold(len(chunk))
            held += len(chunk)
            for data in reader.messages(text.decode(chunk) if text else chunk):
                yield self._parsed(data, compressed=reader.compressed)
                # A piece may hold thousands: let others run, and a cancelled call end.
                await asyncio.sleep(0)
            self._call.let_go(held - reader.waiting)
            held = reader.waiting
        if text:
            text.check_end()
        reader.check_end()

    async def write(self, response: Message) -> None:
        """Write a response message."""
        data = self._codec.write(response)
        self._call.response_bytes += len(data)
        wish = self._compression.compress_response
        if self._coding and (worthwhile(data) if wish is None else wish):
            framed = frame(COMPRESSED, compressed(data, self._coding))
        else:
            framed = frame(0, data)
        if self._channel is None:
            self._frames.append(framed)
            return
        await self._start(self._channel)
        await self._channel.send(self._written(framed))

    def _is_trailers_only(self, end: End) -> bool:
        """Tell whether the response is "Trailers-Only", as gRPC's PROTOCOL-HTTP2.md calls it.

        Headers that the service has set would be trailers there.
        """
        call = self._call
        has_begun = self._started or self._frames or call.response_headers
        return end.trailers is not None and call.error is not None and not has_begun

    def _written(self, data: bytes) -> bytes:
        return encoded(data) if self._media_type.text else data

    async def _start(self, channel: Channel) -> None:
        if not self._started:
            self._started = True
            await channel.start(200, self._headers(), trailers=self._framing.transport == "grpc")

    def _headers(self) -> HeaderList:
        headers = [(b"content-type", self._media_type.name)]
        if self._coding:
            headers.append((self._framing.encoding, self._coding.encode()))
        if self._coding_is_unknown:
            headers.append((self._framing.accept_encoding, KNOWN_CODINGS.encode()))
        add_common(headers, self._request, self._call)
        return headers

    def _reader(self) -> FrameReader:
        """Return what cuts the body into messages.

        Raises:
            RpcError: UNIMPLEMENTED for an unknown compression.
        """
        named = self._request.headers.first.get(self._framing.encoding)
        try:
            return FrameReader(coding_of(named), self._limit)
        except RpcError:
            self._coding_is_unknown = True
            raise

    def _parsed(self, data: bytes, *, compressed: bool) -> Message:
        self._compression.request_compressed = compressed
        self._call.request_bytes += len(data)
        return self._codec.read(data, self._call.method.input)


# A unary call has one frame; a second one is read to be refused for what it is.
_LONGEST_FRAMES = 64 * 1024


def _from_text(body: bytes) -> bytes:
    reader = TextReader()
    data = reader.decode(body)
    reader.check_end()
    return data
