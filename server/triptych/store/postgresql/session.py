"""A transaction of PostgreSQL over a connection of the pool."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final, TypeAlias, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from triptych.store.errors import AlreadyExistsError, ReadOnlyError
from triptych.store.postgresql.dialect import PostgresqlDialect, numbered
from triptych.store.postgresql.errors import ERRORS, store_error
from triptych.store.postgresql.inserts import insertion, removal, values
from triptych.store.postgresql.lists import BUDGET, HOPEFUL, gather, walk
from triptych.store.sql.chunks import pieces
from triptych.store.sql.shapes import Row, Shape
from triptych.store.sql.statements import Dialect, Listing, Sql

ResultT = TypeVar("ResultT")
Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"

DIALECT: Final = PostgresqlDialect()

# What is replaced may have had more pieces.
_WRITE_FIRST_PIECE: Final = """
    WITH gone AS (DELETE FROM contents WHERE version_id = $1 AND number > $2)
    INSERT INTO contents (version_id, number, data) VALUES ($1, $2, $3)
    ON CONFLICT (version_id, number) DO UPDATE SET data = excluded.data"""
_WRITE_PIECE: Final = "INSERT INTO contents (version_id, number, data) VALUES ($1, $2, $3)"
_READ_PIECE: Final = "SELECT data FROM contents WHERE version_id = $1 AND number = $2"


@contextmanager
def translating() -> Iterator[None]:
    """Turn errors of PostgreSQL and its driver into those of stores."""
    try:
        yield
    except ERRORS as error:
        found = store_error(error)
        if found is None:
            raise
        raise found from error


class PostgresqlSession:
    """A transaction.

    Args:
        connection: A connection that nobody else uses.
        begin: The statement that begins the transaction, before the first of its statements; None if each of
            them is alone.
        writes: Whether it may write.

    Attributes:
        open: Whether it may be used.
        begun: Whether the engine has a transaction.
        changed: Whether something was written.
        credentials_changed: Whether callers may be others now.
        transaction_id: The id of the transaction, as far as it is known.
    """

    __slots__ = (
        "_begin",
        "_connection",
        "_depth",
        "_writes",
        "begun",
        "changed",
        "credentials_changed",
        "open",
        "transaction_id",
    )

    def __init__(self, connection: Connection, begin: str | None, *, writes: bool) -> None:
        self._connection = connection
        self._begin = begin
        self._writes = writes
        self._depth = 0
        self.open = True
        self.begun = False
        self.changed = False
        self.credentials_changed = False
        self.transaction_id: str | None = None

    @property
    def dialect(self) -> Dialect:
        """How the engine spells things."""
        return DIALECT

    async def rows(self, statement: Sql) -> Sequence[Row]:
        """Return the rows that a statement selects."""
        connection = await self._reading()
        with translating():
            rows: Sequence[Row] = await connection.fetch(numbered(statement.text), *statement.values)
            return rows

    async def change(self, statement: Sql) -> int:
        """Run a statement that writes; return how many rows it changed."""
        connection = await self._writing()
        with translating():
            return changed_rows(await connection.execute(numbered(statement.text), *statement.values))

    async def insert(self, shape: Shape[Any], records: Sequence[Any], *, replace: bool) -> None:
        """Add records with their children, all or none; replace those that there are, or refuse."""
        await self._insert([(shape, records)], replace=replace)

    async def insert_pair(self, one: tuple[Shape[Any], Any], other: tuple[Shape[Any], Any]) -> None:
        """Add two records of different tables, both or none."""
        await self._insert([(one[0], [one[1]]), (other[0], [other[1]])], replace=False)

    async def remove(self, shape: Shape[Any], ids: Sequence[str]) -> int:
        """Remove records with their children; return how many there were."""
        connection = await self._writing()
        self.credentials_changed |= shape.credentials
        with translating():
            self.transaction_id, count = await connection.fetchrow(removal(shape), ids)
            return int(count)

    async def listed(
        self, listing: Listing, start: tuple[Any, ...] | None, limit: int, *, backwards: bool = False
    ) -> list[Row]:
        """Return up to `limit` rows that follow `start` in a list; backwards, that come before it."""
        simple = not listing.filters or not listing.gathers
        budget = None if simple else BUDGET
        rows = await self.rows(walk(listing, start, limit, budget, backwards=backwards))
        if budget is None or len(rows) == limit:
            return list(rows)
        if len(rows) >= HOPEFUL:
            wider = BUDGET * limit * HOPEFUL // len(rows)
            rows = await self.rows(walk(listing, start, limit, wider, backwards=backwards))
            if len(rows) == limit:
                return list(rows)
        return list(await self.rows(gather(listing, start, limit, backwards=backwards)))

    async def write_content(self, id: str, chunks: Iterable[bytes]) -> None:
        """Keep the content of a version, or replace it."""
        connection = await self._writing()
        with translating():
            for number, piece in enumerate(pieces(chunks)):
                await connection.execute(_WRITE_PIECE if number else _WRITE_FIRST_PIECE, id, number, piece)

    async def content_chunks(self, id: str) -> AsyncIterator[bytes]:
        """Yield the content of a version."""
        number = 0
        while True:
            connection = await self._reading()
            with translating():
                piece = await connection.fetchval(_READ_PIECE, id, number)
            if piece is None:
                return
            yield piece
            number += 1

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Open a part of the transaction that is undone, alone, if an error leaves it."""
        connection = await (self._writing() if self._writes else self._reading())
        name = f"part_{self._depth}"
        self._depth += 1
        with translating():
            await connection.execute(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            with translating():
                if self.open and not connection.is_closed():
                    await connection.execute(f"ROLLBACK TO {name}; RELEASE {name}")
            raise
        else:
            if self.open:
                with translating():
                    await connection.execute(f"RELEASE {name}")
        finally:
            self._depth -= 1

    async def _insert(self, records: Sequence[tuple[Shape[Any], Sequence[Any]]], *, replace: bool) -> None:
        connection = await self._writing()
        if not any(given for _, given in records):
            return
        self.credentials_changed |= any(shape.credentials for shape, _ in records)
        shapes = tuple(shape for shape, _ in records)
        with translating():
            row = await connection.fetchrow(insertion(shapes, replace=replace), *values(records))
        self.transaction_id, taken = row
        if taken is not None:
            raise AlreadyExistsError(*taken)

    def _reading(self) -> Awaitable[Connection]:
        if not self.open:
            raise RuntimeError("the transaction is over")
        return self._ready()

    def _writing(self) -> Awaitable[Connection]:
        if not self.open:
            raise RuntimeError("the transaction is over")
        if not self._writes:
            raise ReadOnlyError("the transaction is for reading only")
        self.changed = True
        return self._ready()

    async def _ready(self) -> Connection:
        if self._begin is not None and not self.begun:
            self.begun = True
            with translating():
                await self._connection.execute(self._begin)
        return self._connection


def changed_rows(status: str) -> int:
    """Return how many rows a statement changed, given what it answered, as "UPDATE 3"."""
    return int(status.rpartition(" ")[2])
