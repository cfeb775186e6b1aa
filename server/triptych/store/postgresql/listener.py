"""A connection that hears of what other servers change, and that tells whether the database is there."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Final

import asyncpg

from triptych.store.errors import UnavailableError
from triptych.store.postgresql.credentials import CHANNEL, PostgresqlCredentials
from triptych.store.postgresql.errors import ERRORS
from triptych.store.postgresql.pool import Pool, drop

_ASK_SECONDS: Final = 0.4
_SHORT_WAIT: Final = 0.02
_SILENT_SECONDS: Final = 30.0


class Listener:
    """Hears of changes that others make; while nobody is heard, nothing that is known is good.

    Args:
        pool: Opens the connection; its own are ended when the database has been silent for half a minute.
        credentials: What is told of changes.

    Attributes:
        number: Counts connections that listen, and their ends.
    """

    def __init__(self, pool: Pool, credentials: PostgresqlCredentials) -> None:
        self._pool = pool
        self._credentials = credentials
        self._task: asyncio.Task[None] | None = None
        self._connection: asyncpg.Connection | None = None
        self._asked_at = 0.0  # the last question that was answered
        self.number = 0

    async def start(self) -> None:
        """Begin to listen; return once it does, or cannot yet."""
        began = asyncio.Event()
        self._task = asyncio.create_task(self._run(began))
        await began.wait()

    async def stop(self) -> None:
        """Listen no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def restart(self) -> None:
        """Look for the primary anew: it may be another server by now."""
        self._pool.doubt()
        if self._connection is not None:
            drop(self._connection)

    async def lasts(self, number: int, end: float) -> bool:
        """Tell whether a connection still listens, and so the server has run since it began.

        Args:
            number: What `number` was then.
            end: On the clock of the event loop, when to give up.
        """
        loop = asyncio.get_running_loop()
        now = time.monotonic()
        while self.number == number and loop.time() < end:
            if self._asked_at > now:
                return True
            await asyncio.sleep(_SHORT_WAIT)
        return False

    async def _run(self, began: asyncio.Event) -> None:
        silent_since = time.monotonic()
        while True:
            try:
                connection = self._connection = await self._pool.connect()
                self.number += 1
                try:
                    await self._listen(connection, began)
                finally:
                    self.number += 1
                    self._credentials.lost()
                    self._connection = None
                    self._pool.doubt()
                    connection.terminate()
            except (UnavailableError, *ERRORS) as error:
                began.set()
                if isinstance(error.__cause__, asyncpg.PostgresError):
                    silent_since = time.monotonic()  # it refuses
            silent_since = max(silent_since, self._asked_at)
            if time.monotonic() - silent_since > _SILENT_SECONDS:
                self._pool.end()  # nobody will answer on them
                silent_since = time.monotonic()
            await asyncio.sleep(_ASK_SECONDS)

    async def _listen(self, connection: asyncpg.Connection, began: asyncio.Event) -> None:
        await connection.add_listener(CHANNEL, self._credentials.told)
        self._credentials.change()
        while True:
            asked_at = time.monotonic()
            await connection.execute("SELECT 1", timeout=_ASK_SECONDS)
            self._credentials.heard(asked_at)
            self._asked_at = asked_at
            began.set()
            await asyncio.sleep(_ASK_SECONDS)
