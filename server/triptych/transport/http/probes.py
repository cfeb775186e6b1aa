"""What orchestrators and Prometheus ask of the HTTP port, without a token: /healthz, /readyz and /metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from triptych.auth.loopback import LoopbackOnly
from triptych.transport.http.compression import compress
from triptych.transport.http.messages import HeaderList, HttpRequest, Response, respond

PROBE_PATHS: Final = frozenset({"/healthz", "/readyz", "/metrics"})
COPY_SECONDS: Final = 1.0
_TEXT: Final = b"text/plain; charset=utf-8"


class AllWorkers(Protocol):
    """What a process knows of all that serve together with it."""

    @property
    def ready(self) -> str:
        """How many of them serve, as "workers: 1 of 2"."""
        ...

    async def exposition(self) -> bytes:
        """Return the metrics of all of them in the text format of Prometheus, version 0.0.4."""
        ...


class Probes:
    """Answers GET and HEAD on `PROBE_PATHS`.

    Args:
        serving: Tells whether calls are taken.
        exposition: Returns the metrics in the text format of Prometheus, version 0.0.4.
        loopback: Tells which requests are refused because a page of elsewhere sent them; None for none.
        store: The kind of the store, as "sqlite".
        all_workers: What is known of the processes that serve together; None if this one is alone.
    """

    def __init__(
        self,
        serving: Callable[[], bool],
        exposition: Callable[[], bytes],
        loopback: LoopbackOnly | None = None,
        store: str = "memory",
        all_workers: AllWorkers | None = None,
    ) -> None:
        self._serving = serving
        self._ready = f"ok\nstore: {store}\n".encode()
        self._exposition = exposition
        self._loopback = loopback
        self._all_workers = all_workers
        self._exposing: asyncio.Future[bytes] | None = None
        self._exposed_at = -COPY_SECONDS

    async def answer(self, request: HttpRequest) -> Response:
        """Answer a request."""
        status, media_type, body = 200, _TEXT, b"ok\n"
        headers: HeaderList = [(b"cache-control", b"no-store")]
        refusal = self._loopback.refusal(request.headers) if self._loopback else None
        if refusal is not None:
            status, body = 403, f"{refusal.message}\n".encode()
        elif request.verb not in ("GET", "HEAD"):
            status, body = 405, b"only GET and HEAD are allowed here\n"
            headers.append((b"allow", b"GET, HEAD"))
        elif request.path == "/metrics":
            media_type = CONTENT_TYPE_PLAIN_0_0_4.encode()
            body = await self._expose()
            if accept := request.headers.first.get(b"accept-encoding"):
                body, more = compress(body, accept)
                headers += more
        elif request.path == "/readyz":
            status, body = (200, self._readiness()) if self._serving() else (503, b"not serving\n")
        return respond(request, status, media_type, body, headers)

    def _readiness(self) -> bytes:
        return (
            self._ready
            if self._all_workers is None
            else self._ready + f"{self._all_workers.ready}\n".encode()
        )

    async def _expose(self) -> bytes:
        """Return the metrics as they were at most a second ago.

        They are written in a thread, as that takes up to 40 ms, and once for all who ask meanwhile.
        """
        now = asyncio.get_running_loop().time()
        exposing = self._exposing
        if exposing is None or (exposing.done() and now >= self._exposed_at + COPY_SECONDS):
            self._exposed_at = now
            everywhere = self._all_workers
            exposing = self._exposing = asyncio.ensure_future(
                asyncio.to_thread(self._exposition) if everywhere is None else everywhere.exposition()
            )
        return await asyncio.shield(exposing)
