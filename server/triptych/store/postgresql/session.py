"""A transaction of PostgreSQL over a connection of the pool."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from triptych.store.errors import AlreadyExistsError, ReadOnlyError
from triptych.store.postgresql.dialect import PostgresqlDialect, columns_of, numbered
from triptych.store.postgresql.errors import translating
from triptych.store.postgresql.inserts import insertion, removal, values
from triptych.store.postgresql.lists import (
    BUDGET,
    MARGIN,
    NARROW_BUDGET,
    WIDE_BUDGET,
    WIDEST_BUDGET,
    ends_within,
    gather,
    walk,
)
from triptych.store.postgresql.load import CONTENTS, copy, copy_records
from triptych.store.postgresql.pool import Connection, Plans, Pool, drop, may_be_amiss, roll_back
from triptych.store.sql.chunks import numbered_pieces, pieces
from triptych.store.sql.shapes import Row, Shape
from triptych.store.sql.statements import Dialect, Listing, Sql

BEGIN_READING: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
DIALECT: Final = PostgresqlDialect()

# What is replaced may have had more pieces.
_WRITE_FIRST_PIECE: Final = """
    WITH gone AS (DELETE FROM contents WHERE version_id = $1 AND number > $2)
    INSERT INTO contents (version_id, number, data) VALUES ($1, $2, $3)
    ON CONFLICT (version_id, number) DO UPDATE SET data = excluded.data"""
_WRITE_PIECE: Final = "INSERT INTO contents (version_id, number, data) VALUES ($1, $2, $3)"
_WRITE_PIECES: Final = """
    INSERT INTO contents (version_id, number, data)
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[])"""
_READ_PIECE: Final = "SELECT data FROM contents WHERE version_id = $1 AND number = $2"


class PostgresqlSession:
    """A transaction.

    Args:
        connection: A connection that nobody else uses.
        pool: Where it is from.
        slow: Where one is from for what may take long; None to stay with this one.
        begin: The statement that begins the transaction, before the first of its statements; None if each of
            them is alone.
        writes: Whether it may write.

    Attributes:
        bulk: Whether what is derived of the records is made when all are there.
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
        "_planned_for_values",
        "_pool",
        "_slow",
        "_writes",
        "begun",
        "bulk",
        "changed",
        "credentials_changed",
        "open",
        "transaction_id",
    )

    def __init__(
        self,
        connection: Connection,
        pool: Pool,
        begin: str | None,
        *,
        writes: bool,
        slow: Pool | None = None,
    ) -> None:
        self._connection = connection
        self._pool: Pool | None = pool
        self._slow = slow
        self._begin = begin
        self._writes = writes
        self._depth = 0
        self._planned_for_values = False
        self.bulk = False
        self.open = True
        self.begun = False
        self.changed = False
        self.credentials_changed = False
        self.transaction_id: str | None = None

    @property
    def dialect(self) -> Dialect:
        """How the engine spells things."""
        return DIALECT

    async def rows(self, statement: Sql, *, varies: bool = False) -> Sequence[Row]:
        """Return the rows that a statement selects."""
        connection = await self._reading()
        if varies and not self._planned_for_values:
            await self._plan_for_values()
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
        simple = not listing.filters or not listing.gathers or not listing.ranges
        budget = None if simple else NARROW_BUDGET if listing.candidates else BUDGET
        varies = bool(listing.filters)
        rows = await self.rows(walk(listing, start, limit, budget, backwards=backwards), varies=varies)
        if budget is None or len(rows) == limit:
            return list(rows)
        [[ended]] = await self.rows(ends_within(listing, start, budget, backwards=backwards), varies=True)
        if ended:
            return list(rows)
        needed = int(budget * MARGIN * limit / (len(rows) or 0.5))
        if needed <= (WIDE_BUDGET if listing.candidates else WIDEST_BUDGET):
            rows = await self.rows(walk(listing, start, limit, needed, backwards=backwards), varies=True)
            if len(rows) == limit:
                return list(rows)
        await self._move()
        return list(await self.rows(gather(listing, start, limit, backwards=backwards), varies=True))

    async def add_contents(self, contents: Mapping[str, Sequence[bytes]]) -> None:
        """Keep the contents of versions that have none yet, by their ids."""
        connection = await self._writing()
        rows = list(numbered_pieces(contents))
        with translating():
            if self.bulk:
                await copy(connection, "contents", CONTENTS, rows)
            else:
                await connection.execute(_WRITE_PIECES, *columns_of(CONTENTS, rows))

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
        if self.bulk and not replace:
            for shape, given in records:
                await copy_records(connection, shape, given)
            return
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

    async def _move(self) -> None:
        """Go on with a connection that others do not wait for, in a new snapshot.

        The page is found anew there, so it is of one snapshot.

        Raises:
            UnavailableError: None gets free in time.
        """
        if self._slow is None:
            return
        slow, self._slow = self._slow, None
        await self.end()
        self._connection = await slow.take()
        self._pool = slow
        self._planned_for_values = True

    async def end(self) -> None:
        """End a transaction that has written nothing, and give the connection back."""
        pool, self._pool, begun = self._pool, None, self.begun
        self.begun = False
        if pool is None:
            return
        try:
            if begun:
                with translating():
                    await self._connection.execute("COMMIT")
        except BaseException:
            drop(self._connection)
            raise
        finally:
            pool.give_back(self._connection)

    async def undo(self, error: BaseException) -> None:
        """Undo the transaction after an error, and give the connection back."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        if self.begun or may_be_amiss(error):
            await roll_back(self._connection)
        pool.give_back(self._connection)

    async def _plan_for_values(self) -> None:
        """Have what follows planned for its values, to the end of the transaction, which is begun for it."""
        begin = "" if self.begun else f"{BEGIN_READING}; "
        self.begun = self._planned_for_values = True
        with translating():
            await self._connection.execute(f"{begin}SET LOCAL plan_cache_mode = {Plans.FOR_VALUES.value}")

    async def _ready(self) -> Connection:
        if self._begin is not None and not self.begun:
            self.begun = True
            with translating():
                await self._connection.execute(self._begin)
        return self._connection


def changed_rows(status: str) -> int:
    """Return how many rows a statement changed, given what it answered, as "UPDATE 3"."""
    return int(status.rpartition(" ")[2])
