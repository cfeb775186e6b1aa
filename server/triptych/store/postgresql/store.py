"""The store itself: transactions of a database that other servers use as well."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeVar
from urllib.parse import urlsplit

import asyncpg

from triptych.store.base import Transaction
from triptych.store.errors import ConflictError, OutcomeUnknownError, UnavailableError, UnusableError
from triptych.store.postgresql.commits import commit, is_replicated
from triptych.store.postgresql.credentials import CHANNEL, PostgresqlCredentials
from triptych.store.postgresql.dialect import numbered
from triptych.store.postgresql.errors import ERRORS, is_lost, is_read_only, store_error, translating
from triptych.store.postgresql.listener import Listener
from triptych.store.postgresql.load import Load
from triptych.store.postgresql.outcomes import Outcomes
from triptych.store.postgresql.pool import Plans, Pool, drop
from triptych.store.postgresql.read import Read
from triptych.store.postgresql.risks import SETTINGS, risks_of
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
_STATE: Final = (
    "SELECT current_setting('transaction_read_only'), current_setting('synchronous_standby_names') <> ''"
)
_CONNECTIONS: Final = 8
_SLOW_CONNECTIONS: Final = 2
_CONFLICT_SECONDS: Final = 5.0
_FIRST_WAIT: Final = 0.002
_LONGEST_WAIT: Final = 0.25
_PING_SECONDS: Final = 1.5
_COMMIT_SECONDS: Final = 30.0
_CANCELLED_SECONDS: Final = 1.0


class PostgresqlStore(Upkeep):
    """Keeps everything in a database, for the tasks of one event loop, and for other servers.

    Args:
        url: As `postgresql://user@host:port/database`; several hosts may be given, with commas between.

    Attributes:
        credentials: Tells whether what was read of tokens, users and service accounts may be stale.
    """

    dialect = DIALECT

    def __init__(self, url: str) -> None:
        self._url = url
        self.credentials = PostgresqlCredentials()
        self.tasks = Tasks()
        self.slow = Pool(url, _SLOW_CONNECTIONS, SLOW_SECONDS, Plans.FOR_VALUES)
        self._pool = Pool(url, _CONNECTIONS, aside=self.slow)
        self._listener = Listener(self._pool, self.credentials)
        self._outcomes = Outcomes(self._pool, self._listener)
        self._takes_writes: bool | None = None

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
        connection = await self._pool.connect()
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
        await self._listener.start()

    async def close(self) -> None:
        """Let running transactions end, and let go of everything."""
        await self._listener.stop()
        if not self._pool.closed:
            await self._pool.close()
            await self.slow.close()

    async def risks(self) -> Sequence[str]:
        """Return which settings of the database put acknowledged writes at risk, and how.

        Raises:
            UnavailableError: It cannot be reached.
        """
        [found] = await self._rows(SETTINGS)
        return risks_of(*found)

    async def ping(self) -> None:
        """Return soon if the store can be read and written.

        Raises:
            UnavailableError: It cannot.
        """
        try:
            async with asyncio.timeout(_PING_SECONDS):
                await self._ping()
        except TimeoutError:
            # Those that wait are left to it: it may only be slow. But another may be the primary by now.
            self._listener.restart()
            raise UnavailableError("the database does not answer, or no standby confirms commits") from None

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

    async def _ping(self) -> None:
        async with self._pool.alone() as connection:
            read_only, synchronous = await connection.fetchrow(_STATE)
            if synchronous and read_only == "off" and not await is_replicated(connection):
                raise UnavailableError("no standby confirms commits")
            if read_only == "on":
                drop(connection)  # the next one may be to another server
        if self._takes_writes is False and read_only == "off":
            self._pool.expire()
        self._takes_writes = read_only == "off"
        if not self._takes_writes:
            raise UnavailableError("the database takes no writes")

    async def _attempt(self, body: Callable[[Transaction], Awaitable[ResultT]], bulk: bool) -> ResultT:
        """Run a body in a transaction, once.

        Raises:
            ConflictError: It met with others; nothing was written.
        """
        await self._pool.begin_writing()
        try:
            connection = await self._pool.take()
        except BaseException:
            self._pool.end_writing()
            raise
        listener = self._listener.number
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
        except BaseException as error:
            session.open = False
            if is_read_only(error):
                drop(connection)
            try:
                await session.undo(error)
            finally:
                self._pool.end_writing()
            raise
        session.open = False
        committing = asyncio.ensure_future(self._commit(session, connection, listener))
        try:
            done, _ = await asyncio.wait([committing], timeout=_COMMIT_SECONDS)
        except asyncio.CancelledError:
            await asyncio.wait([committing], timeout=_CANCELLED_SECONDS)
            committing.add_done_callback(_forget)
            raise
        if not done:
            # It waits on, with its connection: the server does not notice that nobody wants to know any more.
            committing.add_done_callback(_forget)
            raise OutcomeUnknownError("the commit waits for a standby")
        committing.result()
        if session.bulk:
            await self._tidy()
        return result

    async def _tidy(self) -> None:
        """Tell the planner what there is now, and index-only scans that it is there for all."""
        connection = await self._pool.connect()
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
                await (commit(connection) if session.changed else connection.execute("ROLLBACK"))
        except ERRORS as error:
            drop(connection)
            if is_lost(error) and session.transaction_id is not None:
                await self._outcomes.resolve(session.transaction_id, listener, error)
                return
            raise (store_error(error) or UnavailableError(f"postgresql: {error}")) from error
        finally:
            if session.credentials_changed:
                self.credentials.change()  # or they may be, where nobody knows
            self._pool.give_back(connection)
            self._pool.end_writing()

    async def _rows(self, statement: Sql) -> Sequence[Row]:
        """Return the rows that a statement selects, in no transaction."""
        async with self._pool.alone() as connection:
            rows: Sequence[Row] = await connection.fetch(numbered(statement.text), *statement.values)
            return rows

    async def _row(self, statement: Sql) -> Row | None:
        with self.tasks.inside():
            rows = await self._rows(statement)
        return rows[0] if rows else None

    async def _change(self, statement: Sql, *, slow: bool = False) -> int:
        with self.tasks.inside():
            await self._pool.begin_writing()
            try:
                async with self._pool.alone() as connection:
                    status = await connection.execute(numbered(statement.text), *statement.values)
                    return changed_rows(status)
            finally:
                self._pool.end_writing()


def _forget(committing: asyncio.Future[None]) -> None:
    """Take what became of a commit that nobody waits for."""
    if not committing.cancelled():
        committing.exception()
