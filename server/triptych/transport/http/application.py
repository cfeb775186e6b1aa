"""The HTTP port: probes on paths of their own, REST where its router says so, Connect and gRPC-Web elsewhere.

Preflights of browsers are answered here for all of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Protocol

from triptych.errors import RpcError
from triptych.transport.errors import connect_refusal
from triptych.transport.http.asgi import Headers, Receive, Scope, Send
from triptych.transport.http.cors import Cors
from triptych.transport.http.probes import PROBE_PATHS, Probes
from triptych.transport.http.request import HttpRequest, request_id_header
from triptych.transport.rest.calls import RestCalls

_logger = logging.getLogger("triptych")


class HttpCalls(Protocol):
    """Answers the requests of one family of protocols."""

    async def __call__(self, request: HttpRequest, receive: Receive, send: Send, headers: Headers) -> None:
        """Answer a request; every response carries `headers`."""
        ...


class HttpApplication:
    """The ASGI application of the HTTP port."""

    def __init__(self, connect: HttpCalls, rest: RestCalls, probes: Probes, cors: Cors) -> None:
        self._connect = connect
        self._rest = rest
        self._probes = probes
        self._cors = cors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        request = HttpRequest(scope)
        headers = self._cors.response(request.header("origin")) if self._cors.on else []
        try:
            if request.verb == "OPTIONS" and request.header("access-control-request-method"):
                await self._preflight(request, send, headers)
            elif request.path in PROBE_PATHS:
                await self._probes(request, send, headers)
            elif (found := self._rest.find(request)) is not None:
                await self._rest(found, request, receive, send, headers)
            else:
                await self._connect(request, receive, send, headers)
        except asyncio.CancelledError:
            # The server stops, and the grace is over. What has begun to answer has ended that by itself.
            with contextlib.suppress(Exception):
                await _refuse(send, request, 503, headers, connect_refusal("unavailable", "the server stops"))
        except OSError:
            pass  # the client went away: ASGI's word for it
        except Exception:
            # The calls answer for themselves: this is a defect of theirs, or a response cut off half-way.
            _logger.exception("unexpected error answering %s", request.path)
            await _refuse(send, request, 500, headers, connect_refusal("internal", "internal error"))

    def refusal_body(self, error: RpcError, raw_path: bytes, request_id: str) -> bytes:
        """Return the body for a message that is refused before it is a request, in the shape of its path.

        Args:
            error: What is wrong.
            raw_path: The path as far as it was read, without the query.
            request_id: What the response is named.
        """
        dialect = self._rest.dialect_of(raw_path)
        if dialect is not None:
            return dialect.error_body(error, request_id)
        return connect_refusal(error.code.name.lower(), error.message)

    async def _preflight(self, request: HttpRequest, send: Send, headers: Headers) -> None:
        allowed = self._cors.preflight(
            request.header("origin") or "", request.header("access-control-request-headers") or ""
        )
        await _send(send, request, 204, [*headers, *allowed], b"")


async def _refuse(send: Send, request: HttpRequest, status: int, headers: Headers, body: bytes) -> None:
    length = (b"content-length", b"%d" % len(body))
    await _send(send, request, status, [*headers, (b"content-type", b"application/json"), length], body)


async def _send(send: Send, request: HttpRequest, status: int, headers: Headers, body: bytes) -> None:
    headers = [*headers, request_id_header(request)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
