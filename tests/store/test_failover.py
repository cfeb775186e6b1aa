"""What a store does when another server takes over its database: no Patroni is needed for that."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, suppress

import asyncpg
import pytest

from store.builders import name_of, organization, put
from support.stores import started
from tools.postgresql import Cluster, running_cluster
from triptych.store.base import Transaction
from triptych.store.errors import OutcomeUnknownError, UnavailableError
from triptych.store.postgresql import PostgresqlStore, listener, outcomes, pool
from triptych.store.postgresql import store as store_module
from triptych.store.postgresql.hosts import Host, hosts_of

_POLL = 0.02


@pytest.fixture
def primary(cluster: Cluster) -> Iterator[Cluster]:
    """Run a server that may be ended; only where the other one runs as well."""
    with running_cluster() as own:
        yield own


@pytest.fixture
async def database(primary: Cluster) -> str:
    return await primary.database()


@pytest.fixture
def standby(primary: Cluster, database: str) -> Iterator[Cluster]:
    with running_cluster(primary=primary) as other:
        yield other


async def tell(cluster: Cluster, *statements: str, database: str = "postgres") -> None:
    connection = await asyncpg.connect(cluster.url(database))
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


async def standbys_wanted(cluster: Cluster, names: str) -> None:
    """Have commits wait for a standby of one of these names; for none, if empty."""
    # What tells it must not wait itself.
    await tell(
        cluster,
        "SET synchronous_commit = local",
        f"ALTER SYSTEM SET synchronous_standby_names = '{names}'",
        "SELECT pg_reload_conf()",
    )
    connection = await asyncpg.connect(cluster.url("postgres"))
    while await connection.fetchval("SHOW synchronous_standby_names") != names:
        pass
    await connection.close()


async def until_good(use: Callable[[], Awaitable[object]]) -> None:
    """Wait until something does not find the store unavailable."""
    async with asyncio.timeout(60):
        while True:
            with suppress(UnavailableError, OutcomeUnknownError):
                await use()
                return
            await asyncio.sleep(_POLL)


def several(database: str, *ports: int) -> str:
    listed = ",".join(f"127.0.0.1:{port}" for port in ports)
    return f"postgresql://triptych@{listed}/{database}"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://me:secret@db1/data", []),
        ("postgresql://me:secret@[::1]:5433/data", []),
        ("postgresql:///data?host=/run/postgresql", []),
        ("postgresql://me:secret@db1,db2/data", [("db1", 5432), ("db2", 5432)]),
        ("postgresql://db1:1,[::1]:2,[fe80::1]/data", [("db1", 1), ("::1", 2), ("fe80::1", 5432)]),
        ("postgresql://me@/data?host=db1,db2&port=1,2", [("db1", 1), ("db2", 2)]),
        ("postgresql://db1,db2:7/data?port=6", [("db1", 6), ("db2", 7)]),
    ],
)
def test_hosts_of_a_url(url: str, expected: list[tuple[str, int]]) -> None:
    assert list(hosts_of(url)) == [Host(*each) for each in expected]


def test_hosts_that_variables_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db1,db2")
    monkeypatch.setenv("PGPORT", "7")
    assert hosts_of("postgresql:///data") == [Host("db1", 7), Host("db2", 7)]


@pytest.mark.parametrize("url", ["postgresql://a,b/data?port=1,2,3", "postgresql://a:x,b/data"])
async def test_a_list_of_hosts_that_is_none_is_told(url: str) -> None:
    with pytest.raises(UnavailableError):
        await PostgresqlStore(url).start()


async def test_the_one_of_several_hosts_that_takes_writes_is_found_beside_one_that_hangs(
    primary: Cluster, standby: Cluster, database: str
) -> None:
    with closing(socket.socket()) as hangs, closing(socket.socket()) as refuses:
        hangs.bind(("127.0.0.1", 0))
        hangs.listen()  # and never answers
        refuses.bind(("127.0.0.1", 0))
        ports = (hangs.getsockname()[1], refuses.getsockname()[1], standby.port, primary.port)
        async with started(PostgresqlStore(several(database, *ports))) as store:
            await put(store, "organizations", organization(1, "kept"))
            await store.ping()


async def test_that_no_host_takes_writes_is_told_of_each(standby: Cluster, database: str) -> None:
    with closing(socket.socket()) as refuses:
        refuses.bind(("127.0.0.1", 0))
        url = several(database, refuses.getsockname()[1], standby.port)
        with pytest.raises(UnavailableError, match=r"no host takes writes: .*Errno.*a standby"):
            await PostgresqlStore(url).start()


async def test_a_primary_that_lives_on_after_another_one_took_over_is_left(
    primary: Cluster, standby: Cluster, database: str
) -> None:
    await standbys_wanted(primary, "*")
    async with started(PostgresqlStore(several(database, primary.port, standby.port))) as store:
        await put(store, "organizations", organization(1, "before"))
        await asyncio.to_thread(standby.promote)
        with pytest.raises(UnavailableError):
            await store.ping()
        await until_good(store.ping)
        await put(store, "organizations", organization(1, "after"))
        assert await name_of(store, 1) == "after"
        # Whoever comes later finds it as well, wherever it is in the list.
        async with started(PostgresqlStore(several(database, primary.port, standby.port))) as other:
            assert await name_of(other, 1) == "after"


@pytest.mark.parametrize("several_hosts", [True, False])
async def test_a_primary_that_hangs_is_left_by_all_that_wait_for_it(
    primary: Cluster, standby: Cluster, database: str, several_hosts: bool
) -> None:
    async with relayed(primary.port) as relay:
        ports = (primary.port, standby.port) if several_hosts else (relay.port,)
        async with started(PostgresqlStore(several(database, *ports))) as store:
            await put(store, "organizations", organization(1, "before"))
            await until_follows(primary, standby)
            primary.freeze()
            waiting = [asyncio.create_task(name_of(store, 1)) for _ in range(3)]
            await asyncio.wait([asyncio.create_task(failed(store.ping))])
            await asyncio.to_thread(standby.promote)
            relay.to(standby.port, cut=False)
            await until_good(store.ping)
            for each in await asyncio.gather(*waiting, return_exceptions=True):
                assert each == "before" or isinstance(each, UnavailableError), "nobody waits for ever"
            await put(store, "organizations", organization(1, "after"))
            assert await name_of(store, 1) == "after"
            primary.thaw()
            await until_good(store.ping)
            assert await name_of(store, 1) == "after"


async def test_a_server_that_hangs_holds_nobody_for_ever(
    primary: Cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "_SILENT_SECONDS", 0.5)
    async with started(PostgresqlStore(primary.url(database))) as store:
        await put(store, "organizations", organization(1, "before"))
        primary.freeze()
        with pytest.raises(UnavailableError):
            await name_of(store, 1)
        cancelled = asyncio.create_task(name_of(store, 1))
        await asyncio.sleep(0)
        cancelled.cancel()
        await asyncio.wait([cancelled])
        primary.thaw()
        await until_good(store.ping)
        assert await name_of(store, 1) == "before"


async def test_an_address_that_gets_another_server_is_followed(
    primary: Cluster, standby: Cluster, database: str
) -> None:
    async with (
        relayed(primary.port) as relay,
        started(PostgresqlStore(several(database, relay.port))) as store,
    ):
        await put(store, "organizations", organization(1, "before"))
        await until_follows(primary, standby)
        relay.to(standby.port)
        await until_good(lambda: read_back(store, "before"))
        with pytest.raises(UnavailableError, match="no writes"):
            await store.ping()
        with pytest.raises(UnavailableError, match="hot standby"):
            await put(store, "organizations", organization(1, "refused"))
        # Connections to the standby stay as they are.
        relay.to(primary.port, cut=False)
        await until_good(store.ping)
        await put(store, "organizations", organization(1, "after"))
        assert await name_of(store, 1) == "after"


async def test_a_commit_that_no_standby_confirms_is_not_acknowledged(
    primary: Cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_COMMIT_SECONDS", 0.3)
    monkeypatch.setattr(pool, "CONNECT_SECONDS", 0.3)
    async with started(PostgresqlStore(primary.url(database))) as store:
        await put(store, "organizations", organization(1, "before"))
        await standbys_wanted(primary, "nobody")
        writes = [put(store, "organizations", organization(number, "unconfirmed")) for number in range(2, 12)]
        found = [type(each) for each in await asyncio.gather(*writes, return_exceptions=True)]
        assert found.count(OutcomeUnknownError) == 6
        assert found.count(UnavailableError) == 4, "they got no connection, and wrote nothing"
        with pytest.raises(UnavailableError, match="standby"):
            await store.ping()
        assert await name_of(store, 1) == "before", "reads go on"
        await standbys_wanted(primary, "")
        await until_good(lambda: put(store, "organizations", organization(1, "after")))
        await store.ping()


async def test_a_commit_that_is_confirmed_late_is_acknowledged(primary: Cluster, database: str) -> None:
    async with started(PostgresqlStore(primary.url(database))) as store:
        await standbys_wanted(primary, "nobody")
        runs = 0

        async def add(tx: Transaction) -> None:
            nonlocal runs
            runs += 1
            await tx.organizations.add(organization(1, "once"))

        writing = asyncio.create_task(store.write(add))
        connection = await asyncpg.connect(primary.url(database))
        # Whoever looks after the database has it wait no more; the server then says that it is done.
        await connection.fetchval("SELECT pg_cancel_backend($1)", await waiting_backend(connection))
        await until_good(lambda: read_back(store, "once"))
        assert not writing.done(), "nobody confirmed it"
        await standbys_wanted(primary, "")
        await writing
        assert runs == 1
        await connection.close()


async def test_a_commit_that_is_told_to_wait_no_more_is_not_acknowledged(
    primary: Cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "_SECONDS", 0.3)
    async with started(PostgresqlStore(primary.url(database))) as store:
        await standbys_wanted(primary, "nobody")
        writing = asyncio.create_task(put(store, "organizations", organization(1, "unconfirmed")))
        connection = await asyncpg.connect(primary.url(database))
        await connection.fetchval("SELECT pg_cancel_backend($1)", await waiting_backend(connection))
        with pytest.raises(OutcomeUnknownError):
            await writing
        await connection.close()
        await standbys_wanted(primary, "")


async def test_a_call_that_is_cancelled_while_a_commit_waits_ends(
    primary: Cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_CANCELLED_SECONDS", 0.1)
    async with started(PostgresqlStore(primary.url(database))) as store:
        await standbys_wanted(primary, "nobody")
        writing = asyncio.create_task(put(store, "organizations", organization(1, "done in the end")))
        connection = await asyncpg.connect(primary.url(database))
        await waiting_backend(connection)
        writing.cancel()
        await asyncio.wait([writing])
        assert writing.cancelled()
        await standbys_wanted(primary, "")
        await until_good(lambda: read_back(store, "done in the end"))
        await connection.close()


async def test_a_connection_that_ends_while_a_commit_waits_for_a_standby_acknowledges_nothing(
    primary: Cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "_SECONDS", 1.0)
    async with started(PostgresqlStore(primary.url(database))) as store:
        await put(store, "organizations", organization(1, "before"))
        await standbys_wanted(primary, "nobody")
        writing = asyncio.create_task(put(store, "organizations", organization(1, "unconfirmed")))
        connection = await asyncpg.connect(primary.url(database))
        await connection.fetchval("SELECT pg_terminate_backend($1)", await waiting_backend(connection))
        with pytest.raises(OutcomeUnknownError):
            await writing
        await connection.close()
        await standbys_wanted(primary, "")


async def waiting_backend(connection: asyncpg.Connection) -> int:
    """Wait until a commit waits for a standby; return the id of its process."""
    waits = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    while (pid := await connection.fetchval(waits)) is None:
        pass
    return int(pid)


async def read_back(store: PostgresqlStore, name: str) -> None:
    if await name_of(store, 1) != name:
        raise UnavailableError("not yet")


async def failed(use: Callable[[], Awaitable[object]]) -> None:
    with suppress(UnavailableError):
        await use()


async def until_follows(primary: Cluster, standby: Cluster) -> None:
    """Wait until a standby shows all that the primary has."""
    one = await asyncpg.connect(primary.url("postgres"))
    position = await one.fetchval("SELECT pg_current_wal_lsn()::text")
    await one.close()
    other = await asyncpg.connect(standby.url("postgres"))
    while not await other.fetchval("SELECT pg_last_wal_replay_lsn() >= $1::text::pg_lsn", position):
        pass
    await other.close()


class Relay:
    """An address behind which the servers change."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def to(self, port: int, *, cut: bool = True) -> None:
        """Lead new connections to another port, and cut those that there are."""
        self._target = port
        if cut:
            for each in self._writers:
                each.transport.abort()

    def close(self) -> None:
        self._server.close()
        self.to(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers |= {writer, there}
        with suppress(OSError):
            await asyncio.wait(
                [
                    asyncio.create_task(_copy(reader, there)),
                    asyncio.create_task(_copy(there_reader, writer)),
                ]
            )


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()


@asynccontextmanager
async def relayed(port: int) -> AsyncIterator[Relay]:
    relay = Relay(port)
    await relay.start()
    try:
        yield relay
    finally:
        relay.close()
