"""Whether the store can be used, looked at every second: what probes and health tell follows it."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from triptych.discovery.health import HealthService
from triptych.store.base import Store
from triptych.store.errors import StoreError

_logger = logging.getLogger("triptych")

LOOK_SECONDS: Final = 1.0
"""How long it rests in between."""

_PATIENCE: Final = 2.0


class StoreWatch:
    """Looks at a store, and tells the health of the server.

    Args:
        store: The store.
        health: What is told.
    """

    def __init__(self, store: Store, health: HealthService) -> None:
        self._store = store
        self._health = health

    async def look(self) -> None:
        """Look at the store once."""
        available = True
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._store.ping()
        except (StoreError, TimeoutError) as error:
            available = False
            if self._health.store_available:
                _logger.error("the store is not available: %s", str(error) or "no answer")  # noqa: TRY400
        if available and not self._health.store_available:
            _logger.warning("the store is available again")
        self._health.tell_store(available=available)
