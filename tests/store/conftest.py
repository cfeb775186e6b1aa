"""Every store that there is, one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from support.stores import STORES, NewStore
from triptych.store.base import Store


@pytest.fixture(scope="session", params=STORES)
def new_store(request: pytest.FixtureRequest) -> NewStore:
    """Return what opens an empty store: for tests that need one an example."""
    return STORES[request.param]


@pytest.fixture
async def store(new_store: NewStore) -> AsyncIterator[Store]:
    """Return an empty store."""
    async with new_store() as store:
        yield store
