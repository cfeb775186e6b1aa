"""The stores that tests run over: the one list of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from triptych.store.base import Store
from triptych.store.memory import MemoryStore

NewStore = Callable[[], AbstractAsyncContextManager[Store]]


@asynccontextmanager
async def memory_store() -> AsyncIterator[Store]:
    """Open an empty store in memory."""
    store = MemoryStore()
    await store.start()
    yield store
    await store.close()


STORES: dict[str, NewStore] = {"memory": memory_store}
"""What opens an empty store, by the name of its kind."""
