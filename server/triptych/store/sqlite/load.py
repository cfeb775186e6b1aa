"""A transaction that fills an empty file: indexes, searches and sums are made when all rows are there.

A row costs a dozen places of as many indexes otherwise, each on another page. Made at the end, an index is
sorted, and written from its beginning to its end.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from triptych.store.sql.inspection import EMPTY, HELD
from triptych.store.sql.statements import TRUE
from triptych.store.sql.tables import note_project_users
from triptych.store.sqlite.connection import CACHE_KIB

_LARGE_CACHE_KIB: Final = 256 * 1024
_LARGE_HASH: Final = 64 * 1024 * 1024
"""The bytes of texts that are indexed at a time: each time is one more part to merge."""

_USUAL_HASH: Final = 1024 * 1024
_SEARCHES: Final = ("document_grams", "project_grams")
# Unique indexes stay: they tell what is given twice.
_DERIVED: Final = """
    SELECT type, name, sql FROM sqlite_master
    WHERE sql IS NOT NULL AND (type = 'trigger' OR type = 'index' AND sql NOT LIKE 'CREATE UNIQUE%')
    ORDER BY type"""


class Load:
    """What is done around the body of such a transaction; nothing, unless the file is empty.

    Args:
        connection: The connection, in a transaction.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._derived: list[tuple[str, str, str]] = []

    def begin(self) -> bool:
        """Remove what is made at the end; tell whether that is so."""
        execute = self._connection.execute
        [empty] = execute(EMPTY).fetchone()
        if not empty:
            return False
        execute(f"PRAGMA cache_size = -{_LARGE_CACHE_KIB}")
        self._derived = execute(_DERIVED).fetchall()
        for type, name, _ in self._derived:
            execute(f"DROP {type} {name}")
        return True

    def finish(self) -> None:
        """Make it."""
        if not self._derived:
            return
        execute = self._connection.execute
        for _, _, text in self._derived:
            execute(text)
        for search in _SEARCHES:
            execute(f"INSERT INTO {search} ({search}, rank) VALUES ('hashsize', {_LARGE_HASH})")
            execute(f"INSERT INTO {search} ({search}) VALUES ('rebuild')")
            execute(f"INSERT INTO {search} ({search}, rank) VALUES ('hashsize', {_USUAL_HASH})")
        execute(*note_project_users(TRUE))
        for kind in HELD:
            execute(
                "INSERT INTO held SELECT ?, organization_id, count(*), sum(held_size) "
                f"FROM {kind} GROUP BY organization_id",
                (kind,),
            )

    def end(self) -> None:
        """Leave the connection as it is at other times."""
        self._connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")

    def tidy(self) -> None:
        """After the commit, leave the connection and the file beside it as they are at other times."""
        self.end()
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
