"""What people ask of a store that no service does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from triptych.store.sql.shapes import SHAPES
from triptych.store.sql.statements import Sql

TABLES = (*(shape.name for shape in SHAPES), "contents")

HELD = ("documents", "projects", "tokens")
"""The tables that there is a quota for."""

EMPTY = f"SELECT {' AND '.join(f'NOT EXISTS (SELECT 1 FROM {table})' for table in TABLES)}"
"""Tells whether no table has a row."""


@runtime_checkable
class SqlStore(Protocol):
    """A store that can be looked at as a whole."""

    async def verify(self) -> Sequence[str]:
        """Return what the engine finds wrong with its data."""
        ...

    async def stats(self) -> Mapping[str, int]:
        """Return how many rows each table has, and how many bytes the store."""
        ...


def counting() -> Sql:
    """Return what counts the rows of all tables, in their order."""
    counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in TABLES)
    return Sql(f"SELECT {counts}")
