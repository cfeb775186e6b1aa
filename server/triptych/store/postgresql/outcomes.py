"""What became of commits that were not answered."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

import asyncpg

from triptych.store.errors import ConflictError, OutcomeUnknownError, UnavailableError
from triptych.store.postgresql.commits import is_replicated
from triptych.store.postgresql.listener import Listener
from triptych.store.postgresql.pool import Pool

_STATUS: Final = "SELECT pg_xact_status($1::text::xid8)"
_SECONDS: Final = 5.0
_WAIT: Final = 0.25


class Outcomes:
    """Finds out what became of commits.

    Args:
        pool: Where connections to ask come from.
        listener: Tells whether the server has run since a commit began.
    """

    def __init__(self, pool: Pool, listener: Listener) -> None:
        self._pool = pool
        self._listener = listener

    async def resolve(self, transaction_id: str, listener: int, lost: BaseException) -> None:
        """Ask the server what became of a transaction whose connection was lost in its commit.

        A server that crashed gives ids again that it had given to transactions which it has forgotten: what
        was committed may be another then. So it must be known that it did not.

        Args:
            transaction_id: The id that the server gave it.
            listener: Which connection listened when it began.
            lost: The error of the commit.

        Raises:
            ConflictError: It was undone.
            OutcomeUnknownError: The server cannot tell, or cannot be asked.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + _SECONDS
        self._pool.expire()
        while loop.time() < end:
            with suppress(UnavailableError):
                status = await self._status(transaction_id)
                if status == "committed":
                    if await self._listener.lasts(listener, end) and await self._replicates(end):
                        return
                    break
                if status == "aborted":
                    raise ConflictError("the connection was lost, and the transaction undone") from lost
                if status is None:
                    break
            await asyncio.sleep(_WAIT)
        raise OutcomeUnknownError("the connection was lost in a commit") from lost

    async def _status(self, transaction_id: str) -> str | None:
        """Return what the server knows of a transaction."""
        try:
            async with self._pool.alone() as connection:
                status = await connection.fetchval(_STATUS, transaction_id)
        except asyncpg.InvalidParameterValueError:
            # There was none of that id yet: so a standby took over that never had it, or a crash undid it.
            return "aborted"
        return str(status) if status is not None else None

    async def _replicates(self, end: float) -> bool:
        """Tell whether all that was committed until now is where it must be, until an instant."""
        with suppress(UnavailableError):
            async with self._pool.alone() as connection, asyncio.timeout_at(end):
                return await is_replicated(connection)
        return False
