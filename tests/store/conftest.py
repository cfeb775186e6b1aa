"""Every store that there is, one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from triptych.store.base import Store
from triptych.store.memory import MemoryStore

NewStore = Callable[[], AbstractAsyncContextManager[Store]]


@asynccontextmanager
async def memory_store() -> AsyncIterator[Store]:
    store = MemoryStore()
    await store.start()
    yield store
    await store.close()


STORES: dict[str, NewStore] = {"memory": memory_store}


@pytest.fixture(scope="session", params=STORES)
def new_store(request: pytest.FixtureRequest) -> NewStore:
    """Return what opens an empty store: for tests that need one an example."""
    return STORES[request.param]


@pytest.fixture
async def store(new_store: NewStore) -> AsyncIterator[Store]:
    """Return an empty store."""
    async with new_store() as store:
        yield store
