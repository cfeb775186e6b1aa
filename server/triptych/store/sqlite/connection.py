"""Connections to a file, and what its errors mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from triptych.store.errors import (
    AlreadyExistsError,
    ConflictError,
    StoreError,
    UnavailableError,
    UnusableError,
)

APPLICATION_ID: Final = 0x54726970
"""What tells the files of this server from those of others: "Trip"."""

BUSY_SECONDS: Final = 5.0
"""How long to wait for what another process does."""

SYNCHRONOUS: Final = "FULL"
"""When the disk is waited for: at each commit, so that what was acknowledged survives a loss of power."""

_STATEMENTS_KEPT: Final = 512
CACHE_KIB: Final = 16 * 1024
"""What a connection keeps of the file."""
MAPPED_BYTES: Final = 1 << 40
"""What a connection that only reads maps of the file at most: a row far from the last costs half as much."""

_UNUSABLE: Final = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FORMAT})
_CONFLICTS: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


def connect(path: Path, *, query_only: bool, busy_seconds: float = 0.0) -> sqlite3.Connection:
    """Open a file; it is made if there is none. Transactions are begun and ended by statements alone.

    Args:
        path: The file.
        query_only: Whether the connection refuses to write.
        busy_seconds: How long a statement waits for other processes before it fails. To open the file waits
            for `BUSY_SECONDS` in any case: whoever closes it as the last has it alone for a moment.

    Raises:
        StoreError: It cannot be opened.
    """
    with translating():
        connection = sqlite3.connect(
            path,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,  # it is used by one thread at a time
            cached_statements=_STATEMENTS_KEPT,
        )
        try:
            for pragma in (
                f"synchronous = {SYNCHRONOUS}",
                f"cache_size = -{CACHE_KIB}",
                "temp_store = MEMORY",
                f"mmap_size = {MAPPED_BYTES if query_only else 0}",
                f"query_only = {int(query_only)}",
                f"busy_timeout = {round(busy_seconds * 1_000)}",
            ):
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def translating() -> Iterator[None]:
    """Turn errors of SQLite into those of stores."""
    try:
        yield
    except sqlite3.Error as error:
        raise store_error(error) from error


def store_error(error: sqlite3.Error) -> StoreError:
    """Return what an error of SQLite means."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _UNUSABLE:
        return UnusableError(f"sqlite: {error}")
    if code in _CONFLICTS:
        return ConflictError(f"sqlite: {error}")
    return UnavailableError(f"sqlite: {error}")


def already_exists(
    connection: sqlite3.Connection, error: sqlite3.IntegrityError, table: str, id: str
) -> AlreadyExistsError:
    """Return which value of a record was there already: the id before others, which the text ends in."""
    known = connection.execute(f"SELECT 1 FROM {table} WHERE id = ?", (id,)).fetchone()
    return AlreadyExistsError(table, str(error).rpartition(".")[2] if known is None else "id", id)
