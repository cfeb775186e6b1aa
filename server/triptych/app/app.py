"""The composition root: settings become a store, services, a table, a pipeline and two ports.

The only file that names concrete classes; tests put it together in the same way.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final

from protobuf import Registry

from triptych.app.first_start import FirstStart, first_start
from triptych.auth.authenticate import Authenticate
from triptych.auth.authorise import authorise
from triptych.auth.last_uses import LastUses
from triptych.backend import Backend
from triptych.clock import Clock, SystemClock
from triptych.config import Settings, url_host
from triptych.discovery.health import HealthService
from triptych.discovery.reflection import ReflectionService
from triptych.documents.service import DocumentSettings
from triptych.ids import Ids, RandomIds
from triptych.observability.logs import CallLogger
from triptych.observability.metrics import Metrics
from triptych.paging import PageTokens
from triptych.projects.popularity import count_popularity
from triptych.rpc.deadline import Deadline
from triptych.rpc.interceptors import CatchUnexpected, ConcurrencyLimit, Observe
from triptych.rpc.methods import Method, ServiceBinding, method_table
from triptych.rpc.pipeline import Pipeline
from triptych.rpc.rate_limit import RateLimit
from triptych.rpc.validation import RequestValidator
from triptych.seed import load_seed_file
from triptych.services import Parts, listed
from triptych.store.base import Store
from triptych.store.memory import MemoryStore
from triptych.transport.connect.calls import ConnectCalls
from triptych.transport.grpc.handlers import GrpcHandlers
from triptych.transport.grpc.listener import GrpcListener
from triptych.transport.http.application import HttpApplication
from triptych.transport.http.asgi import AsgiApplication
from triptych.transport.http.cors import Cors
from triptych.transport.http.probes import PROBE_PATHS, Probes
from triptych.transport.http1.listener import HttpListener
from triptych.transport.rest.build import http_router
from triptych.transport.rest.calls import RestCalls
from triptych.transport.rest.dialect import dialects
from triptych.transport.tls import Tls
from triptych_api.google.rpc import error_details_pb

_logger = logging.getLogger("triptych")

_POPULARITY_SECONDS: Final = 600
_LAST_USES_SECONDS: Final = 10
# For those who watch the health of the server to read that it stops.
_WATCHERS_SECONDS: Final = 1.0


class App:
    """A server that is put together, and can be started and stopped.

    Attributes:
        http: The HTTP port.
        grpc: The gRPC port.
    """

    def __init__(
        self,
        settings: Settings,
        call_logger: CallLogger,
        *,
        store: Store | None = None,
        clock: Clock | None = None,
        bindings: Sequence[ServiceBinding] = (),
        methods: Sequence[Method] = (),
    ) -> None:
        """Put a server together.

        Args:
            settings: What to serve, and where.
            call_logger: Writes a line for each call.
            store: Where the data is kept; in memory if left out.
            clock: Where the time comes from; the system if left out.
            bindings: Services beside the usual ones.
            methods: Methods beside those of services.
        """
        self._settings = settings
        self._call_logger = call_logger
        self._clock = clock or SystemClock()
        self._ids: Ids = RandomIds(self._clock)
        self._store = store or MemoryStore()
        self._last_uses = LastUses()
        self._validator = RequestValidator()
        self._bindings = bindings
        self._methods = methods
        self._background: list[asyncio.Task[None]] = []
        self._once: set[asyncio.Task[None]] = set()

    async def start(self) -> FirstStart:
        """Load the data and open both ports.

        Raises:
            SeedError: The seed file cannot be used; nothing is loaded.
            ListenError: A port cannot be opened; none is left open.
            BindingsError: Services cannot be served as they are bound.
            HttpRulesError: REST cannot serve the `google.api.http` rules of the services that are bound.
        """
        first = await self.load()
        settings = self._settings
        tls = Tls.of(settings)
        self.http = HttpListener(settings.http_host, settings.http_port, tls)
        self.http.bind()
        try:
            application = await self.application(self.http.port)
            handlers = GrpcHandlers(self._table, self._pipeline, self._settings.max_message)
            self.grpc = GrpcListener(
                handlers, settings.grpc_host, settings.grpc_port, tls, settings.max_message
            )
            await self.grpc.start()
            await self.http.start(application)
        except BaseException:
            self.http.close()
            raise
        return first

    @property
    def http_port(self) -> int:
        """The port of REST, Connect and gRPC-Web, once started."""
        return self.http.port

    @property
    def grpc_port(self) -> int:
        """The port of gRPC, once started."""
        return self.grpc.port

    async def load(self) -> FirstStart:
        """Load the data.

        Raises:
            SeedError: The seed file cannot be used; nothing is loaded.
        """
        has_tokens = False
        if self._settings.seed is not None:
            summary = await load_seed_file(
                self._settings.seed,
                self._store,
                self._ids,
                self._clock,
                self._validator,
                self._settings.max_upload,
            )
            has_tokens = summary.has_tokens
        first = await first_start(
            self._store, self._ids, self._clock, self._settings.token, has_tokens=has_tokens
        )
        await count_popularity(self._store, self._clock)
        return first

    async def application(self, http_port: int) -> AsgiApplication:
        """Return the ASGI application of the HTTP port, and start the work in the background.

        It serves gRPC as well where the ASGI server can send trailers.

        Args:
            http_port: Where clients reach it, for the URLs in answers.
        """
        settings = self._settings
        bindings = await self._all_bindings(http_port)
        self._table = table = {**method_table(bindings), **{method.path: method for method in self._methods}}
        self._validator.warm(method.input for method in table.values())
        metrics = Metrics(table.values())
        self._pipeline = pipeline = Pipeline(
            [
                Observe(self._call_logger, metrics),
                CatchUnexpected(),
                ConcurrencyLimit(settings.max_concurrency),
                Deadline(),
                Authenticate(self._store, self._clock, self._last_uses, developer_mode=settings.dev),
                *([RateLimit(self._clock)] if settings.rate_limit else []),
            ],
            [authorise, self._validator.validate],
        )
        connect = ConnectCalls(table, pipeline, settings.max_message)
        cors = Cors(settings.cors_origin, loopback=settings.dev)
        registry = Registry(*(each.desc.file for each in bindings), error_details_pb.desc())
        router = http_router(table, bindings, dialects(registry), PROBE_PATHS)
        rest = RestCalls(router, pipeline, settings.max_message, settings.max_upload)
        self._every(_POPULARITY_SECONDS, lambda: count_popularity(self._store, self._clock))
        self._every(_LAST_USES_SECONDS, self._write_last_uses)
        self._health.serve()
        probes = Probes(lambda: self._health.serving, metrics.exposition)
        return AsgiApplication(HttpApplication(connect, rest, probes, cors))

    async def stop(self) -> None:
        """Refuse new calls, let running ones finish within the grace of the settings, and close."""
        grace = self._settings.shutdown_grace
        await self.drain()
        await asyncio.gather(self.http.stop(grace), self.grpc.stop(grace))
        await self.finish()

    async def drain(self) -> None:
        """Tell whoever asks for the health of the server that it takes no more calls."""
        await self._health.drain(min(_WATCHERS_SECONDS, self._settings.shutdown_grace))

    async def finish(self) -> None:
        """End the work in the background, and write what is not written yet: no call is running any more."""
        if self._once:
            await asyncio.wait(self._once, timeout=self._settings.shutdown_grace)
        for task in (*self._background, *self._once):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._write_last_uses()
        self._call_logger.flush()

    async def _all_bindings(self, http_port: int) -> list[ServiceBinding]:
        settings = self._settings
        scheme = "http" if settings.tls_cert is None else "https"
        public_url = settings.public_url or f"{scheme}://{url_host(settings.http_host)}:{http_port}"
        services = listed(conformance=settings.conformance)
        descs = [each.desc for each in (*services, *self._bindings)]
        single = (method.service for method in self._methods)
        self._health = HealthService([*(desc.type_name for desc in descs), *single])
        parts = Parts(
            backend=Backend(
                store=self._store,
                clock=self._clock,
                ids=self._ids,
                page_tokens=PageTokens(await self._store.secret_key("page-tokens")),
                last_uses=self._last_uses,
                validator=self._validator,
            ),
            documents=DocumentSettings(public_url=public_url),
            run_in_background=self._run_once,
            health=self._health,
            reflection=ReflectionService(descs, [error_details_pb.desc()]),
        )
        return [*(service.bind(parts) for service in services), *self._bindings]

    async def _write_last_uses(self) -> None:
        if self._last_uses:
            async with self._store.write() as tx:
                await self._last_uses.write(tx)
                await tx.commit()

    def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        async def repeat() -> None:
            while True:
                await asyncio.sleep(seconds)
                try:
                    await work()
                except Exception:
                    _logger.exception("unexpected error in the background; tried again in %s s", seconds)

        self._background.append(asyncio.create_task(repeat()))

    def _run_once(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async def run() -> None:
            try:
                await work()
            except Exception:
                _logger.exception("unexpected error in the background")

        task = asyncio.create_task(run())
        self._once.add(task)  # the loop itself would let go of it
        task.add_done_callback(self._once.discard)
