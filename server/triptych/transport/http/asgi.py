"""The shapes of ASGI that the HTTP port uses, and the reply that goes out through them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from triptych.rpc.call import REQUEST_ID_HEADER, Call

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


class Reply:
    """The way out of one request: adds what every reply carries.

    That is `x-request-id`, the call's own response headers, `x-should-retry: false` on Connect errors that a
    retry cannot mend, a content-length where the whole body is known, and the headers that are given.

    Attributes:
        started: Whether anything was sent.
    """

    def __init__(self, call: Call, send: Send, headers: Headers) -> None:
        self._call = call
        self._send = send
        self._own_headers = headers
        self._start: Event | None = None
        self.started = False

    async def send(self, event: Event) -> None:
        """Send an ASGI event; the start of the response waits for the first part of the body."""
        if event["type"] == "http.response.start":
            self._start = event
            return
        if self._start is not None:
            start, self._start = self._start, None
            headers = [*start["headers"], *self._headers()]
            if not event.get("more_body") and not start.get("trailers"):
                headers.append((b"content-length", b"%d" % len(event.get("body", b""))))
            self.started = True
            await self._send({**start, "headers": headers})
        await self._send(event)

    async def whole(
        self,
        status: int,
        media_type: bytes,
        body: bytes,
        headers: Headers,
        *,
        head: bool = False,
    ) -> None:
        """Send a whole response; for HEAD, all of it but the body."""
        headers = [
            (b"content-type", media_type),
            (b"content-length", b"%d" % len(body)),
            *headers,
            *self._headers(),
        ]
        self.started = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": b"" if head else body})

    async def empty(self, status: int) -> None:
        """Send a response without a body."""
        await self._send({"type": "http.response.start", "status": status, "headers": self._headers()})
        await self._send({"type": "http.response.body", "body": b""})

    def _headers(self) -> Headers:
        call = self._call
        headers = [(name.encode(), value.encode()) for name, value in call.response_headers]
        headers += self._own_headers
        headers.append((REQUEST_ID_HEADER.encode(), call.request_id.encode()))
        if call.error is not None and not call.error.may_pass and call.transport == "connect":
            headers.append((b"x-should-retry", b"false"))
        return headers
