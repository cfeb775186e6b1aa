"""The store itself: transactions of a database that other servers use as well."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final, TypeVar
from urllib.parse import urlsplit

import asyncpg

from triptych.store.base import Transaction
from triptych.store.errors import ConflictError, OutcomeUnknownError, UnavailableError, UnusableError
from triptych.store.postgresql.credentials import CHANNEL, PostgresqlCredentials
from triptych.store.postgresql.dialect import numbered
from triptych.store.postgresql.errors import ERRORS, is_lost, store_error, translating
from triptych.store.postgresql.load import Load
from triptych.store.postgresql.pool import Pool, connect, drop
from triptych.store.postgresql.read import Read
from triptych.store.postgresql.schema import migrate
from triptych.store.postgresql.session import DIALECT, PostgresqlSession, changed_rows
from triptych.store.sql.inspection import TABLES, counting
from triptych.store.sql.session import SLOW_SECONDS
from triptych.store.sql.shapes import Row
from triptych.store.sql.statements import Sql
from triptych.store.sql.tasks import Tasks
from triptych.store.sql.transaction import SqlTransaction
from triptych.store.sql.upkeep import Upkeep

ResultT = TypeVar("ResultT")

_WRITE: Final = "BEGIN ISOLATION LEVEL SERIALIZABLE"
_CONNECTIONS: Final = 8
_SLOW_CONNECTIONS: Final = 2
_CONFLICT_SECONDS: Final = 5.0
_FIRST_WAIT: Final = 0.002
_SHORT_WAIT: Final = 0.02
_LONGEST_WAIT: Final = 0.25
_LISTEN_SECONDS: Final = 0.4
_OUTCOME_SECONDS: Final = 5.0


class PostgresqlStore(Upkeep):
    """Keeps everything in a database, for the tasks of one event loop, and for other servers.

    Args:
        url: As `postgresql://user@host:port/database`; several hosts may be given, with commas between.

    Attributes:
        credentials: Tells whether what was read of tokens, users and service accounts may be stale.
        slow: Connections for lists that may take long: the others stay free.
    """

    dialect = DIALECT

    def __init__(self, url: str) -> None:
        self._url = url
        self.credentials = PostgresqlCredentials()
        self.tasks = Tasks()
        self._pool = Pool(url, _CONNECTIONS)
        self.slow = Pool(url, _SLOW_CONNECTIONS, SLOW_SECONDS)
        self._listening: asyncio.Task[None] | None = None
        self._listener = 0  # counts connections that listen, and their ends
        self._listener_asked_at = 0.0  # the last question that it answered

    @property
    def name(self) -> str:
        """What it is, for people: without user and password."""
        parts = urlsplit(self._url)
        return f"postgresql {parts.netloc.rpartition('@')[2]}{parts.path}"

    async def migrate(self) -> Sequence[str]:
        """Bring the schema up to date, whoever else does so at the same time; return the steps that it took.

        Raises:
            UnavailableError: It cannot be reached.
            UnusableError: It is no store of ours, or of a newer version.
        """
        connection = await connect(self._url)
        try:
            return await migrate(connection)
        except asyncpg.PostgresError as error:
            raise store_error(error) or UnusableError(f"postgresql: {error}") from error
        finally:
            await connection.close()

    async def start(self) -> None:
        """Open the store; `migrate` it first where it is empty or older.

        Raises:
            UnavailableError: It cannot be reached.
            UnusableError: It is no store of ours, or of a newer version.
        """
        await self.migrate()
        heard = asyncio.Event()
        self._listening = asyncio.create_task(self._listen(heard))
        await heard.wait()

    async def close(self) -> None:
        """Let running transactions end, and let go of everything."""
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening
            self._listening = None
        if not self._pool.closed:
            await self._pool.close()
            await self.slow.close()

    async def ping(self) -> None:
        """Return soon if the store can be read and written.

        Raises:
            UnavailableError: It cannot.
        """
        [[read_only]] = await self._rows(Sql("SELECT current_setting('transaction_read_only')"))
        if read_only == "on":
            raise UnavailableError("the database takes no writes")

    def read(self, *, snapshot: bool = True) -> Read:
        """Open a transaction that refuses writes."""
        return Read(self._pool, self.slow, self.tasks, snapshot=snapshot)

    async def write(
        self,
        body: Callable[[Transaction], Awaitable[ResultT]],
        *,
        deadline: float | None = None,
        bulk: bool = False,
    ) -> ResultT:
        """Run `body` in a transaction that may write; commit when it returns, undo if it raises."""
        loop = asyncio.get_running_loop()
        end = loop.time() + _CONFLICT_SECONDS
        end = end if deadline is None else min(end, deadline)
        wait = _FIRST_WAIT
        with self.tasks.inside():
            while True:
                try:
                    return await self._attempt(body, bulk)
                except ConflictError:
                    pause = wait * (0.5 + random.random())  # noqa: S311 # no secret
                    if loop.time() + pause >= end:
                        raise
                await asyncio.sleep(pause)
                wait = min(2 * wait, _LONGEST_WAIT)

    async def verify(self) -> Sequence[str]:
        """Return nothing: the server checks its files itself (pg_amcheck)."""
        return ()

    async def stats(self) -> Mapping[str, int]:
        """Return how many rows each table has, and how many bytes the database."""
        [row] = await self._rows(counting())
        [[size]] = await self._rows(Sql("SELECT pg_database_size(current_database())"))
        return {**dict(zip(TABLES, row, strict=True)), "bytes": size}

    async def _attempt(self, body: Callable[[Transaction], Awaitable[ResultT]], bulk: bool) -> ResultT:
        """Run a body in a transaction, once.

        Raises:
            ConflictError: It met with others; nothing was written.
        """
        connection = await self._pool.take()
        listener = self._listener
        session = PostgresqlSession(connection, self._pool, _WRITE, writes=True)
        load = Load(connection) if bulk else None
        try:
            if load is not None:
                session.begun = True  # so that it is undone
                with translating():
                    session.bulk = session.begun = await load.begin(_WRITE)
            result = await body(SqlTransaction(session))
            if load is not None and session.bulk:
                await load.finish()
            if session.credentials_changed:
                await session.rows(Sql("SELECT pg_notify(?, ?)", (CHANNEL, self.credentials.name)))
            if session.changed and session.transaction_id is None:
                [[session.transaction_id]] = await session.rows(Sql("SELECT pg_current_xact_id()::text"))
        except BaseException:
            session.open = False
            await session.undo()
            raise
        session.open = False
        committing = asyncio.ensure_future(self._commit(session, connection, listener))
        try:
            await asyncio.shield(committing)
        except asyncio.CancelledError:
            await asyncio.wait([committing])
            raise
        if session.bulk:
            await self._tidy()
        return result

    async def _tidy(self) -> None:
        """Tell the planner what there is now, and index-only scans that it is there for all."""
        connection = await connect(self._url)
        try:
            with translating():
                await connection.execute("SET statement_timeout = 0")
                await connection.execute("VACUUM (ANALYZE)")
        finally:
            await connection.close()

    async def _commit(
        self, session: PostgresqlSession, connection: asyncpg.Connection, listener: int
    ) -> None:
        """Commit, and find out what became of it if the connection is lost meanwhile.

        Args:
            session: The transaction.
            connection: Its connection.
            listener: Which connection listened when it began.

        Raises:
            ConflictError: Nothing was written.
            OutcomeUnknownError: That could not be found out.
        """
        try:
            if session.begun:
                await connection.execute("COMMIT" if session.changed else "ROLLBACK")
            if session.credentials_changed:
                self.credentials.change()
        except ERRORS as error:
            drop(connection)
            if is_lost(error) and session.transaction_id is not None:
                await self._resolve(session.transaction_id, listener, error)
                return
            raise (store_error(error) or UnavailableError(f"postgresql: {error}")) from error
        finally:
            self._pool.give_back(connection)

    async def _resolve(self, transaction_id: str, listener: int, lost: BaseException) -> None:
        """Ask the server what became of a transaction.

        A server that crashed gives ids again that it had given to transactions which it has forgotten: what
        was committed may be another then. So it must be known that it did not.

        Raises:
            ConflictError: It was undone.
            OutcomeUnknownError: The server cannot tell, or cannot be asked.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + _OUTCOME_SECONDS
        self._pool.expire()
        self.slow.expire()
        while loop.time() < end:
            with suppress(UnavailableError):
                [[status]] = await self._rows(Sql("SELECT pg_xact_status(?::text::xid8)", (transaction_id,)))
                if status == "committed":
                    if await self._listens_still(listener, end):
                        return
                    break
                if status == "aborted":
                    raise ConflictError("the connection was lost, and the transaction undone") from lost
                if status is None:
                    break
            await asyncio.sleep(_LONGEST_WAIT)
        raise OutcomeUnknownError("the connection was lost in a commit") from lost

    async def _listens_still(self, listener: int, end: float) -> bool:
        """Tell whether a connection lasts, and so the server since it began."""
        loop = asyncio.get_running_loop()
        now = time.monotonic()
        while self._listener == listener and loop.time() < end:
            if self._listener_asked_at > now:
                return True
            await asyncio.sleep(_SHORT_WAIT)
        return False

    async def _rows(self, statement: Sql) -> Sequence[Row]:
        """Return the rows that a statement selects, in no transaction."""
        connection = await self._pool.take()
        try:
            with translating():
                rows: Sequence[Row] = await connection.fetch(numbered(statement.text), *statement.values)
                return rows
        finally:
            self._pool.give_back(connection)

    async def _row(self, statement: Sql) -> Row | None:
        with self.tasks.inside():
            rows = await self._rows(statement)
        return rows[0] if rows else None

    async def _change(self, statement: Sql, *, slow: bool = False) -> int:
        with self.tasks.inside():
            connection = await self._pool.take()
            try:
                with translating():
                    status = await connection.execute(numbered(statement.text), *statement.values)
                    return changed_rows(status)
            finally:
                self._pool.give_back(connection)

    async def _listen(self, began: asyncio.Event) -> None:
        """Hear of changes that others make; while nobody is heard, nothing that is known is good."""
        while True:
            try:
                connection = await connect(self._url)
                self._listener += 1
                try:
                    await connection.add_listener(CHANNEL, self.credentials.told)
                    self.credentials.change()
                    while True:
                        asked_at = time.monotonic()
                        await connection.execute("SELECT 1", timeout=_LISTEN_SECONDS)
                        self.credentials.heard(asked_at)
                        self._listener_asked_at = asked_at
                        began.set()
                        await asyncio.sleep(_LISTEN_SECONDS)
                finally:
                    self._listener += 1
                    self.credentials.lost()
                    connection.terminate()
            except (UnavailableError, *ERRORS):
                began.set()
            await asyncio.sleep(_LISTEN_SECONDS)
