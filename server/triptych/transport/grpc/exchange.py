"""The requests and responses of one call of gRPC."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import AsyncIterator
from typing import Final, TypeAlias

import grpc
from protobuf import Message

from triptych.codec.binary import read_binary, write_binary
from triptych.errors import Code, RpcError, too_large
from triptych.rpc.call import Call
from triptych.rpc.compression import MessageCompression
from triptych.rpc.interceptors import client_gone
from triptych.rpc.slow import SlowClients, seconds_for
from triptych.transport.grpc.peers import UnreadReplies
from triptych.transport.http.compression import decompressed

Context: TypeAlias = "grpc.aio.ServicerContext"
Requests = AsyncIterator[bytes]

# No message of protobuf begins with it: its first tag would have wire type 7.
_GZIP_MAGIC: Final = b"\x1f\x8b"


class Exchange:
    """The requests of a call, and what goes before its responses."""

    __slots__ = ("_begun", "_call", "_compression", "_limit", "_requests", "_slow", "_unread", "context")

    def __init__(
        self,
        call: Call,
        context: Context,
        requests: Requests,
        limit: int,
        slow: SlowClients,
        unread: UnreadReplies,
    ) -> None:
        self._call = call
        self._unread = unread
        self._requests = requests
        self._limit = limit
        self._slow = slow
        self._begun = False
        self._compression = MessageCompression()
        self.context = context
        call.attach(self._compression)

    async def read(self) -> Message:
        """Return the one request of a method that takes one.

        Raises:
            RpcError: UNIMPLEMENTED if there is none, or more than one, as gRPC's statuscodes.md says.
        """
        # What has come of a message is held by the core, and nobody is told how much: it may be all of it.
        data = await self._slow.within(self._call, seconds_for(self._limit), self._only(), unseen=self._limit)
        return self._parsed(data)

    async def _only(self) -> bytes:
        path = self._call.method.path
        data: bytes = await self.context.read()
        if data is grpc.aio.EOF:
            raise RpcError(Code.UNIMPLEMENTED, f"{path} takes one request message, got none or a part")
        if await self.context.read() is not grpc.aio.EOF:
            raise RpcError(Code.UNIMPLEMENTED, f"{path} takes one request message, got more")
        return data

    async def requests(self) -> AsyncIterator[Message]:
        """Yield the requests of a method that takes a stream."""
        async for data in self._requests:
            yield self._parsed(data)

    async def send_headers(self) -> None:
        """Send what goes before the first response, once, if there is anything.

        Initial metadata of its own costs a call a round trip to the core.
        """
        if self._begun:
            return
        self._begun = True
        wish = self._compression.compress_response
        if wish:
            self.context.set_compression(grpc.Compression.Gzip)
        headers = self._call.response_headers
        if wish or headers:
            await self.context.send_initial_metadata([metadatum(*header) for header in headers])

    def _parsed(self, data: bytes) -> Message:
        call = self._call
        compressed = data.startswith(_GZIP_MAGIC)
        self._compression.request_compressed = compressed
        if compressed:
            data = _decompressed(data, self._limit)
        elif len(data) > self._limit:
            raise too_large(self._limit)
        call.request_bytes += len(data)
        return read_binary(data, call.method.input)


class OneResponse(Exchange):
    """The exchange of a call with one response.

    Attributes:
        reply: The response, written.
    """

    __slots__ = ("reply",)

    reply: bytes

    async def write(self, response: Message) -> None:
        """Write the response."""
        self.reply = reply = write_binary(response)
        self._call.response_bytes = len(reply)
        self._call.hold(len(reply))


class ManyResponses(Exchange):
    """The exchange of a call with a stream of responses, which are sent as they come."""

    __slots__ = ()

    reply: Final = None

    async def write(self, response: Message) -> None:
        """Send a response."""
        await self.send_headers()
        reply = write_binary(response)
        self._call.response_bytes += len(reply)
        if self._compression.compress_response is False:
            self.context.disable_next_message_compression()
        call, size = self._call, len(reply)
        call.hold(size)
        self._unread.begin(self, call.peer, size)
        try:
            await self.context.write(reply)
        except Exception:  # what the core raises where the client is gone, for which it has no one word
            raise client_gone() from None
        finally:
            self._unread.end(self)
        call.let_go(size)


def metadatum(name: str, value: str) -> tuple[str, str | bytes]:
    """Return a header as grpcio takes it: it writes the base64 of binary ones itself."""
    return (name, b64decode(value + "==")) if name.endswith("-bin") else (name, value)


def _decompressed(data: bytes, limit: int) -> bytes:
    """Return what gzip compressed.

    Raises:
        RpcError: INTERNAL, as gRPC's compression.md says, if it is not what gzip writes; RESOURCE_EXHAUSTED
            beyond the limit.
    """
    try:
        return decompressed(data, "gzip", limit)
    except RpcError as error:
        if error.code is Code.INVALID_ARGUMENT:
            raise RpcError(Code.INTERNAL, error.message) from None
        raise
