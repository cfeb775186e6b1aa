"""What callers are told that the store fails, over every transport."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import grpc
import pytest
from connectrpc.protocol import ProtocolType

from support.api import Api, CallError, ConnectTransport, GrpcTransport, Transport
from support.apps import make_app
from support.http import new_http_client
from support.rest import RestTransport
from triptych.store.base import ResultT
from triptych.store.errors import (
    ConflictError,
    OutcomeUnknownError,
    ReadOnlyError,
    StoreError,
    UnavailableError,
    UnusableError,
)
from triptych.store.memory import MemoryStore
from triptych.store.memory.store import MemoryTransaction


class FailingStore(MemoryStore):
    """A store that fails once a body has run, or where it is read.

    Attributes:
        failure: What to raise; None to go on.
    """

    def __init__(self) -> None:
        super().__init__()
        self.failure: StoreError | None = None

    async def write(
        self, body: Callable[[MemoryTransaction], Awaitable[ResultT]], *, deadline: float | None = None
    ) -> ResultT:
        async def failing(tx: MemoryTransaction) -> ResultT:
            result = await body(tx)
            if self.failure is not None:
                raise self.failure
            return result

        return await super().write(failing, deadline=deadline)

    def read(self, *, snapshot: bool = True) -> MemoryTransaction:
        if self.failure is not None:
            raise self.failure
        return super().read(snapshot=snapshot)


@pytest.fixture(scope="module")
def store() -> FailingStore:
    return FailingStore()


@pytest.fixture(scope="module")
async def apis(store: FailingStore) -> AsyncIterator[dict[str, Api]]:
    """Return a caller on each transport."""
    async with AsyncExitStack() as stack:
        app = make_app(store=store)
        await app.start()
        stack.push_async_callback(app.stop)
        url = f"http://127.0.0.1:{app.http_port}"
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc_port}"))
        http = await stack.enter_async_context(new_http_client(base_url=url))
        transports: dict[str, Transport] = {
            "grpc": GrpcTransport(channel),
            "grpc-web": ConnectTransport(url, ProtocolType.GRPC_WEB, "proto"),
            "connect-proto": ConnectTransport(url, ProtocolType.CONNECT, "proto"),
            "connect-json": ConnectTransport(url, ProtocolType.CONNECT, "json"),
            "rest": RestTransport(http),
        }
        yield {name: Api(transport, "secret") for name, transport in transports.items()}
        store.failure = None


FAILURES: dict[str, tuple[StoreError, str, str]] = {
    "unavailable": (
        UnavailableError("host db.internal is gone"),
        "unavailable",
        "the store is not available",
    ),
    "conflict": (ConflictError("row 7"), "aborted", "others kept changing the same things: try again"),
    "outcome unknown": (OutcomeUnknownError("connection 5"), "unavailable", "outcome unknown"),
    "read-only": (ReadOnlyError("no writes"), "permission_denied", "the access token is read-only"),
    "unusable": (UnusableError("version 9"), "internal", "internal error"),
}


@pytest.mark.parametrize("way", ["grpc", "grpc-web", "connect-proto", "connect-json", "rest"])
@pytest.mark.parametrize("name", FAILURES)
async def test_a_failure_has_a_code_and_tells_nothing_of_the_inside(
    store: FailingStore, apis: dict[str, Api], name: str, way: str
) -> None:
    failure, code, text = FAILURES[name]
    api = apis[way]
    store.failure = None
    before = len((await api.ListDocuments()).items)
    store.failure = failure
    with pytest.raises(CallError) as raised:
        await api.CreateDocument(title="t", file_name="t.md", payload=b"# T")
    assert raised.value.code == code
    assert raised.value.message.startswith(text)
    assert str(failure) not in raised.value.message
    with pytest.raises(CallError) as raised:
        await api.ListDocuments()
    assert raised.value.code == code
    store.failure = None
    assert len((await api.ListDocuments()).items) == before, "nothing is half written"


@pytest.mark.parametrize("name", ["unavailable", "outcome unknown"])
async def test_what_may_have_been_done_is_not_to_be_tried_again(
    store: FailingStore, apis: dict[str, Api], name: str
) -> None:
    store.failure, _, _ = FAILURES[name]
    with pytest.raises(CallError) as raised:
        await apis["connect-json"].CreateProject(name="p", initializer={})
    assert ("x-should-retry" in raised.value.headers) == (name == "outcome unknown")
    store.failure = None
