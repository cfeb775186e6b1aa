"""A store that counts the statements that are made: each call of a table, and what needs no transaction."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from triptych.store.base import Store


class Counted:
    """Something whose calls that wait are written down."""

    def __init__(self, thing: Any, name: str, statements: list[str]) -> None:
        self._thing = thing
        self._name = name
        self._statements = statements

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._thing, name)
        if not (inspect.iscoroutinefunction(found) or inspect.isasyncgenfunction(found)):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self._statements.append(f"{self._name}.{name}")
            return found(*args, **kwargs)

        return call


class CountedTransaction(Counted):
    """A transaction whose tables are counted."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._thing, name)
        if callable(found):  # no table
            return super().__getattr__(name)
        return Counted(found, name, self._statements)


class CountingStore(Counted):
    """A store in front of another.

    Attributes:
        statements: What was asked, as "projects.get".
        alone: How many of the reads need no state that is the same for all their questions.
    """

    def __init__(self, store: Store) -> None:
        super().__init__(store, "store", [])
        self.alone = 0

    @property
    def statements(self) -> list[str]:
        return self._statements

    async def ping(self) -> None:
        """Ping it, which no call does."""
        await self._thing.ping()

    @asynccontextmanager
    async def read(self, *, snapshot: bool = True) -> AsyncIterator[Any]:
        async with self._thing.read(snapshot=snapshot) as tx:
            yield CountedTransaction(tx, "tx", self._statements)
        self.alone += not snapshot

    async def write(
        self, body: Callable[[Any], Awaitable[Any]], *, deadline: float | None = None, bulk: bool = False
    ) -> Any:
        return await self._thing.write(
            lambda tx: body(CountedTransaction(tx, "tx", self._statements)), deadline=deadline, bulk=bulk
        )
