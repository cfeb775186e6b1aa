"""The store itself: connections to one file, one writer at a time."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, TypeVar

from triptych.store.base import Transaction
from triptych.store.errors import ConflictError, OutcomeUnknownError, UnavailableError, UnusableError
from triptych.store.sql.inspection import TABLES, counting
from triptych.store.sql.shapes import Row
from triptych.store.sql.statements import Sql
from triptych.store.sql.tasks import Tasks
from triptych.store.sql.transaction import SqlTransaction
from triptych.store.sql.upkeep import Upkeep
from triptych.store.sqlite.connection import BUSY_SECONDS, connect, store_error, translating
from triptych.store.sqlite.credentials import SqliteCredentials
from triptych.store.sqlite.dialect import SqliteDialect
from triptych.store.sqlite.load import Load
from triptych.store.sqlite.schema import migrate
from triptych.store.sqlite.session import SqliteSession
from triptych.store.sqlite.threads import Threads

ResultT = TypeVar("ResultT")

_SLOW_THREADS: Final = 2
_LONGEST_WAIT: Final = 0.02  # seconds


class SqliteStore(Upkeep):
    """Keeps everything in a file, for the tasks of one event loop, and for other processes of the machine.

    Many transactions may read at once, each what was there when it began; one writes at a time.

    Args:
        path: The file; it is made if there is none.
    """

    dialect = SqliteDialect()
    credentials: SqliteCredentials

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tasks = Tasks()
        self._lock = asyncio.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._readers: set[sqlite3.Connection] = set()
        self._writer: sqlite3.Connection | None = None
        self._failed = False
        self._in_use = 0
        self._unused = asyncio.Event()

    @property
    def name(self) -> str:
        """What it is, for people."""
        return f"sqlite {self.path}"

    async def migrate(self) -> Sequence[str]:
        """Bring the schema up to date, whoever else does so at the same time; return the steps that it took.

        Raises:
            UnavailableError: It cannot be reached.
            UnusableError: It is no store of ours, or of a newer version.
        """
        if not self.path.parent.is_dir():
            raise UnusableError(f"{self.path.parent} is no folder")
        return await asyncio.to_thread(migrate, self.path)

    async def start(self) -> None:
        """Open the store; `migrate` it first where it is empty or older.

        Raises:
            UnavailableError: It cannot be reached.
            UnusableError: It is no store of ours, or of a newer version.
        """
        await self.migrate()
        self._commits = Threads(1, "sqlite-commit")
        self.slow = Threads(_SLOW_THREADS, "sqlite-slow", patient=True)
        self._writer = await asyncio.to_thread(connect, self.path, query_only=False)
        self.credentials = SqliteCredentials(connect(self.path, query_only=True))

    async def close(self) -> None:
        """Let running transactions end, and let go of everything."""
        if self._writer is None:
            return
        writer, self._writer = self._writer, None
        async with self._lock:
            pass
        while self._in_use:
            self._unused.clear()
            await self._unused.wait()
        self._commits.close()
        self.slow.close()
        self.credentials.close()
        for connection in (*self._readers, writer):
            connection.close()
        self._idle.clear()
        self._readers.clear()

    async def risks(self) -> Sequence[str]:
        """Return nothing: what it needs is set for each connection."""
        return ()

    async def ping(self) -> None:
        """Return soon if the store can be read and written.

        Raises:
            UnavailableError: It cannot.
        """
        try:
            async with self._lock:
                writer = self._open_writer()
                with translating():
                    writer.execute("BEGIN IMMEDIATE")
                    try:
                        writer.execute("SELECT version FROM credential_changes").fetchone()
                        if self._failed:  # as a disk that is full: only what changes a page tells
                            writer.execute("UPDATE credential_changes SET version = version + 1")
                            await self._commits.run(lambda: writer.execute("COMMIT"))
                            self._failed = False
                    finally:
                        if writer.in_transaction:
                            writer.execute("ROLLBACK")
        except ConflictError:
            return  # another process is writing
        except (UnusableError, OutcomeUnknownError) as error:
            raise UnavailableError(str(error)) from error

    def read(self, *, snapshot: bool = True) -> _Read:
        """Open a transaction that refuses writes."""
        return _Read(self, snapshot)

    async def write(
        self,
        body: Callable[[Transaction], Awaitable[ResultT]],
        *,
        deadline: float | None = None,
        bulk: bool = False,
    ) -> ResultT:
        """Run `body` in a transaction that may write; commit when it returns, undo if it raises."""
        with self.tasks.inside():
            async with self._lock:
                writer = self._open_writer()
                await self._begin(writer, deadline)
                session = SqliteSession(writer, self.slow, writes=True)
                load = Load(writer) if bulk else None
                try:
                    if load is not None:
                        with translating():
                            session.bulk = await self.slow.run(load.begin)
                    result = await body(SqlTransaction(session))
                    if load is not None:
                        with translating():
                            await self.slow.run(load.finish, writer.interrupt)
                    if session.credentials_changed:
                        await session.change(Sql("UPDATE credential_changes SET version = version + 1"))
                except BaseException:
                    session.open = False
                    self._undo(writer)
                    if load is not None:
                        load.end()
                    raise
                session.open = False
                if session.changed:
                    await self._commit(writer, credentials=session.credentials_changed)
                else:
                    self._undo(writer)
                if load is not None:
                    with translating():
                        await self.slow.run(load.tidy)
                return result

    async def verify(self) -> Sequence[str]:
        """Return what SQLite finds wrong with the file, and with what searches look at."""
        with translating():
            writer = self._open_writer()
            rows = await self.slow.run(lambda: writer.execute("PRAGMA integrity_check").fetchall())
            faults = [text for (text,) in rows if text != "ok"]
            for grams in ("document_grams", "project_grams"):
                try:
                    writer.execute(f"INSERT INTO {grams} ({grams}, rank) VALUES ('integrity-check', 1)")
                except sqlite3.DatabaseError as error:
                    faults.append(f"{grams}: {error}")
        return faults

    async def stats(self) -> Mapping[str, int]:
        """Return how many rows each table has, and how many bytes the file."""
        with translating():
            writer = self._open_writer()
            row = await self.slow.run(lambda: writer.execute(*counting()).fetchone())
        return {**dict(zip(TABLES, row, strict=True)), "bytes": self.path.stat().st_size}

    def borrow(self) -> sqlite3.Connection:
        """Return a connection to read with, which nobody else uses.

        Raises:
            UnavailableError: The store is closed, or the file cannot be opened.
        """
        if self._writer is None:
            raise UnavailableError("the store is closed")
        if self._idle:
            connection = self._idle.pop()
        else:
            connection = connect(self.path, query_only=True)
            self._readers.add(connection)
        self._in_use += 1
        return connection

    def give_back(self, connection: sqlite3.Connection) -> None:
        """Take a connection back."""
        if connection.in_transaction:
            connection.execute("COMMIT")
        self._in_use -= 1
        self._idle.append(connection)
        if self._writer is None and not self._in_use:
            self._unused.set()

    async def _row(self, statement: Sql) -> Row | None:
        """Return the first row that a statement selects, in no transaction of the caller."""
        with self.tasks.inside():
            connection = self.borrow()
            try:
                row: Row | None = connection.execute(*statement).fetchone()
            except sqlite3.Error as error:
                raise store_error(error) from error
            else:
                return row
            finally:
                self.give_back(connection)

    async def _change(self, statement: Sql, *, slow: bool = False) -> int:
        """Run a statement in a transaction of its own; return how many rows it changed."""
        with self.tasks.inside():
            async with self._lock:
                writer = self._open_writer()
                await self._begin(writer, None)
                try:
                    with translating():
                        if slow:
                            cursor = await self.slow.run(lambda: writer.execute(*statement), writer.interrupt)
                        else:
                            cursor = writer.execute(*statement)
                except BaseException:
                    self._undo(writer)
                    raise
                if cursor.rowcount:
                    await self._commit(writer, credentials=False)
                else:
                    self._undo(writer)
                return cursor.rowcount

    def _open_writer(self) -> sqlite3.Connection:
        if self._writer is None:
            raise UnavailableError("the store is closed")
        return self._writer

    async def _begin(self, writer: sqlite3.Connection, deadline: float | None) -> None:
        """Begin to write; wait for other processes without holding up the event loop.

        Raises:
            ConflictError: Others wrote until the deadline.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + BUSY_SECONDS
        end = end if deadline is None else min(end, deadline)
        wait = 0.0005
        while True:
            try:
                writer.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                found = self._noted(error)
                if not isinstance(found, ConflictError) or loop.time() >= end:
                    raise found from error
                await asyncio.sleep(wait * (0.5 + random.random()))  # noqa: S311 # no secret
                wait = min(2 * wait, _LONGEST_WAIT)
            else:
                return

    async def _commit(self, writer: sqlite3.Connection, *, credentials: bool) -> None:
        """Commit in a thread, as that waits for the disk; once begun, it is finished.

        Raises:
            UnavailableError: Nothing was written.
            OutcomeUnknownError: The disk failed while it was written.
        """
        cancelled = None
        try:
            await self._commits.run(lambda: writer.execute("COMMIT"))
        except asyncio.CancelledError as error:
            cancelled = error
        except sqlite3.Error as error:
            self._undo(writer)
            found = self._noted(error)
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_IOERR:
                raise OutcomeUnknownError(str(found)) from error
            raise found from error
        if writer.in_transaction:  # cancelled, and it had failed
            self._undo(writer)
        elif credentials:
            self.credentials.change()
        if cancelled is not None:
            raise cancelled

    def _undo(self, writer: sqlite3.Connection) -> None:
        if writer.in_transaction:
            with translating():
                writer.execute("ROLLBACK")

    def _noted(self, error: sqlite3.Error) -> Exception:
        found = store_error(error)
        self._failed |= isinstance(found, UnavailableError)
        return found


class _Read:
    """A transaction that refuses writes, while its block runs."""

    __slots__ = ("_connection", "_session", "_snapshot", "_store", "_task")

    def __init__(self, store: SqliteStore, snapshot: bool) -> None:
        self._store = store
        self._snapshot = snapshot

    async def __aenter__(self) -> SqlTransaction:
        store = self._store
        self._task = store.tasks.enter()
        try:
            self._connection = store.borrow()
        except BaseException:
            store.tasks.leave(self._task)
            raise
        self._session = SqliteSession(self._connection, store.slow, writes=False, snapshot=self._snapshot)
        return SqlTransaction(self._session)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._session.open = False
        self._store.give_back(self._connection)
        self._store.tasks.leave(self._task)
