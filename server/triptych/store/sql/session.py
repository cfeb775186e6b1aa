"""What a transaction does with its engine: the one thing that each engine has of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Protocol

from triptych.store.sql.shapes import Row, Shape
from triptych.store.sql.statements import Dialect, Listing, Sql

SLOW_SECONDS: Final = 10.0
"""How long a list may take that cannot be found along its order."""


class Session(Protocol):
    """A transaction of an engine, with a snapshot of its own.

    Every call raises RuntimeError once the transaction is over. Those that write raise ReadOnlyError in a
    transaction for reading.
    """

    @property
    def dialect(self) -> Dialect:
        """How the engine spells things."""
        ...

    @property
    def bulk(self) -> bool:
        """Whether what is derived of the records is made when all are there."""
        ...

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """Open a part of the transaction that is undone, alone, if an error leaves it."""
        ...

    async def rows(self, statement: Sql, *, varies: bool = False) -> Sequence[Row]:
        """Return the rows that a statement selects.

        Args:
            statement: The statement.
            varies: Whether it depends on its values which way to find them is the best.
        """
        ...

    async def change(self, statement: Sql) -> int:
        """Run a statement that writes; return how many rows it changed."""
        ...

    async def insert(self, shape: Shape[Any], records: Sequence[Any], *, replace: bool) -> None:
        """Add records with their children, all or none; replace those that there are, or refuse.

        Raises:
            AlreadyExistsError: There is one, or another with a value that is unique.
        """
        ...

    async def insert_pair(self, one: tuple[Shape[Any], Any], other: tuple[Shape[Any], Any]) -> None:
        """Add two records of different tables, both or none.

        Raises:
            AlreadyExistsError: There is one of them.
        """
        ...

    async def remove(self, shape: Shape[Any], ids: Sequence[str]) -> int:
        """Remove records with their children; return how many there were."""
        ...

    async def listed(
        self, listing: Listing, start: tuple[Any, ...] | None, limit: int, *, backwards: bool = False
    ) -> list[Row]:
        """Return up to `limit` rows that follow `start`; backwards, that come before it, last first.

        Args:
            listing: The list: a row has its columns, then its keys.
            start: Values of the keys; None for the beginning or, backwards, the end.
            limit: The most rows.
            backwards: Whether to go against the order.
        """
        ...

    async def add_contents(self, contents: Mapping[str, Sequence[bytes]]) -> None:
        """Keep the contents of versions that have none yet, by their ids."""
        ...

    async def write_content(self, id: str, chunks: Iterable[bytes]) -> None:
        """Keep the content of a version, or replace it."""
        ...

    def content_chunks(self, id: str) -> AsyncIterator[bytes]:
        """Yield the content of a version."""
        ...
