"""The connections of a server to its database."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

import asyncpg

from triptych.store.errors import UnavailableError
from triptych.store.postgresql.errors import ERRORS, LOST, store_error
from triptych.store.postgresql.hosts import Hosts
from triptych.store.postgresql.session import Connection

CONNECT_SECONDS: Final = 5.0
"""How long a call waits for a connection."""

_STATEMENT_SECONDS: Final = 30
_IDLE_SECONDS: Final = 300.0
_RELEASE_SECONDS: Final = 1.0
_CLOSE_SECONDS: Final = 10.0
_MOST_QUERIES: Final = 10_000_000
_SETTINGS: Final = {
    "application_name": "triptych",
    # A plan for any value passes over the indexes that depend on it.
    "plan_cache_mode": "force_custom_plan",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "statement_timeout": f"{_STATEMENT_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{_STATEMENT_SECONDS}s",
}


class Pool:
    """Connections that are kept for their next use, a few at a time; none is opened before it is needed.

    Args:
        url: As `postgresql://user@host:port/database`; several hosts may be given, with commas between.
        size: How many there are at most; a quarter of them is not for writing, where there are so many.

    Attributes:
        closed: Whether it gives connections no more.
    """

    def __init__(self, url: str, size: int) -> None:
        self._hosts = Hosts(url, _SETTINGS)
        self._size = size
        self._timeline = 0
        self._open: set[asyncpg.Connection] = set()
        # What a transaction leaves behind ends with it: to reset the connection would be a round trip more.
        self._pool = asyncpg.Pool(
            min_size=0,
            max_size=size,
            max_queries=_MOST_QUERIES,
            max_inactive_connection_lifetime=_IDLE_SECONDS,
            connect=self._connect,
            setup=None,
            init=None,
            reset=_keep,
            loop=None,
            connection_class=asyncpg.Connection,
            record_class=asyncpg.Record,
        )
        self._writers = size - size // 4
        self._writing = asyncio.Semaphore(self._writers)
        self.closed = False

    async def start(self) -> None:
        """Get ready; nothing is opened yet."""
        await self._pool

    async def connect(self) -> asyncpg.Connection:
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
        if self.closed:
            raise UnavailableError("the store is closed")
        if asyncio.current_task() is None:
            await asyncio.sleep(0)  # what is stepped without a task goes on as one: the driver needs it
        try:
            return await self._pool.acquire(timeout=CONNECT_SECONDS)
        except TimeoutError:
            text = f"none of {self._size} connections to the database got free"
            raise UnavailableError(text) from None
        except ERRORS as error:
            raise store_error(error) or UnavailableError(f"postgresql: {error}") from error

    async def give_back(self, connection: Connection) -> None:
        """Take a connection back, which is in no transaction."""
        with suppress(*ERRORS):
            # A statement that was broken off may never be answered.
            await self._pool.release(connection, timeout=_RELEASE_SECONDS)

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

    async def expire(self) -> None:
        """Let go of all connections when they come back: the server was lost."""
        self.doubt()
        await self._pool.expire_connections()

    def doubt(self) -> None:
        """Look for the server that takes writes anew when the next connection is opened."""
        self._hosts.doubt()

    def end(self) -> None:
        """End all connections at once; who waits for an answer gets none."""
        for each in self._open:
            drop(each)
        self._open.clear()

    async def close(self) -> None:
        """Let those that are in use come back, for some seconds, and close all."""
        self.closed = True
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    async def _connect(self, **_: Any) -> asyncpg.Connection:
        return await self.connect()


async def _keep(connection: asyncpg.Connection) -> None:
    """Leave a connection as it is."""


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
