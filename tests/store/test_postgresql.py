"""What can befall a PostgreSQL database, and its schema."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest

from store.builders import name_of, organization, put, token, user, uuid
from support.apps import running_app
from support.stores import started
from tools.postgresql import Cluster, running_cluster
from triptych.store.base import Transaction
from triptych.store.errors import ConflictError, OutcomeUnknownError, UnavailableError, UnusableError
from triptych.store.postgresql import PostgresqlStore, outcomes, pool, schema
from triptych.store.postgresql import store as store_module
from triptych.store.postgresql.risks import risks_of
from triptych.store.sql.migrations import Migration
from triptych.store.sql.statements import Sql

STEPS = [f"{each.version:04} {each.name}" for each in schema.MIGRATIONS]
NEXT = len(STEPS) + 1


@pytest.fixture
async def database(cluster: Cluster) -> AsyncIterator[str]:
    name = await cluster.database()
    yield name
    await cluster.drop(name)


@pytest.fixture
def own_cluster(cluster: Cluster) -> Iterator[Cluster]:
    """Run a server that may be ended; only where the other one runs as well."""
    with running_cluster() as own:
        yield own


async def execute(cluster: Cluster, database: str, statement: str) -> None:
    connection = await asyncpg.connect(cluster.url(database))
    await connection.execute(statement)
    await connection.close()


async def test_servers_that_start_at_the_same_time_make_one_schema(cluster: Cluster, database: str) -> None:
    stores = [PostgresqlStore(cluster.url(database)) for _ in range(4)]
    steps = await asyncio.gather(*(store.migrate() for store in stores))
    assert sorted(map(list, steps)) == [[], [], [], STEPS]


async def test_a_newer_schema_is_refused_and_an_older_one_migrated(
    cluster: Cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = cluster.url(database)
    async with started(PostgresqlStore(url)) as store:
        await put(store, "organizations", organization(1, "kept"))
    added = Migration(NEXT, "more", "CREATE TABLE more (id text); INSERT INTO more VALUES ('a');")
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, added])
    assert await PostgresqlStore(url).migrate() == [f"{NEXT:04} more"]
    async with started(PostgresqlStore(url)) as store:
        assert await name_of(store, 1) == "kept"
    monkeypatch.undo()
    with pytest.raises(UnusableError, match=rf"version {NEXT}.*newer"):
        await PostgresqlStore(url).start()


async def test_a_migration_may_take_as_long_as_it_takes(
    cluster: Cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = "CREATE TABLE asked AS SELECT current_setting('statement_timeout') AS timeout;"
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, Migration(NEXT, "asked", asked)])
    async with started(PostgresqlStore(cluster.url(database))) as store:
        row = await store._row(Sql("SELECT timeout, current_setting('statement_timeout') FROM asked"))
    assert row is not None
    assert row[0] == "0"
    assert row[1] != "0"


async def test_a_migration_that_fails_changes_nothing(
    cluster: Cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = Migration(NEXT, "wrong", "CREATE TABLE more (id text); CREATE TABLE more (id text);")
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, wrong])
    with pytest.raises(UnusableError):
        await PostgresqlStore(cluster.url(database)).migrate()
    monkeypatch.undo()
    assert await PostgresqlStore(cluster.url(database)).migrate() == STEPS


async def test_a_server_that_is_not_there_is_told(cluster: Cluster) -> None:
    with pytest.raises(UnavailableError):
        await PostgresqlStore(cluster.url("no_such_database")).start()
    with pytest.raises(UnavailableError):
        await PostgresqlStore("postgresql://triptych:hushhush@127.0.0.1:1/triptych").start()


def test_the_name_tells_no_password() -> None:
    assert PostgresqlStore("postgresql://me:hushhush@db:5432/data?password=hushhush").name == (
        "postgresql db:5432/data"
    )


async def test_a_server_that_went_away_is_found_again(own_cluster: Cluster) -> None:
    url = own_cluster.url(await own_cluster.database())
    async with started(PostgresqlStore(url)) as store:
        await put(store, "organizations", organization(1, "kept"))
        await asyncio.to_thread(own_cluster.stop, signal.SIGKILL)
        for use in (store.ping(), name_of(store, 1), put(store, "organizations", organization(1, "new"))):
            with pytest.raises(UnavailableError):
                await use
        await asyncio.to_thread(own_cluster.start)
        await store.ping()
        assert await name_of(store, 1) == "kept"
        await put(store, "organizations", organization(1, "new"))
        assert await name_of(store, 1) == "new"


async def test_a_database_that_takes_no_writes_is_told(cluster: Cluster, database: str) -> None:
    url = cluster.url(database)
    async with started(PostgresqlStore(url)) as store:
        await put(store, "organizations", organization(1, "kept"))
    await execute(cluster, "postgres", f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    async with started(PostgresqlStore(url)) as store:
        with pytest.raises(UnavailableError, match="no writes"):
            await store.ping()
        with pytest.raises(UnavailableError):
            await put(store, "organizations", organization(1, "new"))
        assert await name_of(store, 1) == "kept"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (("on", "on", "on"), []),
        (("on", "on", "remote_apply"), []),
        (("off", "on", "on"), ["fsync is off"]),
        (("on", "off", "on"), ["full_page_writes is off"]),
        (("off", "on", "local"), ["fsync is off", "synchronous_commit is local"]),
        ((None, None, None), []),
    ],
)
def test_settings_that_put_writes_at_risk(
    settings: tuple[str | None, str | None, str | None], told: list[str]
) -> None:
    assert [risk.partition(":")[0] for risk in risks_of(*settings)] == told


async def test_settings_that_put_writes_at_risk_are_logged_once(
    cluster: Cluster, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    await execute(cluster, "postgres", f"ALTER DATABASE {database} SET synchronous_commit = off")
    with caplog.at_level("WARNING", "triptych"):
        async with running_app(store=PostgresqlStore(cluster.url(database))):
            pass
    told = [record.getMessage().partition(":")[0] for record in caplog.records]
    assert told == ["fsync is off", "synchronous_commit is off"]


async def test_connections_that_are_all_in_use_are_waited_for_and_then_told(
    cluster: Cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_CONNECTIONS", 2)
    monkeypatch.setattr(pool, "CONNECT_SECONDS", 0.2)
    async with started(PostgresqlStore(cluster.url(database))) as store:
        end = asyncio.Event()
        inside = [asyncio.Event(), asyncio.Event()]

        async def hold(entered: asyncio.Event) -> None:
            async with store.read() as tx:
                await tx.organizations.get(uuid(1))
                entered.set()
                await end.wait()

        holding = [asyncio.create_task(hold(entered)) for entered in inside]
        for entered in inside:
            await entered.wait()
        with pytest.raises(UnavailableError, match="none of 2 connections"):
            await name_of(store, 1)
        end.set()
        await asyncio.gather(*holding)
        assert await name_of(store, 1) is None


async def test_a_slow_statement_is_ended(
    cluster: Cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(pool._SETTINGS, "statement_timeout", "100ms")
    async with started(PostgresqlStore(cluster.url(database))) as store:
        other = await asyncpg.connect(cluster.url(database))
        async with other.transaction():
            await other.execute("LOCK TABLE organizations IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(UnavailableError, match="57014"):
                await name_of(store, 1)
        await other.close()
        assert await name_of(store, 1) is None


async def test_a_statement_that_is_described_and_then_not_run_is_in_nobodys_way(
    cluster: Cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_CONNECTIONS", 1)
    async with started(PostgresqlStore(cluster.url(database))) as store:
        for number in range(3):
            # As who is cancelled at that moment.
            with pytest.raises(asyncpg.DataError):
                await store._rows(Sql(f"SELECT ?::bigint + {number}", ("no number",)))
            await put(store, "organizations", organization(1, "kept"))
        assert await name_of(store, 1) == "kept"


async def test_calls_that_are_cancelled_at_any_moment_are_in_nobodys_way(
    cluster: Cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_CONNECTIONS", 1)
    async with started(PostgresqlStore(cluster.url(database))) as store:
        await put(store, "organizations", organization(1, "kept"))
        for steps in range(40):
            store._pool.expire()  # no statement is known
            reading = asyncio.create_task(name_of(store, 1))
            for _ in range(steps):
                await asyncio.sleep(0.0005 if steps % 2 else 0)
            reading.cancel()
            await asyncio.wait([reading])
            await put(store, "organizations", organization(1, "kept"))


async def test_conflicts_are_tried_again_until_the_deadline(cluster: Cluster, database: str) -> None:
    async with started(PostgresqlStore(cluster.url(database))) as store:
        await put(store, "organizations", organization(1, "0"))
        attempts = 0

        async def count_up(tx: Transaction) -> None:
            nonlocal attempts
            attempts += 1
            found = await tx.organizations.get(uuid(1))
            assert found is not None
            await tx.organizations.put(organization(1, str(int(found.name) + 1)))

        await asyncio.gather(*(store.write(count_up) for _ in range(8)))
        assert await name_of(store, 1) == "8"
        assert attempts > 8, "they met"

        async def meet(tx: Transaction) -> None:
            await tx.organizations.get(uuid(1))
            await execute(cluster, database, "UPDATE organizations SET name = 'other'")
            await tx.organizations.put(organization(1, "mine"))

        with pytest.raises(ConflictError):
            await store.write(meet, deadline=asyncio.get_running_loop().time() + 0.05)
        assert await name_of(store, 1) == "other"


execute_elsewhere = execute


class LostInCommit:
    """Loses the connection in the commits of a store, before or after the server has them."""

    def __init__(self, store: PostgresqlStore, cluster: Cluster, database: str, *, before: bool) -> None:
        self._take = store._pool.take
        self._before = before
        self._cluster, self._database = cluster, database
        self.times = 1
        store._pool.take = self.take  # type: ignore[method-assign] # then as it does
        self._give_back = store._pool.give_back
        store._pool.give_back = self.give_back  # type: ignore[method-assign] # what it is

    async def take(self) -> Any:
        connection = await self._take()
        execute = connection.execute

        async def lose(statement: str, *values: Any) -> Any:
            if statement != "COMMIT" or not self.times:
                return await execute(statement, *values)
            self.times -= 1
            if self._before:
                ended = f"SELECT pg_terminate_backend({connection.get_server_pid()}, 9999)"
                await execute_elsewhere(self._cluster, self._database, ended)
                return await execute(statement, *values)
            await execute(statement, *values)
            connection.terminate()
            raise ConnectionResetError("the answer is lost")

        return Overridden(connection, lose)

    def give_back(self, connection: Any) -> None:
        self._give_back(getattr(connection, "connection", connection))


class Overridden:
    """A connection whose `execute` is another."""

    def __init__(self, connection: Any, execute: Any) -> None:
        self.connection = connection
        self.execute = execute

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)


@pytest.mark.parametrize("before", [True, False])
async def test_what_became_of_a_commit_is_found_out(cluster: Cluster, database: str, before: bool) -> None:
    async with started(PostgresqlStore(cluster.url(database))) as store:
        lost = LostInCommit(store, cluster, database, before=before)
        runs = 0

        async def add(tx: Transaction) -> None:
            nonlocal runs
            runs += 1
            await tx.organizations.add(organization(1, "once"))

        await store.write(add)
        assert lost.times == 0
        assert runs == (2 if before else 1), "what was undone is done again, what was kept is not"
        assert await name_of(store, 1) == "once"


async def test_callers_that_a_commit_without_an_answer_changed_are_others(
    cluster: Cluster, database: str
) -> None:
    async with started(PostgresqlStore(cluster.url(database))) as store:
        lost = LostInCommit(store, cluster, database, before=False)
        version = store.credentials.version
        assert store.credentials.version == version
        await put(store, "tokens", token(1))
        assert lost.times == 0
        assert store.credentials.version > version


async def test_what_cannot_be_found_out_is_told(
    own_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "_SECONDS", 0.1)
    database = await own_cluster.database()
    async with started(PostgresqlStore(own_cluster.url(database))) as store:

        async def write(tx: Transaction) -> None:
            await tx.organizations.add(organization(1, "whether or not"))
            # The server is gone between the last statement and the commit.
            await asyncio.to_thread(own_cluster.stop, signal.SIGKILL)

        with pytest.raises(OutcomeUnknownError):
            await store.write(write)
        await asyncio.to_thread(own_cluster.start)
        await put(store, "organizations", organization(2, "later"))
        assert await name_of(store, 2) == "later"


async def test_what_is_known_of_callers_is_as_good_as_what_is_heard(cluster: Cluster, database: str) -> None:
    async with started(PostgresqlStore(cluster.url(database))) as store:
        version = store.credentials.version
        assert store.credentials.version == version
        await put(store, "tokens", token(1))
        changed = store.credentials.version
        assert changed > version
        store.credentials.told(None, 0, "", store.credentials.name)
        assert store.credentials.version == changed, "its own change is known"
        store.credentials.told(None, 0, "", "another")
        assert store.credentials.version > changed
        store.credentials.lost()
        assert store.credentials.version != store.credentials.version, "nothing is known"


async def test_a_change_is_told_to_all_servers(cluster: Cluster, database: str) -> None:
    url = cluster.url(database)
    async with started(PostgresqlStore(url)) as store:
        heard: asyncio.Queue[str] = asyncio.Queue()
        other = await asyncpg.connect(url)
        await other.add_listener(store_module.CHANNEL, lambda *arguments: heard.put_nowait(arguments[-1]))
        await put(store, "organizations", organization(1))
        await put(store, "users", user(1))
        assert await asyncio.wait_for(heard.get(), 10) == store.credentials.name
        assert heard.empty(), "of callers only"
        await other.close()
