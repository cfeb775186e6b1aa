"""The life of a server: load the data, open ports, drain, close; with two ports, or within another server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from typing import Final, Protocol

from triptych.app.composition import Composition, Resources, compose
from triptych.app.first_start import FirstStart, first_start
from triptych.app.jobs import Jobs, periodic_jobs
from triptych.app.store_watch import StoreWatch
from triptych.auth.last_uses import LastUses
from triptych.clock import Clock, SystemClock
from triptych.config import MIN_SECRET, Settings
from triptych.documents.background import process_left
from triptych.ids import Ids, RandomIds
from triptych.observability.logs import CallLogger
from triptych.projects.popularity import count_popularity
from triptych.rpc.methods import Method, ServiceBinding
from triptych.rpc.validation import RequestValidator
from triptych.seed import fill_empty_store
from triptych.store.base import Store
from triptych.store.errors import StoreError
from triptych.store.opening import make_store
from triptych.transport.grpc.listener import GrpcListener
from triptych.transport.http.probes import AllWorkers
from triptych.transport.http1.listener import HttpListener
from triptych.transport.tls import Tls

_logger = logging.getLogger("triptych")

# For those who watch the health of the server to read that it stops.
_WATCHERS_SECONDS: Final = 1.0


class Server(Protocol):
    """A server that can be started and stopped, whatever ports it has."""

    @property
    def http_port(self) -> int:
        """The port of REST, Connect and gRPC-Web, once started."""
        ...

    @property
    def grpc_port(self) -> int:
        """The port of gRPC, once started."""
        ...

    async def start(self) -> FirstStart:
        """Load the data and take calls.

        Raises:
            SeedError: The seed file cannot be used; nothing is loaded.
            ListenError: A port cannot be opened; none is left open.
        """
        ...

    async def stop(self) -> None:
        """Refuse new calls, let running ones finish within the grace of the settings, and close.

        Before that, calls are taken for the drain seconds of the settings.
        """
        ...


class Application:
    """A server without its ports: from loading the data to the end of its work in the background.

    Args:
        settings: What to serve.
        call_logger: Writes a line for each call.
        store: Where the data is kept; what the settings say if left out.
        clock: Where the time comes from; the system if left out.
        bindings: Services beside the usual ones.
        methods: Methods beside those of services.
        all_workers: What is known of the processes that serve together, and have the same ports; None if this
            one is alone.

    Attributes:
        composition: What the ports answer with, once opened.
    """

    composition: Composition

    def __init__(
        self,
        settings: Settings,
        call_logger: CallLogger,
        *,
        store: Store | None = None,
        clock: Clock | None = None,
        bindings: Sequence[ServiceBinding] = (),
        methods: Sequence[Method] = (),
        all_workers: AllWorkers | None = None,
    ) -> None:
        self._settings = settings
        self._call_logger = call_logger
        self._clock = clock or SystemClock()
        self._ids: Ids = RandomIds(self._clock)
        self._store = store or make_store(settings.store)
        self._last_uses = LastUses()
        self._validator = RequestValidator()
        self._bindings = bindings
        self._methods = methods
        self._all_workers = all_workers
        self._jobs = Jobs()

    async def load(self) -> FirstStart:
        """Open the store, and load the data into an empty one.

        Raises:
            SeedError: The seed file cannot be used; nothing is loaded.
            StoreError: The store cannot be used.
        """
        settings, store, ids, clock = self._settings, self._store, self._ids, self._clock
        await store.start()
        for risk in await store.risks():
            _logger.warning("%s", risk)
        if settings.seed is not None:
            loaded = await fill_empty_store(
                settings.seed,
                store,
                ids,
                clock,
                self._validator,
                settings.max_upload,
                min_secret=1 if settings.dev else MIN_SECRET,
            )
            if loaded is None:
                _logger.info("%s is not loaded: the store holds data already", settings.seed)
        first = await first_start(store, ids, clock, settings.token)
        await count_popularity(store, clock)
        return first

    async def open(self, http_port: int) -> Composition:
        """Return what the ports answer with, ready to take calls; start the work in the background.

        Args:
            http_port: Where clients reach the HTTP port, for the URLs in answers.

        Raises:
            BindingsError: Services cannot be served as they are bound.
            HttpRulesError: REST cannot serve the `google.api.http` rules of the services that are bound.
        """
        resources = Resources(
            store=self._store,
            page_token_key=await self._store.secret_key("page-tokens"),
            clock=self._clock,
            ids=self._ids,
            call_logger=self._call_logger,
            last_uses=self._last_uses,
            validator=self._validator,
            run_in_background=self._jobs.run_once,
            all_workers=self._all_workers,
        )
        composition = compose(self._settings, resources, http_port, self._bindings, self._methods)
        self.composition = composition
        self._health = composition.health
        watch = StoreWatch(self._store, composition.health)
        self._jobs.start(periodic_jobs(self._store, self._clock, self._last_uses, watch))
        self._jobs.run_once(partial(process_left, self._store, self._clock.now()))
        self._health.serve()
        return composition

    def refuse(self) -> None:
        """Tell whoever asks for the health of the server that no more calls should come; they are taken."""
        self._health.refuse()

    async def drain(self) -> None:
        """Tell whoever asks for the health of the server that it takes no more calls."""
        await self._health.drain(min(_WATCHERS_SECONDS, self._settings.shutdown_grace))

    async def finish(self, seconds: float | None = None) -> None:
        """End the work in the background, and write what is not written yet: no call is running any more.

        Args:
            seconds: What work that was left to be done gets to come to its end; the grace of the settings if
                None.
        """
        await self._jobs.finish(self._settings.shutdown_grace if seconds is None else seconds)
        try:
            await self._last_uses.flush(self._store)
        except StoreError as error:
            _logger.warning("last uses of tokens are not written: %s", error)
        await self._store.close()
        self._call_logger.close()


class App(Application):
    """A server with two ports: one for HTTP, one for gRPC.

    Attributes:
        http: The HTTP port.
        grpc: The gRPC port.
        most_connections: The most connections that each port has at a time; that of the ports themselves if
            None.
    """

    http: HttpListener
    grpc: GrpcListener
    most_connections: int | None = None

    async def start(self) -> FirstStart:
        """Load the data and open both ports.

        Raises:
            SeedError: The seed file cannot be used; nothing is loaded.
            ListenError: A port cannot be opened; none is left open.
            BindingsError: Services cannot be served as they are bound.
            HttpRulesError: REST cannot serve the `google.api.http` rules of the services that are bound.
        """
        first = await self.load()
        await self._listen()
        return first

    async def join(self) -> None:
        """Open both ports beside other processes that serve the same, whose data is loaded already.

        Raises:
            StoreError: The store cannot be used.
            ListenError: A port cannot be opened; none is left open.
        """
        await self._store.start()
        await self._listen()

    async def _listen(self) -> None:
        settings = self._settings
        shared = self._all_workers is not None
        tls = Tls.of(settings)
        self.http = HttpListener(
            settings.http_host,
            settings.http_port,
            tls,
            keep_alive=settings.keep_alive,
            most_connections=self.most_connections,
            shared=shared,
        )
        self.http.bind()
        try:
            composition = await self.open(self.http.port)
            self.grpc = GrpcListener(
                composition.grpc,
                settings.grpc_host,
                settings.grpc_port,
                tls,
                settings.max_message,
                self.most_connections,
                shared=shared,
            )
            await self.grpc.start()
            await self.http.start(composition.http)
        except BaseException:
            self.http.close()
            raise

    @property
    def http_port(self) -> int:
        """The port of REST, Connect and gRPC-Web, once started."""
        return self.http.port

    @property
    def grpc_port(self) -> int:
        """The port of gRPC, once started."""
        return self.grpc.port

    async def stop(self) -> None:
        """Refuse new calls, let running ones finish within the grace of the settings, and close.

        Before that, calls are taken for the drain seconds of the settings, while whoever asks reads that no
        more should come.
        """
        self.refuse()
        self.http.begin_drain()
        await asyncio.sleep(self._settings.drain_seconds)
        loop = asyncio.get_running_loop()
        end = loop.time() + self._settings.shutdown_grace
        await self.drain()
        left = max(0.0, end - loop.time())
        await asyncio.gather(self.http.stop(left), self.grpc.stop(left))
        await self.finish(max(0.0, end - loop.time()))
