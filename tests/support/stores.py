"""Empty stores for tests, of whichever kind, quickly: a copy of a file, or a database that is emptied."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Final, TypeVar
from unittest.mock import patch

import pytest

from tools.postgresql import Cluster, running_cluster
from triptych.store.base import Store
from triptych.store.errors import UnavailableError
from triptych.store.memory import MemoryStore
from triptych.store.postgresql import PostgresqlStore
from triptych.store.sqlite import SqliteStore, connection
from triptych.store.sqlite.schema import migrate

StoreT = TypeVar("StoreT", bound=Store)
NewStore = Callable[[], AbstractAsyncContextManager[Store]]

KINDS: Final = ("memory", "sqlite", "postgresql")


@asynccontextmanager
async def started(store: StoreT) -> AsyncIterator[StoreT]:
    """Have a store open until the end of the block."""
    await store.start()
    try:
        yield store
    finally:
        await store.close()


def memory_store() -> AbstractAsyncContextManager[Store]:
    """Open an empty store in memory."""
    return started(MemoryStore())


class SqliteStores:
    """Makes stores of copies of one file.

    Args:
        folder: Where the files are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()
        self._migrated = folder / "migrated.db"
        migrate(self._migrated)

    def path(self) -> Path:
        """Return a new, empty store's file."""
        path = self._folder / f"{next(self._numbers)}.db"
        shutil.copyfile(self._migrated, path)
        return path

    @asynccontextmanager
    async def new_store(self) -> AsyncIterator[Store]:
        """Open an empty store."""
        path = self.path()
        # What a test is about is never that the disk has it: those that are have processes of their own.
        with patch.object(connection, "SYNCHRONOUS", "OFF"):
            try:
                async with started(SqliteStore(path)) as store:
                    yield store
            finally:
                for file in self._folder.glob(f"{path.name}*"):
                    file.unlink()


class PostgresqlStores:
    """Empties databases that are used again, one for each store at a time."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._idle: list[tuple[str, Store]] = []

    @asynccontextmanager
    async def new_store(self) -> AsyncIterator[Store]:
        """Open an empty store."""
        if self._idle:
            database, store = self._idle.pop()
            await self._cluster.empty(database)
        else:
            database = await self._cluster.database()
            store = PostgresqlStore(self._cluster.url(database))
            await store.start()
        try:
            yield store
        finally:
            try:
                await store.ping()
            except UnavailableError:  # it was closed
                store = PostgresqlStore(self._cluster.url(database))
                await store.start()
            self._idle.append((database, store))

    async def close(self) -> None:
        """Close all stores."""
        for _, store in self._idle:
            await store.close()


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Run a PostgreSQL server, for tests of it; they are left out unless it is asked for."""
    if "postgresql" not in request.config.getoption("--stores"):
        pytest.skip("--stores postgresql")
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
async def new_store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[NewStore]:
    """Return what opens an empty store: for tests that need one an example."""
    match request.param:
        case "memory":
            yield memory_store
        case "sqlite":
            yield SqliteStores(tmp_path_factory.mktemp("sqlite")).new_store
        case "postgresql":
            stores = PostgresqlStores(request.getfixturevalue("cluster"))
            yield stores.new_store
            await stores.close()
