"""The connections of a server to its database."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import Enum
from typing import Final, TypeAlias

import asyncpg

from triptych.store.errors import UnavailableError
from triptych.store.postgresql.errors import ERRORS, LOST, translating
from triptych.store.postgresql.hosts import Hosts

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

CONNECT_SECONDS: Final = 5.0
"""How long a call waits for a connection."""

MAKING_INDEXES: Final = "SET LOCAL statement_timeout = 0; SET LOCAL maintenance_work_mem = '256MB'"
"""What a transaction begins with that makes indexes: over a million rows they take as long as they take."""

_STATEMENT_SECONDS: Final = 30.0
_IDLE_SECONDS: Final = 300.0
_CLOSE_SECONDS: Final = 10.0
_CLOSED: Final = "the store is closed"
_SETTINGS: Final = {
    "application_name": "triptych",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "idle_in_transaction_session_timeout": f"{_STATEMENT_SECONDS:.0f}s",
}


class Plans(Enum):
    """How statements are planned, as PostgreSQL calls it.

    To plan one takes as long as to run it. Only where it depends on the values which index is the best, as
    with filters, is it planned for them.
    """

    ONCE = "force_generic_plan"
    FOR_VALUES = "force_custom_plan"


class Pool:
    """Connections that are kept for their next use, a few at a time; none is opened before it is needed.

    asyncpg's own pool takes longer to give a connection and to take it back than the driver takes for a
    statement: it resets connections, and starts a timer for each.

    Args:
        url: As `postgresql://user@host:port/database`; several hosts may be given, with commas between.
        size: How many there are at most; a quarter of them is not for writing, where there are so many.
        statement_seconds: How long a statement may take.
        plans: Whether statements are planned once, or for their values each time.
        aside: Another pool, whose connections end and expire with those of this one.

    Attributes:
        closed: Whether it gives connections no more.
    """

    def __init__(
        self,
        url: str,
        size: int,
        statement_seconds: float = _STATEMENT_SECONDS,
        plans: Plans = Plans.ONCE,
        aside: Pool | None = None,
    ) -> None:
        timeout = f"{statement_seconds * 1000:.0f}ms"
        settings = {**_SETTINGS, "statement_timeout": timeout, "plan_cache_mode": plans.value}
        self._hosts = Hosts(url, settings)
        self._timeline = 0
        self._open: set[Connection] = set()
        self._aside = aside
        self._size = size
        self._count = 0  # of those that it gives, open or about to be
        self._used: set[Connection] = set()
        self._expired: set[Connection] = set()
        self._idle: deque[tuple[float, Connection]] = deque()  # those that came back last are the last
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._none_used = asyncio.Event()
        self._writers = size - size // 4
        self._writing = asyncio.Semaphore(self._writers)
        self.closed = False

    async def connect(self) -> Connection:
        """Open a connection beside the others. If the server is another one now, all to that before end.

        Raises:
            UnavailableError: There is no server that takes writes, or it refuses.
        """
        opened = await self._hosts.connect()
        if opened.timeline > self._timeline:
            self.end()  # some may wait for a server that answers nobody any more
            self._timeline = opened.timeline
        self._open = {each for each in self._open if not each.is_closed()} | {opened.connection}
        return opened.connection

    async def take(self) -> Connection:
        """Return a connection that nobody else uses.

        Raises:
            UnavailableError: None gets free in time, or there is no server.
        """
        if asyncio.current_task() is None:
            await asyncio.sleep(0)  # what is stepped without a task goes on as one: the driver needs it
        connection = None if self._waiting else self._kept()
        if connection is None:
            connection = await self._freed() or await self._opened()
        self._used.add(connection)
        return connection

    def give_back(self, connection: Connection) -> None:
        """Take a connection back, which is in no transaction."""
        self._used.discard(connection)
        self._none_used.set()
        if connection in self._expired or self.closed:
            self._expired.discard(connection)
            drop(connection)
        if connection.is_closed():
            self._count -= 1
            self._hand_on(None)
            return
        if self._hand_on(connection):
            return
        now = asyncio.get_running_loop().time()
        self._idle.append((now, connection))
        if self._idle[0][0] < now - _IDLE_SECONDS:
            _, unused = self._idle.popleft()
            self._count -= 1
            drop(unused)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[Connection]:
        """Take a connection for what stands in no transaction; errors are those of stores."""
        connection = await self.take()
        try:
            with translating():
                yield connection
        except BaseException as error:
            if may_be_amiss(error):
                await roll_back(connection)
            raise
        finally:
            self.give_back(connection)

    async def begin_writing(self) -> None:
        """Come before `take` for a transaction that writes; commits may wait for long, and others can read.

        Raises:
            UnavailableError: Too many write, and none of them comes to an end in time.
        """
        if asyncio.current_task() is None:
            await asyncio.sleep(0)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._writing.acquire()
        except TimeoutError:
            text = f"none of {self._writers} connections to the database that write got free"
            raise UnavailableError(text) from None

    def end_writing(self) -> None:
        """Come after `give_back`."""
        self._writing.release()

    def expire(self) -> None:
        """Let go of all connections, of those in use when they come back: the server was lost."""
        self.doubt()
        self._expired |= self._used
        self._drop_idle()
        if self._aside is not None:
            self._aside.expire()

    def doubt(self) -> None:
        """Look for the server that takes writes anew when the next connection is opened."""
        self._hosts.doubt()

    def end(self) -> None:
        """End all connections at once; who waits for an answer gets none."""
        for each in self._open:
            drop(each)
        self._open.clear()
        if self._aside is not None:
            self._aside.end()

    async def close(self) -> None:
        """Let those that are in use come back, for some seconds, and close all."""
        self.closed = True
        while self._waiting:
            self._waiting.popleft().set_exception(UnavailableError(_CLOSED))
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                while self._used:
                    self._none_used.clear()
                    await self._none_used.wait()
        for each in self._used:
            drop(each)
        self._drop_idle()

    def _kept(self) -> Connection | None:
        """Return a connection that is there, if any is.

        Raises:
            UnavailableError: The store is closed.
        """
        if self.closed:
            raise UnavailableError(_CLOSED)
        while self._idle:
            _, connection = self._idle.pop()
            if not connection.is_closed():
                return connection
            self._count -= 1
        return None

    async def _freed(self) -> Connection | None:
        """Return a connection that came back, or None as soon as another may be opened.

        Raises:
            UnavailableError: The store is closed, or none came back in time.
        """
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                while self._count >= self._size:
                    waiting = asyncio.get_running_loop().create_future()
                    self._waiting.append(waiting)
                    try:
                        connection: Connection | None = await waiting
                    except asyncio.CancelledError:
                        self._wait_no_more(waiting)
                        raise
                    if connection is not None:
                        return connection
        except TimeoutError:
            raise UnavailableError(f"none of {self._size} connections to the database got free") from None
        return None

    async def _opened(self) -> Connection:
        self._count += 1
        try:
            return await self.connect()
        except BaseException:
            self._count -= 1
            self._hand_on(None)
            raise

    def _wait_no_more(self, waiting: asyncio.Future[Connection | None]) -> None:
        """Give what was got, and nobody takes any more, to whoever waits next."""
        if waiting in self._waiting:
            self._waiting.remove(waiting)
        elif not waiting.cancelled() and waiting.exception() is None:
            connection = waiting.result()
            if not self._hand_on(connection) and connection is not None:
                self._idle.append((asyncio.get_running_loop().time(), connection))

    def _hand_on(self, connection: Connection | None) -> bool:
        """Give a connection, or leave to open one, to whoever has waited longest; return whether one did."""
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(connection)
                return True
        return False

    def _drop_idle(self) -> None:
        while self._idle:
            _, connection = self._idle.pop()
            self._count -= 1
            drop(connection)


def drop(connection: Connection) -> None:
    """End a connection that may be gone already, and then is no more the pool's."""
    with suppress(*ERRORS):
        connection.terminate()


def may_be_amiss(error: BaseException) -> bool:
    """Tell whether a connection on which there was this error may be in a transaction, begun or not.

    The driver describes a statement and runs it in two steps, which the server takes for a transaction: who
    goes away between them leaves it open. What the server refuses it ends itself.
    """
    return not isinstance(error, Exception) or isinstance(error, (UnavailableError, asyncpg.DataError, *LOST))


async def roll_back(connection: Connection) -> None:
    """End a transaction, or the connection if that does not work soon."""
    try:
        async with asyncio.timeout(1.0):
            await connection.execute("ROLLBACK")
    except (*ERRORS, asyncio.CancelledError):
        drop(connection)
