"""The schema of a file: whose it is, which version it has, and bringing it up to date."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from triptych.store.errors import UnavailableError, UnusableError
from triptych.store.sql.migrations import Migration, missing, read_migrations
from triptych.store.sqlite.connection import APPLICATION_ID, BUSY_SECONDS, connect, translating

MIGRATIONS: Final = read_migrations("triptych.store.sqlite")

_LEAST_VERSION: Final = (3, 34, 0)
_WAIT_SECONDS: Final = 0.02


def migrate(path: Path) -> Sequence[str]:
    """Bring the schema of a file up to date, whoever else does so at the same time; make it if there is none.

    Returns:
        The names of the steps that it took.

    Raises:
        UnavailableError: It cannot be opened or written.
        UnusableError: It is no file of ours, or of a newer version.
    """
    if sqlite3.sqlite_version_info < _LEAST_VERSION:
        least = ".".join(map(str, _LEAST_VERSION))
        raise UnusableError(f"SQLite {sqlite3.sqlite_version} is older than {least}")
    connection = connect(path, query_only=False, busy_seconds=BUSY_SECONDS)
    try:
        with translating():
            _require_ours(connection)
            _patiently(lambda: connection.execute("PRAGMA journal_mode = WAL").fetchone())
            if not missing(MIGRATIONS, _applied(connection)):
                return []
            connection.execute("BEGIN IMMEDIATE")  # whoever else migrates waits here
            try:
                taken = _apply(connection, missing(MIGRATIONS, _applied(connection)))
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return taken
    finally:
        connection.close()


def _require_ours(connection: sqlite3.Connection) -> None:
    """Refuse a database that others made.

    Raises:
        UnusableError: It is one.
    """
    [application_id] = connection.execute("PRAGMA application_id").fetchone()
    [tables] = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application_id != APPLICATION_ID and (application_id or tables):
        raise UnusableError("sqlite: the file holds the data of another program")


def _applied(connection: sqlite3.Connection) -> dict[int, str]:
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'").fetchone()
    if known is None:
        return {}
    return dict(connection.execute("SELECT version, checksum FROM schema_version").fetchall())


def _apply(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> list[str]:
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_version ("
        "version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)"
    )
    for each in migrations:
        for statement in _statements(each.text):
            connection.execute(statement)
        connection.execute(
            "INSERT INTO schema_version VALUES (?, ?, ?)", (each.version, each.name, each.checksum)
        )
    return [f"{each.version:04} {each.name}" for each in migrations]


def _statements(text: str) -> Iterator[str]:
    """Yield the statements of a script: `executescript` would commit first."""
    statement = ""
    for line in text.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _patiently(work: Callable[[], object]) -> None:
    """Do what does not wait for other processes by itself."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            work()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            if time.monotonic() > end:
                raise UnavailableError("sqlite: another process holds the file") from error
            time.sleep(_WAIT_SECONDS)
        else:
            return
