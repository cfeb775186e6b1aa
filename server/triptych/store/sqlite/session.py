"""A transaction of SQLite: short statements on the event loop, long ones in a thread."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cache, partial
from itertools import chain
from typing import Any, Final, TypeVar

from triptych.store.errors import ReadOnlyError
from triptych.store.sql.chunks import numbered_pieces, pieces
from triptych.store.sql.session import SLOW_SECONDS
from triptych.store.sql.shapes import Child, Row, Shape
from triptych.store.sql.statements import Dialect, Listing, Sql, names, one_of, put_together
from triptych.store.sqlite.connection import already_exists, store_error, translating
from triptych.store.sqlite.dialect import SqliteDialect
from triptych.store.sqlite.threads import Threads
from triptych.store.sqlite.walk import Walk

ResultT = TypeVar("ResultT")

_DIALECT: Final = SqliteDialect()
_SMALL: Final = 64 * 1024
"""What is written or read at once on the event loop, in bytes."""

_AGAIN_SECONDS: Final = 0.1
_FEW: Final = 200
"""How many records are written on the event loop."""


class SqliteSession:
    """A transaction over a connection that nobody else uses meanwhile.

    Attributes:
        bulk: Whether what is derived of the records is made when all are there.
        open: Whether it may be used.
        changed: Whether something was written.
        credentials_changed: Whether callers may be others now.
    """

    __slots__ = (
        "_begun",
        "_connection",
        "_depth",
        "_threads",
        "_writes",
        "bulk",
        "changed",
        "credentials_changed",
        "open",
    )

    def __init__(
        self, connection: sqlite3.Connection, threads: Threads, *, writes: bool, snapshot: bool = True
    ) -> None:
        self._connection = connection
        self._threads = threads
        self._writes = writes
        self._begun = writes or not snapshot
        self._depth = 0
        self.bulk = False
        self.open = True
        self.changed = False
        self.credentials_changed = False

    @property
    def dialect(self) -> Dialect:
        """How the engine spells things."""
        return _DIALECT

    async def rows(self, statement: Sql, *, varies: bool = False) -> Sequence[Row]:
        """Return the rows that a statement selects."""
        connection = self._reading()
        try:
            return connection.execute(*statement).fetchall()
        except sqlite3.Error as error:
            raise store_error(error) from error

    async def change(self, statement: Sql) -> int:
        """Run a statement that writes; return how many rows it changed."""
        connection = self._writing()
        with translating():
            return connection.execute(*statement).rowcount

    async def insert(self, shape: Shape[Any], records: Sequence[Any], *, replace: bool) -> None:
        """Add records with their children, all or none; replace those that there are, or refuse."""
        connection = self._writing()
        if records:
            self.credentials_changed |= shape.credentials
            await self._run(len(records) > _FEW, lambda: _insert(connection, shape, records, replace))

    async def insert_pair(self, one: tuple[Shape[Any], Any], other: tuple[Shape[Any], Any]) -> None:
        """Add two records of different tables, both or none."""
        connection = self._writing()
        with _part(connection):
            for shape, record in (one, other):
                _insert(connection, shape, [record], replace=False)

    async def remove(self, shape: Shape[Any], ids: Sequence[str]) -> int:
        """Remove records with their children; return how many there were."""
        connection = self._writing()
        self.credentials_changed |= shape.credentials
        with translating():
            for child in shape.children:
                condition = one_of(_DIALECT, child.parent, ids)
                connection.execute(*put_together(f"DELETE FROM {child.name} WHERE", condition))
            statement = put_together(f"DELETE FROM {shape.name} WHERE", one_of(_DIALECT, "id", ids))
            return connection.execute(*statement).rowcount

    async def listed(
        self, listing: Listing, start: tuple[Any, ...] | None, limit: int, *, backwards: bool = False
    ) -> list[Row]:
        """Return up to `limit` rows that follow `start` in a list; backwards, that come before it."""
        walk = Walk(self._reading(), listing, start, limit, backwards=backwards)
        with translating():
            page = walk.soon()
        return page.rows if page.whole else await self._slowly(walk.anyhow)

    async def add_contents(self, contents: Mapping[str, Sequence[bytes]]) -> None:
        """Keep the contents of versions that have none yet, by their ids."""
        connection = self._writing()
        statement, rows = "INSERT INTO contents VALUES (?, ?, ?)", numbered_pieces(contents)
        await self._run(len(contents) > _FEW, lambda: connection.executemany(statement, rows))

    async def write_content(self, id: str, chunks: Iterable[bytes]) -> None:
        """Keep the content of a version, or replace it."""
        connection = self._writing()
        with translating():
            connection.execute("DELETE FROM contents WHERE version_id = ?", (id,))
        for number, piece in enumerate(pieces(chunks)):
            statement = Sql("INSERT INTO contents VALUES (?, ?, ?)", (id, number, piece))
            await self._run(len(piece) > _SMALL, partial(connection.execute, *statement))

    async def content_chunks(self, id: str) -> AsyncIterator[bytes]:
        """Yield the content of a version."""
        statement = "SELECT data FROM contents WHERE version_id = ? AND number = ?"
        number = 0
        while True:
            cursor = self._reading().cursor()
            row = await self._run(number > 0, partial(_first_row, cursor, statement, (id, number)))
            if row is None:
                return
            yield row[0]
            number += 1

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Open a part of the transaction that is undone, alone, if an error leaves it."""
        connection = self._writing() if self._writes else self._reading()
        name = f"part_{self._depth}"
        self._depth += 1
        with translating():
            connection.execute(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            if self.open and connection.in_transaction:
                with translating():
                    connection.execute(f"ROLLBACK TO {name}")
                    connection.execute(f"RELEASE {name}")
            raise
        else:
            if self.open:
                with translating():
                    connection.execute(f"RELEASE {name}")
        finally:
            self._depth -= 1

    def _reading(self) -> sqlite3.Connection:
        if not self.open:
            raise RuntimeError("the transaction is over")
        if not self._begun:
            with translating():
                self._connection.execute("BEGIN")
            self._begun = True
        return self._connection

    def _writing(self) -> sqlite3.Connection:
        if not self.open:
            raise RuntimeError("the transaction is over")
        if not self._writes:
            raise ReadOnlyError("the transaction is for reading only")
        self.changed = True
        return self._connection

    async def _slowly(self, work: Callable[[], ResultT]) -> ResultT:
        """Do what may take long in a thread, for a while at most.

        Raises:
            UnavailableError: It took longer.
        """
        loop = asyncio.get_running_loop()
        timers: list[asyncio.TimerHandle] = []

        def end() -> None:
            self._connection.interrupt()  # the statement that runs, if one does just now
            timers[0] = loop.call_later(_AGAIN_SECONDS, end)

        timers.append(loop.call_later(SLOW_SECONDS, end))
        try:
            return await self._run(True, work)
        finally:
            timers[0].cancel()

    async def _run(self, in_thread: bool, work: Callable[[], ResultT]) -> ResultT:
        with translating():
            if not in_thread:
                return work()
            return await self._threads.run(work, self._connection.interrupt)


def _first_row(cursor: sqlite3.Cursor, statement: str, values: Sequence[Any]) -> Row | None:
    row: Row | None = cursor.execute(statement, values).fetchone()
    return row


def _insert(connection: sqlite3.Connection, shape: Shape[Any], records: Sequence[Any], replace: bool) -> None:
    """Add records all at once, or, where there may be some of them, one after the other.

    Raises:
        AlreadyExistsError: There is one of them; none is added.
    """
    if not replace and len(records) > 1:
        with suppress(sqlite3.IntegrityError), _part(connection):  # which of them it is shows below
            connection.executemany(_insertion(shape, replace), map(shape.row, records))
            for child in shape.children:
                connection.executemany(_child_insertion(child), chain.from_iterable(map(child.rows, records)))
            return
    statement = _insertion(shape, replace)
    with _part(connection, needed=len(records) > 1 or bool(shape.children)):
        for record in records:
            try:
                connection.execute(statement, shape.row(record))
            except sqlite3.IntegrityError as error:
                raise already_exists(connection, error, shape.name, record.id) from None
            for child in shape.children:
                if replace:
                    connection.execute(f"DELETE FROM {child.name} WHERE {child.parent} = ?", (record.id,))
                rows = list(child.rows(record))
                if rows:
                    connection.executemany(_child_insertion(child), rows)


@cache
def _insertion(shape: Shape[Any], replace: bool) -> str:
    columns = [column.name for column in shape.columns]
    marks = ", ".join("?" * len(columns))
    text = f"INSERT INTO {shape.name} ({', '.join(columns)}) VALUES ({marks})"
    if replace:
        changes = ", ".join(f"{name} = excluded.{name}" for name in columns if name != "id")
        text += f" ON CONFLICT (id) DO UPDATE SET {changes}"
    return text


@cache
def _child_insertion(child: Child) -> str:
    marks = ", ".join("?" * len(child.columns))
    return f"INSERT INTO {child.name} ({names(child.columns)}) VALUES ({marks})"


class _part:  # noqa: N801 # reads as a statement
    """What is undone alone if an error leaves it."""

    __slots__ = ("_connection", "_needed")

    def __init__(self, connection: sqlite3.Connection, *, needed: bool = True) -> None:
        self._connection = connection
        self._needed = needed

    def __enter__(self) -> None:
        if self._needed:
            self._connection.execute("SAVEPOINT added")

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        if not self._needed:
            return
        if error is not None:
            if not self._connection.in_transaction:
                return
            self._connection.execute("ROLLBACK TO added")
        self._connection.execute("RELEASE added")
