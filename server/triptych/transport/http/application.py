"""What the HTTP port serves: Connect, gRPC-Web, REST, probes, and the preflights of browsers for all."""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from typing import Any, Final, Protocol

from triptych.transport.errors import connect_refusal
from triptych.transport.http.cors import Cors
from triptych.transport.http.messages import JSON, Answer, HttpRequest, Response, empty, respond
from triptych.transport.http.probes import PROBE_PATHS, Probes

_logger = logging.getLogger("triptych")

_PREFLIGHT: Final = b"access-control-request-method"


class HttpCalls(Protocol):
    """Answers the requests of one family of protocols."""

    def answer(self, request: HttpRequest) -> Coroutine[Any, Any, Answer] | None:
        """Return what answers a request; None if it is not one of this family."""
        ...


class HttpApplication:
    """Finds what answers a request.

    Args:
        rpcs: Connect, gRPC-Web and gRPC: asked first for the paths of rpcs, and last for what nothing else
            answers.
        rest: REST.
        probes: The paths of orchestrators.
        cors: What browsers are told.
    """

    def __init__(self, rpcs: RpcCalls, rest: HttpCalls, probes: Probes, cors: Cors) -> None:
        self._rpcs = rpcs
        self._rest = rest
        self._probes = probes
        self._cors = cors

    def answer(self, request: HttpRequest) -> Coroutine[Any, Any, Answer]:
        """Return what answers a request. It needs no task until it first waits."""
        if self._cors.on:
            origin = request.headers.get("origin")
            request.carried = self._cors.response(origin)
            if request.verb == "OPTIONS" and _PREFLIGHT in request.headers.first:
                return self._preflight(request, origin or "")
        found = self._rpcs.answer(request) or self._rest.answer(request)
        if found is not None:
            return found
        if request.path in PROBE_PATHS:
            return self._probes.answer(request)
        return self._rpcs.refuse(request)

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


class RpcCalls(HttpCalls, Protocol):
    """Answers the requests for the paths of rpcs, and refuses all others."""

    async def refuse(self, request: HttpRequest) -> Response:
        """Answer a request for an unknown path."""
        ...
