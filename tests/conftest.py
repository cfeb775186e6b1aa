"""A server a worker, a client of it for each transport, and an organization for each test."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import grpc
import hypothesis
import pytest
from connectrpc.protocol import ProtocolType

from support.api import Api, ConnectTransport, GrpcTransport, Transport
from support.calls import TEST_METHODS
from support.http import new_http_client
from support.log import Log
from support.rest import RestTransport
from support.stores import KINDS, NewStore
from support.stores import cluster as cluster  # noqa: PLC0414
from support.stores import new_store as new_store  # noqa: PLC0414
from support.world import World, new_world
from triptych.app.lifecycle import App
from triptych.clock import SystemClock
from triptych.config import Settings
from triptych.ids import RandomIds
from triptych.observability import logs
from triptych.store.base import Store

# Whether an example took long says more of the machine than of us.
hypothesis.settings.register_profile("triptych", deadline=None)
hypothesis.settings.load_profile("triptych")

TRANSPORTS = ["grpc", "grpc-web", "connect-proto", "connect-json"]


@dataclass(frozen=True)
class Server:
    """A server that runs in this process, on ports of its own."""

    app: App
    store: Store
    call_logger: logs.CallLogger
    log: Log

    def log_text(self) -> str:
        """Return what was logged so far."""
        self.call_logger.flush()
        return self.log.getvalue()

    @property
    def http(self) -> str:
        """The base URL of the HTTP port."""
        return f"http://127.0.0.1:{self.app.http.port}"

    @property
    def grpc(self) -> str:
        """The target of the gRPC port."""
        return f"127.0.0.1:{self.app.grpc.port}"


def pytest_collection_finish() -> None:
    """Leave what the collected tests are made of to no collection of garbage any more."""
    gc.collect()
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add which stores are tested."""
    parser.addoption("--stores", default="memory", help=f"which of {','.join(KINDS)}")
    parser.addoption("--long", action="store_true", help="compare stores a million times")


@pytest.fixture(scope="session")
async def server(new_store: NewStore) -> AsyncIterator[Server]:
    """Run a server, with methods of the tests' own beside the usual ones."""
    async with new_store() as store, running_server(store) as server:
        yield server


@asynccontextmanager
async def running_server(store: Store) -> AsyncIterator[Server]:
    """Run a server over a store until the end of the block."""
    log = Log()
    settings = Settings(http_port=0, grpc_port=0, token="start-token", shutdown_grace=1)
    call_logger = logs.configure("json", "info", log)
    app = App(settings, call_logger, store=store, methods=TEST_METHODS)
    await app.start()
    yield Server(app, store, call_logger, log)
    await app.stop()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test over every store that is asked for, and every transport.

    Over REST as well where its module says so, with OVER_REST.
    """
    if "new_store" in metafunc.fixturenames:
        kinds = metafunc.config.getoption("--stores").split(",")
        metafunc.parametrize("new_store", kinds, indirect=True, scope="session")
    if "transport" in metafunc.fixturenames:
        over_rest = getattr(metafunc.module, "OVER_REST", False)
        ways = [*TRANSPORTS, "rest"] if over_rest else TRANSPORTS
        metafunc.parametrize("transport", ways, indirect=True, scope="session")


@pytest.fixture(scope="session")
async def transport(request: pytest.FixtureRequest, server: Server) -> AsyncIterator[Transport]:
    """Return one way in after the other."""
    async with AsyncExitStack() as stack:
        match request.param:
            case "grpc":
                channel = await stack.enter_async_context(grpc.aio.insecure_channel(server.grpc))
                yield GrpcTransport(channel)
            case "rest":
                http = new_http_client(base_url=server.http)
                yield RestTransport(await stack.enter_async_context(http))
            case "grpc-web":
                yield ConnectTransport(server.http, ProtocolType.GRPC_WEB, "proto")
            case "connect-proto":
                yield ConnectTransport(server.http, ProtocolType.CONNECT, "proto")
            case "connect-json":
                yield ConnectTransport(server.http, ProtocolType.CONNECT, "json")


@pytest.fixture
async def world(server: Server, transport: Transport) -> World:
    """Return an organization that no other test sees."""
    clock = SystemClock()
    return await new_world(server.store, clock, RandomIds(clock), transport)


@pytest.fixture
async def ada(world: World) -> Api:
    """Return the administrator."""
    return await world.as_(world.users["ada"])


@pytest.fixture
async def max(world: World) -> Api:
    """Return a member."""
    return await world.as_(world.users["max"])


@pytest.fixture
async def mia(world: World) -> Api:
    """Return another member."""
    return await world.as_(world.users["mia"])


@pytest.fixture
def other_world(world: World) -> Iterator[Callable[[], object]]:
    """Return a maker of another organization on the same server."""

    async def make() -> World:
        return await new_world(world.store, world.clock, world.ids, world.transport)

    return make
