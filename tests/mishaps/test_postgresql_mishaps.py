"""What befalls the database of a server that runs, as its callers see it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, suppress

import asyncpg
import pytest

from mishaps.servers import Watched, watched
from store.builders import organization, put, uuid
from support.api import CallError
from tools.postgresql import Cluster, running_cluster
from triptych.store.base import Transaction
from triptych.store.errors import OutcomeUnknownError
from triptych.store.postgresql import PostgresqlStore

UNAVAILABLE = dict.fromkeys(("grpc", "grpc-web", "connect", "connect-json", "rest"), "unavailable")
OK = dict.fromkeys(UNAVAILABLE, "ok")
_LOG_MEBIBYTES = 1
_CONNECTIONS = 12
_LARGE = 3 << 20


@pytest.fixture
def own_cluster(cluster: Cluster) -> Iterator[Cluster]:
    """Run a small server that may be ended; only where the other one runs as well."""
    options = (f"max_connections={_CONNECTIONS}", "superuser_reserved_connections=0", "wal_writer_delay=10s")
    flags = [flag for option in options for flag in ("-c", option)]
    with running_cluster(*flags, log_mebibytes=_LOG_MEBIBYTES) as own:
        yield own


@pytest.fixture
async def database(own_cluster: Cluster) -> str:
    return await own_cluster.database()


@pytest.fixture
async def server(own_cluster: Cluster, database: str) -> AsyncIterator[Watched]:
    async with watched(own_cluster.url(database)) as server:
        yield server


async def test_a_database_that_is_gone_is_told_over_every_transport_and_found_again(
    server: Watched, own_cluster: Cluster
) -> None:
    kept = await server.create()
    await asyncio.to_thread(own_cluster.crash)
    assert await server.create_everywhere() == UNAVAILABLE
    with pytest.raises(CallError) as caught:
        await server.titles()
    assert caught.value.code == "unavailable"
    await server.becomes(ready=False)
    await asyncio.to_thread(own_cluster.start)
    await server.becomes(ready=True)
    assert await server.create_everywhere() == OK
    assert len(await server.titles()) == 1 + len(OK), "what was refused is not there"
    await server.processed(kept)  # whenever the database went away


async def test_a_database_that_takes_no_writes_is_read(
    server: Watched, own_cluster: Cluster, database: str
) -> None:
    kept = await server.create()
    await server.processed(kept)
    await tell(own_cluster, "ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
    await server.becomes(ready=False)
    assert await server.create_everywhere() == UNAVAILABLE
    assert len(await server.titles()) == 1
    await tell(
        own_cluster,
        "SET default_transaction_read_only = off",
        "ALTER SYSTEM RESET default_transaction_read_only",
        "SELECT pg_reload_conf()",
    )
    await server.becomes(ready=True)
    assert await server.create_everywhere() == OK


async def test_a_database_without_connections_is_told_and_calls_with_one_go_on(
    server: Watched, own_cluster: Cluster, database: str
) -> None:
    kept = await server.create()
    await server.processed(kept)
    async with AsyncExitStack() as stack:
        locking = await asyncpg.connect(own_cluster.url(database))
        stack.push_async_callback(locking.close)
        await locking.execute("BEGIN; LOCK TABLE documents")
        with suppress(asyncpg.TooManyConnectionsError):
            while True:
                other = await asyncpg.connect(own_cluster.url(database))
                stack.push_async_callback(other.close)
        calls = [asyncio.create_task(server.create()) for _ in range(_CONNECTIONS)]
        refused, held = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        assert {str(call.exception()) for call in refused} == {"unavailable: the store is not available"}
        await locking.execute("ROLLBACK")
        await asyncio.wait(held)
    codes = [call.exception() for call in calls]
    assert None in codes, "those that had a connection are done"
    assert len(await server.titles()) == 1 + codes.count(None)
    assert await server.create_everywhere() == OK


async def test_a_slow_database_takes_no_longer_than_the_deadline(
    server: Watched, own_cluster: Cluster, database: str
) -> None:
    kept = await server.create()
    await server.processed(kept)
    locking = await asyncpg.connect(own_cluster.url(database))
    await locking.execute("BEGIN; LOCK TABLE documents")
    for caller in server.callers.values():
        object.__setattr__(caller, "timeout", 0.3)
    assert await server.create_everywhere() == dict.fromkeys(OK, "deadline_exceeded")
    await locking.execute("ROLLBACK")
    await locking.close()
    for caller in server.callers.values():
        object.__setattr__(caller, "timeout", None)
    assert await server.create_everywhere() == OK
    assert len(await server.titles()) == 1 + len(OK)


async def test_a_database_that_hangs_holds_no_call_beyond_its_deadline_and_is_found_again(
    server: Watched, own_cluster: Cluster
) -> None:
    kept = await server.create()
    await server.processed(kept)
    own_cluster.freeze()
    for caller in server.callers.values():
        object.__setattr__(caller, "timeout", 0.3)
    assert await server.create_everywhere() == dict.fromkeys(OK, "deadline_exceeded")
    await server.becomes(ready=False)
    own_cluster.thaw()
    await server.becomes(ready=True)
    for caller in server.callers.values():
        object.__setattr__(caller, "timeout", None)
    assert await server.create_everywhere() == OK
    assert len(await server.titles()) == 1 + len(OK)


async def test_a_disk_that_is_full_is_told_and_got_over(server: Watched, own_cluster: Cluster) -> None:
    kept = await server.create()
    await server.processed(kept)
    large = os.urandom(_LARGE)
    own_cluster.limit_files(_LOG_MEBIBYTES << 20)  # what is written of it fails, as on a disk that is full
    with pytest.raises(CallError) as caught:
        await server.one.CreateDocument(title="large", payload=large, file_name="a.csv")
    own_cluster.limit_files(None)
    assert caught.value.code == "unavailable"
    assert len(await server.titles()) == 1, "nothing of it is there"
    await server.becomes(ready=True)
    await server.one.CreateDocument(title="large", payload=large, file_name="a.csv")
    assert len(await server.titles()) == 2


async def test_the_id_of_a_transaction_that_a_crash_gave_to_another_tells_nothing(
    own_cluster: Cluster, database: str
) -> None:
    store = PostgresqlStore(own_cluster.url(database))
    await store.start()
    reused = False

    async def write(tx: Transaction) -> None:
        nonlocal reused
        await tx.organizations.add(organization(1, "lost"))
        mine = await current_transaction(own_cluster, database)
        # All of it is only in the memory of a server that now crashes; others then get its id, and commit.
        await asyncio.to_thread(own_cluster.crash)
        await asyncio.to_thread(own_cluster.start)
        reused = await current_transaction(own_cluster, database) < mine
        while await current_transaction(own_cluster, database) < mine:
            pass

    with pytest.raises(OutcomeUnknownError):
        await store.write(write)
    assert reused
    async with store.read() as tx:
        assert await tx.organizations.get(uuid(1)) is None
    await put(store, "organizations", organization(1, "kept"))
    await store.close()


async def current_transaction(cluster: Cluster, database: str) -> int:
    """Return the id of a new transaction, which is committed."""
    connection = await asyncpg.connect(cluster.url(database))
    id = int(await connection.fetchval("SELECT pg_current_xact_id()::text"))
    await connection.close()
    return id


async def tell(cluster: Cluster, *statements: str) -> None:
    connection = await asyncpg.connect(cluster.url("postgres"))
    for statement in statements:
        await connection.execute(statement)
    await connection.close()
