"""What the errors of PostgreSQL and its driver mean."""

from __future__ import annotations

import asyncio
from typing import Final

import asyncpg

from triptych.store.errors import ConflictError, StoreError, UnavailableError

LOST: Final = (OSError, asyncio.TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What the driver raises where the connection is gone; the server says so as well (`is_lost`)."""

ERRORS: Final = (asyncpg.PostgresError, *LOST)
"""All that using a connection raises."""

# A standby refuses to write; and, before that, to begin to.
_READ_ONLY: Final = ("25006", "0A000")
_CONFLICTS: Final = frozenset({"40001", "40P01", "23505", "55P03"})
# Connections, resources, the operator, a system error; or a server that takes no writes.
_UNAVAILABLE: Final = ("08", "53", "57", "58", *_READ_ONLY, "28", "3D", "XX")


class translating:  # noqa: N801 # reads as a statement
    """Turn errors of PostgreSQL and its driver into those of stores."""

    __slots__ = ()

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, ERRORS) and (found := store_error(error)) is not None:
            raise found from error


def is_lost(error: BaseException) -> bool:
    """Tell whether the connection is gone, and with it the answer."""
    if isinstance(error, LOST):
        return True
    return isinstance(error, asyncpg.PostgresError) and str(error.sqlstate).startswith(("08", "57P"))


def is_read_only(error: BaseException | None) -> bool:
    """Tell whether a server took no write, as one that was the primary; or the error that comes of it."""
    if isinstance(error, asyncpg.PostgresError):
        return error.sqlstate in _READ_ONLY
    return isinstance(error, StoreError) and is_read_only(error.__cause__)


def store_error(error: Exception) -> StoreError | None:
    """Return what an error means; None if it is a mistake of ours."""
    if isinstance(error, LOST):
        return UnavailableError(f"postgresql: {type(error).__name__}: {error}")
    if isinstance(error, asyncpg.PostgresError):
        state = str(error.sqlstate)
        if state in _CONFLICTS:
            return ConflictError(f"postgresql: {state} {error}")
        if state.startswith(_UNAVAILABLE):
            return UnavailableError(f"postgresql: {state} {error}")
    return None
