"""How popular projects are: environments made from them in the last 30 days, counted now and then."""

from __future__ import annotations

from triptych.clock import DAY, Clock
from triptych.store.base import Store

_WINDOW = 30 * DAY


async def count_popularity(store: Store, clock: Clock) -> None:
    """Count anew and write the scores that `ListProjects` sorts by."""
    await store.recount_popularity(clock.now() - _WINDOW)
