"""Every store that there is, one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from support.stores import NewStore
from triptych.store.base import Store


@pytest.fixture
async def store(new_store: NewStore) -> AsyncIterator[Store]:
    """Return an empty store."""
    async with new_store() as store:
        yield store
