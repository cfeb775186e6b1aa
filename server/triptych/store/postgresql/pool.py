"""The connections of a server to its database."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from triptych.store.errors import UnavailableError
from triptych.store.postgresql.errors import ERRORS, store_error

Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"

CONNECT_SECONDS: Final = 5.0
_STATEMENT_SECONDS: Final = 30
_IDLE_SECONDS: Final = 300.0
_MOST_QUERIES: Final = 10_000_000
_STATEMENTS_KEPT: Final = 500
_LONGEST_STATEMENT_KEPT: Final = 64 * 1024
_SETTINGS: Final = {
    "application_name": "triptych",
    # A plan for any value passes over the indexes that depend on it.
    "plan_cache_mode": "force_custom_plan",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "idle_in_transaction_session_timeout": f"{_STATEMENT_SECONDS}s",
}


def _options(url: str, statement_seconds: float = _STATEMENT_SECONDS) -> dict[str, Any]:
    several = "," in urlsplit(url).netloc
    return {
        "timeout": CONNECT_SECONDS,
        "statement_cache_size": _STATEMENTS_KEPT,
        "max_cacheable_statement_size": _LONGEST_STATEMENT_KEPT,
        "server_settings": {**_SETTINGS, "statement_timeout": f"{statement_seconds * 1000:.0f}ms"},
        **({"target_session_attrs": "read-write"} if several else {}),
    }


async def connect(url: str) -> asyncpg.Connection:
    """Open a connection.

    Args:
        url: As `postgresql://user@host:port/database`; of several hosts, the one that takes writes is chosen.

    Raises:
        UnavailableError: There is no server, or it refuses.
    """
    try:
        return await asyncpg.connect(url, **_options(url))
    except (*ERRORS, ValueError) as error:
        raise store_error(error) or UnavailableError(f"postgresql: {error}") from error


class Pool:
    """Connections that are kept for their next use, a few at a time; none is opened before it is needed.

    Args:
        url: As for `connect`.
        size: How many there are at most.
        statement_seconds: How long a statement may take.

    Attributes:
        closed: Whether it gives connections no more.
    """

    def __init__(self, url: str, size: int, statement_seconds: float = _STATEMENT_SECONDS) -> None:
        self._size = size
        # What a transaction leaves behind ends with it: to reset the connection would be a round trip more.
        self._pool = asyncpg.Pool(
            url,
            min_size=0,
            max_size=size,
            max_queries=_MOST_QUERIES,
            max_inactive_connection_lifetime=_IDLE_SECONDS,
            connect=None,
            setup=None,
            init=None,
            reset=_keep,
            loop=None,
            connection_class=asyncpg.Connection,
            record_class=asyncpg.Record,
            **_options(url, statement_seconds),
        )
        self.closed = False

    async def start(self) -> None:
        """Get ready; nothing is opened yet."""
        await self._pool

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
            await self._pool.release(connection)

    async def expire(self) -> None:
        """Let go of all connections when they come back: the server was lost."""
        await self._pool.expire_connections()

    async def close(self) -> None:
        """Let those that are in use come back, and close all."""
        self.closed = True
        await self._pool.close()


async def _keep(connection: asyncpg.Connection) -> None:
    """Leave a connection as it is."""


def drop(connection: Connection) -> None:
    """End a connection that may be gone already, and then is no more the pool's."""
    with suppress(*ERRORS):
        connection.terminate()


async def roll_back(connection: Connection) -> None:
    """End a transaction, or the connection if that does not work soon."""
    try:
        async with asyncio.timeout(1.0):
            await connection.execute("ROLLBACK")
    except (*ERRORS, asyncio.CancelledError):
        drop(connection)
