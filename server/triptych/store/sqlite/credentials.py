"""Whether callers may be others now: what this process changed, and what others did."""

from __future__ import annotations

import sqlite3
import time
from typing import Final

_SECONDS: Final = 0.1


class SqliteCredentials:
    """The state of all tokens, users and service accounts.

    What other processes change is looked for when it is asked for, ten times a second at most: that the file
    was changed costs 6 microseconds to see, and only then is its own count read.

    Args:
        connection: What to look with; nobody else uses it.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._version = 0
        self._looked_at = 0.0
        self._seen: tuple[int, int] = (0, 0)
        self._look()

    @property
    def version(self) -> int:
        """A number that never comes again once one of them has changed."""
        if time.monotonic() - self._looked_at > _SECONDS:
            self._look()
        return self._version

    def change(self) -> None:
        """Note that this process changed one of them, and counted that in the file."""
        self._version += 1
        self._seen = self._seen[0], self._seen[1] + 1

    def close(self) -> None:
        """Look no more."""
        self._connection.close()

    def _look(self) -> None:
        self._looked_at = time.monotonic()
        try:
            [file_version] = self._connection.execute("PRAGMA data_version").fetchone()
            if file_version == self._seen[0]:
                return
            [version] = self._connection.execute("SELECT version FROM credential_changes").fetchone()
        except sqlite3.Error:
            self._version += 1  # who cannot tell says that they have changed
            return
        if version != self._seen[1]:
            self._version += 1
        self._seen = file_version, version
