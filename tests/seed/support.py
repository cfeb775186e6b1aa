from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from triptych.seed import SeedSummary
from triptych.store.base import Store

NOW = 1_760_000_000_123_456_789
TABLES = (
    "organizations",
    "users",
    "service_accounts",
    "groups",
    "runners",
    "environment_classes",
    "projects",
    "environments",
    "tokens",
    "documents",
)
MAX_UPLOAD = 1000
EXAMPLE = Path(__file__).parents[2] / "examples" / "seed.yaml"

LoadFile = Callable[[Path], Awaitable[SeedSummary]]
LoadText = Callable[[str, str | bytes], Awaitable[SeedSummary]]


class FixedClock:
    def now(self) -> int:
        return NOW


async def records(store: Store, ids: list[str]) -> dict[str, list[Any]]:
    """Return the records that have one of the ids, by table, in the order of the ids.

    The ids of versions, which are made at random, are left out of documents.
    """
    async with store.read() as tx:
        found = {table: [await getattr(tx, table).get(id) for id in ids] for table in TABLES}
    found["documents"] = [record and replace(record, current_version_id="") for record in found["documents"]]
    return {table: [record for record in rows if record] for table, rows in found.items()}
