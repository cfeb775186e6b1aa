"""Which store a server has: a text, as on the command line, and the store that it stands for."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from triptych.store.base import Store

_SQLITE = "sqlite:"
_POSTGRESQL = ("postgresql://", "postgres://")


def check_store(text: str) -> None:
    """Check what can be checked of a text without opening anything.

    Args:
        text: `memory`, `sqlite:PATH` or `postgresql://...`.

    Raises:
        ValueError: It stands for no store, or one that needs what is not installed. Its text tells nothing of
            what was given, which may hold a password.
    """
    if text == "memory":
        return
    if text.startswith(_SQLITE):
        path = text.removeprefix(_SQLITE)
        if not path or path.startswith(":") or "\0" in path:
            raise ValueError("sqlite: must be followed by the path of a file")
        return
    if not text.startswith(_POSTGRESQL):
        raise ValueError("must be memory, sqlite:PATH or postgresql://USER@HOST:PORT/DATABASE")
    try:
        named = urlsplit(text).path.strip("/")
    except ValueError:
        named = ""
    if not named:
        raise ValueError("postgresql:// must name a host and a database")
    if find_spec("asyncpg") is None:
        raise ValueError("postgresql:// needs more: pip install 'triptych[postgresql]'")


def has_password(text: str) -> bool:
    """Tell whether the text of a store holds a password."""
    if not text.startswith(_POSTGRESQL):
        return False
    user = text.partition("://")[2].partition("/")[0].rpartition("@")[0]
    return ":" in user or "password=" in text.partition("?")[2]


def make_store(text: str) -> Store:
    """Return the store that a text stands for, not started yet.

    Raises:
        ValueError: As `check_store`.
    """
    check_store(text)
    # Each of these is imported only where it is used.
    if text == "memory":
        from triptych.store.memory import MemoryStore  # noqa: PLC0415

        return MemoryStore()
    if text.startswith(_SQLITE):
        from triptych.store.sqlite import SqliteStore  # noqa: PLC0415

        return SqliteStore(Path(text.removeprefix(_SQLITE)))
    from triptych.store.postgresql import PostgresqlStore  # noqa: PLC0415

    return PostgresqlStore(text)
