"""The HTTP application as ASGI servers run it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, MutableMapping
from typing import Any, Protocol

from triptych.errors import RpcError, too_large
from triptych.rpc.call import Call
from triptych.rpc.headers import HttpHeaders
from triptych.rpc.interceptors import client_gone
from triptych.rpc.shares import InFlight
from triptych.rpc.slow import SlowClients, seconds_for
from triptych.transport.http.messages import Answer, HeaderList, HttpRequest, Response, StreamingResponse

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Answers(Protocol):
    """Finds what answers a request, as `HttpApplication` does."""

    def answer(self, request: HttpRequest) -> Coroutine[Any, Any, Answer]:
        """Return what answers a request."""
        ...

    def refusal_body(self, error: RpcError, raw_path: bytes, request_id: str) -> bytes:
        """Return the body for a message that is refused before it is a request, in the shape of its path."""
        ...

    def refusal_headers(self, origin: str | None) -> HeaderList:
        """Return the headers for browsers of such a message, which names that origin."""
        ...

    def takes_stream(self, raw_path: bytes) -> bool:
        """Tell whether what answers a path takes a stream of messages, between which a client may pause."""
        ...

    def stopped(self, request: HttpRequest) -> Response:
        """Return the response to a request that the end of the server cut off."""
        ...

    def failed(self, request: HttpRequest, error: Exception) -> Response:
        """Return the response to a request that failed for no reason of its own."""
        ...


class AsgiApplication:
    """Answers the requests of an ASGI server.

    Attributes:
        application: Finds the answers.
        in_flight: The budget of bytes, for a server that holds what clients are slow to read.
    """

    def __init__(self, application: Answers, in_flight: InFlight) -> None:
        self.application = application
        self.in_flight = in_flight
        self._slow = SlowClients()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = AsgiBody(receive, self._slow)
        client = scope.get("client")
        request = HttpRequest(
            scope["method"],
            scope["raw_path"],
            scope["query_string"],
            HttpHeaders(scope["headers"]),
            f"{client[0]}:{client[1]}" if client else "",
            body,
            trailers=_has_trailers(scope),
        )
        await self.finish(request, self.application.answer(request), body, send)

    def streamed(self, request: HttpRequest, response: StreamingResponse) -> Application:
        """Return an application that sends a response whose request was looked at already."""

        async def stream(scope: Scope, receive: Receive, send: Send) -> None:
            await self.finish(request, _ready(response), AsgiBody(receive, self._slow), send)

        return stream

    async def finish(
        self, request: HttpRequest, answering: Awaitable[Answer], body: AsgiBody, send: Send
    ) -> None:
        """Await the answer to a request and send it.

        Args:
            request: The request.
            answering: What answers it.
            body: Watches the client from when the body has come to its end.
            send: Where the answer goes.
        """
        channel = AsgiChannel(body, send)
        try:
            answer = await answering
            if isinstance(answer, StreamingResponse):
                await answer.run(channel)
            else:
                await channel.whole(answer)
        except asyncio.CancelledError:
            if body.gone:
                return
            # The server stops, and the grace is over.
            if not channel.started:
                with contextlib.suppress(Exception):
                    await channel.whole(self.application.stopped(request))
        except OSError:
            pass  # the client went away: ASGI's word for it
        except Exception as error:
            failed = self.application.failed(request, error)
            if not channel.started:
                await channel.whole(failed)
        finally:
            body.close()


def _has_trailers(scope: Scope) -> bool:
    """Tell whether a client gets the trailers of a response: over HTTP/1, Envoy lets go of them."""
    return "http.response.trailers" in (scope.get("extensions") or ()) and scope["http_version"][0] != "1"


async def _ready(response: StreamingResponse) -> Answer:
    return response


class AsgiBody:
    """The body of a request, and the watch for a client that goes away after it.

    Attributes:
        gone: Whether the client went away.
    """

    __slots__ = ("_ended", "_receive", "_slow", "_start", "_watching", "gone")

    def __init__(self, receive: Receive, slow: SlowClients) -> None:
        self._receive = receive
        self._slow = slow
        self._ended = False
        self._start: asyncio.Handle | None = None
        self._watching: asyncio.Task[None] | None = None
        self.gone = False

    async def next(self) -> bytes | None:
        """Return the next piece, or None at the end.

        Raises:
            RpcError: CANCELED if the client goes away before the end.
        """
        if self._ended:
            return None
        event = await self._receive()
        if event["type"] == "http.disconnect":
            self.gone = True
            raise client_gone()
        if not event.get("more_body"):
            self.watch()
        chunk: bytes = event.get("body", b"")
        return chunk

    async def whole(self, limit: int, call: Call) -> bytes:
        """Read all of it for a call.

        Raises:
            RpcError: RESOURCE_EXHAUSTED beyond `limit` bytes, CANCELED if the client goes away before the
                end, DEADLINE_EXCEEDED if it takes too long, UNAVAILABLE if there is no room for it.
        """
        return await self._slow.within(call, seconds_for(limit), self._whole(limit, call))

    async def _whole(self, limit: int, call: Call) -> bytes:
        chunks: list[bytes] = []
        size = 0
        while (chunk := await self.next()) is not None:
            size += len(chunk)
            if size > limit:
                raise too_large(limit)
            if chunk:
                call.hold(len(chunk))
                chunks.append(chunk)
        return b"".join(chunks)

    async def chunks(self, limit: int, call: Call) -> AsyncIterator[bytes]:
        """Yield it piece by piece, for a call that expects so many bytes at most."""
        now = asyncio.get_running_loop().time
        end = now() + seconds_for(limit)
        while (chunk := await self._slow.within(call, end - now(), self.next())) is not None:
            yield chunk

    def watch(self) -> None:
        """Cancel this task when the client goes away: the body has come to its end.

        The watch begins when the task first waits, so that those that never wait do not pay for it.
        """
        self._ended = True
        self._start = asyncio.get_running_loop().call_soon(self._begin_watch, asyncio.current_task())

    def close(self) -> None:
        """End the watch."""
        if self._start is not None:
            self._start.cancel()
        if self._watching is not None:
            self._watching.cancel()

    def _begin_watch(self, working: asyncio.Task[Any] | None) -> None:
        if working is not None:
            self._watching = asyncio.create_task(self._watch(working))

    async def _watch(self, working: asyncio.Task[Any]) -> None:
        with contextlib.suppress(OSError):
            while (await self._receive())["type"] != "http.disconnect":
                pass
        self.gone = True
        working.cancel()


class AsgiChannel:
    """The two directions of a request.

    Attributes:
        started: Whether anything was sent.
    """

    def __init__(self, body: AsgiBody, send: Send) -> None:
        self._body = body
        self._send = send
        self._trailers = False
        self.started = False

    async def receive(self) -> bytes | None:
        """Return the next piece of the body, or None at its end."""
        return await self._body.next()

    async def whole_body(self, limit: int, call: Call) -> bytes:
        """Read all of the body."""
        return await self._body.whole(limit, call)

    async def start(self, status: int, headers: HeaderList, *, trailers: bool = False) -> None:
        """Begin the response."""
        self.started = True
        self._trailers = trailers
        await self._send(
            {"type": "http.response.start", "status": status, "headers": headers, "trailers": trailers}
        )

    async def send(self, data: bytes) -> None:
        """Send a piece of the response."""
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self, data: bytes = b"", trailers: HeaderList | None = None) -> None:
        """End the response."""
        await self._send({"type": "http.response.body", "body": data})
        if self._trailers:
            await self._send({"type": "http.response.trailers", "headers": trailers or []})

    async def whole(self, response: Response) -> None:
        """Send a whole response."""
        await self.start(response.status, response.headers, trailers=response.trailers is not None)
        await self.end(response.body, response.trailers)
