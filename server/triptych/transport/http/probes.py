"""What orchestrators and Prometheus ask of the HTTP port, without a token: /healthz, /readyz and /metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from triptych.transport.http.asgi import Headers, Send
from triptych.transport.http.compression import compress
from triptych.transport.http.request import HttpRequest, request_id_header

PROBE_PATHS: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_TEXT: Final = "text/plain; charset=utf-8"


class Probes:
    """Answers GET and HEAD on `PROBE_PATHS`.

    Args:
        serving: Tells whether calls are taken.
        exposition: Returns the metrics in the text format of Prometheus, version 0.0.4.
    """

    def __init__(self, serving: Callable[[], bool], exposition: Callable[[], bytes]) -> None:
        self._serving = serving
        self._exposition = exposition
        self._exposing: asyncio.Future[bytes] | None = None

    async def __call__(self, request: HttpRequest, send: Send, headers: Headers) -> None:
        """Answer a request; the response carries `headers`."""
        status, media_type, body = 200, _TEXT, b"ok\n"
        more: Headers = []
        if request.verb not in ("GET", "HEAD"):
            status, body = 405, b"only GET and HEAD are allowed here\n"
            more = [(b"allow", b"GET, HEAD")]
        elif request.path == "/metrics":
            media_type = CONTENT_TYPE_PLAIN_0_0_4
            body, more = compress(await self._expose(), request.header("accept-encoding"))
        elif request.path == "/readyz" and not self._serving():
            status, body = 503, b"not serving\n"
        headers = [
            *headers,
            *more,
            (b"content-type", media_type.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"no-store"),
            request_id_header(request),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if request.verb == "HEAD" else body})

    async def _expose(self) -> bytes:
        """Return the metrics: in a thread, as it takes up to 40 ms, and once for all who ask meanwhile."""
        if self._exposing is None:
            self._exposing = asyncio.ensure_future(asyncio.to_thread(self._exposition))
            self._exposing.add_done_callback(self._exposed)
        return await asyncio.shield(self._exposing)

    def _exposed(self, _: asyncio.Future[bytes]) -> None:
        self._exposing = None
