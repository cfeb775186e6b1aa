"""Writes the items of a seed file into a store: all of them or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from triptych.clock import Clock
from triptych.ids import Ids
from triptych.rpc.validation import RequestValidator
from triptych.seed.files import read_seed
from triptych.seed.items import SeedItem
from triptych.seed.kinds import KINDS, TOKEN, Kind
from triptych.seed.references import require_new_id
from triptych.seed.writer import Writer
from triptych.store.base import Store, Transaction


@dataclass(frozen=True, slots=True)
class SeedSummary:
    """What was loaded: how many of each kind, by its name in the plural, as "service_accounts"."""

    counts: Mapping[str, int]

    @property
    def has_tokens(self) -> bool:
        """Whether there was a token among it."""
        return self.counts[TOKEN.plural] > 0


async def load_seed_file(
    path: Path, store: Store, ids: Ids, clock: Clock, validator: RequestValidator, max_upload: int
) -> SeedSummary:
    """Load a seed file.

    Args:
        path: The file.
        store: Where to load it.
        ids: Makes the ids that are left out.
        clock: Tells when things were created that do not say so.
        validator: Checks the rules of the items.
        max_upload: The most bytes that the content of a document may have.

    Raises:
        SeedError: Something is wrong; nothing is loaded.
    """
    items = list(read_seed(path, validator))
    async with store.write() as tx:
        summary = await load(items, tx, ids, clock, max_upload)
        await tx.commit()
    return summary


async def load(
    items: Iterable[SeedItem], tx: Transaction, ids: Ids, clock: Clock, max_upload: int
) -> SeedSummary:
    """Write items, kind by kind, so that they may refer to each other in any order.

    Raises:
        SeedError: Something is wrong; the transaction must not be committed.
    """
    by_kind: dict[Kind, list[SeedItem]] = {kind: [] for kind in KINDS}
    lines: dict[str, int] = {}
    for item in items:
        by_kind[item.kind].append(item)
        if id := item.id:
            if id in lines:
                raise item.place.error("id", f"{item.message.id} is given twice, first on line {lines[id]}")
            lines[id] = item.place.line
            await require_new_id(tx, item)
    writer = Writer(tx, ids, clock.now(), max_upload)
    for of_kind in by_kind.values():
        for item in of_kind:
            await writer.write(item)
    return SeedSummary({kind.plural: len(of_kind) for kind, of_kind in by_kind.items()})
