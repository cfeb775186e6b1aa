"""Writes the items of a seed file into a store: all of them or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triptych.clock import Clock
from triptych.ids import Ids
from triptych.rpc.validation import RequestValidator
from triptych.seed.items import KINDS, SeedItem, read_seed
from triptych.seed.writer import Writer
from triptych.store.base import Store, Transaction
from triptych.store.tables import Table
from triptych_api.triptych.seed.v1.seed_pb import Token


@dataclass(frozen=True, slots=True)
class SeedSummary:
    """What was loaded: how many of each kind, by its name in the plural, as "service_accounts"."""

    counts: Mapping[str, int]


async def load_seed_file(
    path: Path,
    store: Store,
    ids: Ids,
    clock: Clock,
    validator: RequestValidator,
    max_upload: int,
    *,
    min_secret: int = 1,
) -> SeedSummary:
    """Load a seed file.

    Args:
        path: The file.
        store: Where to load it.
        ids: Makes the ids that are left out.
        clock: Tells when things were created that do not say so.
        validator: Checks the rules of the items.
        max_upload: The most bytes that the content of a document may have.
        min_secret: The fewest characters that the secret of a token may have.

    Raises:
        SeedError: Something is wrong; nothing is loaded.
    """
    items, now = _read(path, validator, min_secret), clock.now()

    async def load(tx: Transaction) -> None:
        await _write(tx, items, Writer(tx, ids, now, max_upload))

    await store.write(load)
    return _summary(items)


async def fill_empty_store(
    path: Path,
    store: Store,
    ids: Ids,
    clock: Clock,
    validator: RequestValidator,
    max_upload: int,
    *,
    min_secret: int = 1,
) -> SeedSummary | None:
    """Load a seed file as `load_seed_file` does, unless the store holds anything.

    Then the file is not read, however long it is, and None is returned: a server may start again with the
    file that it was first started with, and several may start at once.

    Raises:
        SeedError: Something is wrong; nothing is loaded.
    """
    async with store.read(snapshot=False) as tx:
        if not await _is_empty(tx):
            return None
    items, now = _read(path, validator, min_secret), clock.now()

    async def load(tx: Transaction) -> bool:
        if not await _is_empty(tx):  # another server has filled it
            return False
        await _write(tx, items, Writer(tx, ids, now, max_upload))
        return True

    return _summary(items) if await store.write(load) else None


async def _is_empty(tx: Transaction) -> bool:
    """Tell whether there is nothing: all that there is belongs to an organization."""
    return not await tx.organizations.following("", 1)


def _read(path: Path, validator: RequestValidator, min_secret: int) -> list[SeedItem]:
    items = list(read_seed(path, validator))
    _require_long_secrets(items, min_secret)
    return items


async def _write(tx: Transaction, items: Sequence[SeedItem], writer: Writer) -> None:
    await _require_new_ids(tx, items)
    for kind in KINDS:  # so that items may refer to each other in any order
        for item in items:
            if item.kind is kind:
                await writer.write(item)


def _summary(items: Iterable[SeedItem]) -> SeedSummary:
    counts = Counter(item.kind.plural for item in items)
    return SeedSummary({kind.plural: counts[kind.plural] for kind in KINDS})


def _require_long_secrets(items: Iterable[SeedItem], least: int) -> None:
    for item in items:
        if isinstance(item.message, Token) and not item.message.digest and len(item.message.secret) < least:
            text = f"must have {least} characters or more, as anybody can guess fewer; --dev takes any"
            raise item.place.error("secret", text)


async def _require_new_ids(tx: Transaction, items: Iterable[SeedItem]) -> None:
    """Refuse ids that are given twice, or that the store holds already, whatever they are the ids of."""
    given: dict[str, SeedItem] = {}
    for item in items:
        if not (id := item.id):
            continue
        if first := given.get(id):
            line = first.place.node.line
            raise item.place.error("id", f"{item.message.id} is given twice, first on line {line}")
        given[id] = item
    tables: tuple[Table[Any], ...] = (
        tx.organizations,
        tx.users,
        tx.service_accounts,
        tx.groups,
        tx.runners,
        tx.environment_classes,
        tx.projects,
        tx.environments,
        tx.tokens,
        tx.documents,
    )
    for table in tables:
        for id in await table.get_many(given):
            raise given[id].place.error("id", f"{given[id].message.id} is in the store already")
