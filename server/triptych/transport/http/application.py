"""What the HTTP port serves: Connect, gRPC-Web, REST, probes, pages, and the preflights of browsers."""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from typing import Any, Final

from triptych.errors import RpcError
from triptych.transport.connect.calls import ConnectCalls
from triptych.transport.errors import connect_refusal
from triptych.transport.http.cors import Cors
from triptych.transport.http.files import FileServer
from triptych.transport.http.messages import JSON, Answer, HeaderList, HttpRequest, Response, empty, respond
from triptych.transport.http.probes import PROBE_PATHS, Probes
from triptych.transport.pages.calls import Pages
from triptych.transport.rest.calls import RestCalls

_logger = logging.getLogger("triptych")

_PREFLIGHT: Final = b"access-control-request-method"


class HttpApplication:
    """Finds what answers a request.

    Args:
        rpcs: Connect, gRPC-Web and gRPC: asked first for the paths of rpcs, and last for what nothing else
            answers.
        rest: REST.
        probes: The paths of orchestrators.
        files: For browsers and generators.
        cors: What browsers are told.
        pages: What a person is shown, where nothing else answers.
    """

    def __init__(
        self,
        rpcs: ConnectCalls,
        rest: RestCalls,
        probes: Probes,
        files: FileServer,
        cors: Cors,
        pages: Pages | None = None,
    ) -> None:
        self._rpcs = rpcs
        self._endpoints = rpcs.endpoints
        self._rest = rest
        self._probes = probes
        self._files = files
        self._pages = pages
        self._cors = cors

    def answer(self, request: HttpRequest) -> Coroutine[Any, Any, Answer]:
        """Return what answers a request. It needs no task until it first waits."""
        if self._cors.on:
            origin = request.headers.get("origin")
            request.carried = self._cors.response(origin)
            if request.verb == "OPTIONS" and _PREFLIGHT in request.headers.first:
                return self._preflight(request, origin or "")
        endpoint = self._endpoints.get(request.raw_path)
        if endpoint is not None:
            return endpoint.answer(request)
        found = self._rest.answer(request) or self._rpcs.answer(request)
        if found is not None:
            return found
        if request.path in PROBE_PATHS:
            return self._probes.answer(request)
        if request.path in self._files.files:
            return self._files.answer(request)
        page = self._pages.answer(request) if self._pages is not None else None
        return page or self._rpcs.refuse(request)

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

    def refusal_headers(self, origin: str | None) -> HeaderList:
        """Return the headers for browsers of such a message.

        Args:
            origin: The origin that it names, as far as it was read.
        """
        return self._cors.response(origin)

    def takes_stream(self, raw_path: bytes) -> bool:
        """Tell whether what answers a path takes a stream of messages, between which a client may pause."""
        return self._rpcs.takes_stream(raw_path)

    def stopped(self, request: HttpRequest) -> Response:
        """Return the response to a request that the end of the server cut off."""
        return respond(request, 503, JSON, connect_refusal("unavailable", "the server stops"))

    def failed(self, request: HttpRequest, error: Exception) -> Response:
        """Log a defect of ours, or a response that was cut off half-way, and return the response to it.

        The calls answer for themselves: this is an error of what stands around them.
        """
        _logger.error("unexpected error answering %s", request.path, exc_info=error)
        return respond(request, 500, JSON, connect_refusal("internal", "internal error"))

    async def _preflight(self, request: HttpRequest, origin: str) -> Response:
        wanted = request.headers.get("access-control-request-headers") or ""
        return empty(request, 204, self._cors.preflight(origin, wanted))
