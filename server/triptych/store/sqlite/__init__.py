"""The store in a file of one machine: SQLite."""

from triptych.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
