"""Writes the items of a seed file into a store: all of them or none, a batch at a time."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from triptych.clock import Clock
from triptych.ids import Ids
from triptych.rpc.validation import RequestValidator
from triptych.seed.ahead import MANY_OBJECTS
from triptych.seed.errors import SeedError
from triptych.seed.files import SeedFile, open_seed
from triptych.seed.items import KINDS, SeedItem
from triptych.seed.references import GivenTwiceError
from triptych.seed.writer import Writer
from triptych.store.base import Store, Transaction
from triptych_api.triptych.seed.v1.seed_pb import Token

Progress = Callable[[int, int], None]
"""Is told how many items are written, of how many."""

_BATCH_ITEMS: Final = 1000
_BATCH_BYTES: Final = 8 * 1024 * 1024


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
    bulk: bool = False,
    progress: Progress | None = None,
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
        bulk: Whether nobody else uses the store, so that an empty one is filled in the way that is fastest.
        progress: Is told how far it is.

    Raises:
        SeedError: Something is wrong; nothing is loaded.
    """
    file, now = open_seed(path, validator), clock.now()

    async def load(tx: Transaction) -> SeedSummary:
        return await _write(file, Writer(tx, ids, now, max_upload), min_secret, progress)

    with closing(file), _collecting_rarely():
        return await store.write(load, bulk=bulk)


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
    file, now = open_seed(path, validator), clock.now()

    async def load(tx: Transaction) -> SeedSummary | None:
        if not await _is_empty(tx):  # another server has filled it
            return None
        return await _write(file, Writer(tx, ids, now, max_upload), min_secret, None)

    with closing(file):
        return await store.write(load)


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    thresholds = gc.get_threshold()
    gc.set_threshold(MANY_OBJECTS)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


async def _is_empty(tx: Transaction) -> bool:
    """Tell whether there is nothing: all that there is belongs to an organization."""
    return not await tx.organizations.following("", 1)


async def _write(file: SeedFile, writer: Writer, min_secret: int, progress: Progress | None) -> SeedSummary:
    counts = {kind.plural: 0 for kind in KINDS}
    for kind in KINDS:  # so that items may refer to each other in any order
        for batch in _batches(file.of_kind(kind)):
            _require_long_secrets(batch, min_secret)
            try:
                await writer.write(kind, batch)
            except GivenTwiceError as error:
                raise _given_twice(file, error.item) from None
            counts[kind.plural] += len(batch)
            if progress is not None:
                progress(sum(counts.values()), file.total)
    return SeedSummary(counts)


def _batches(items: Iterable[SeedItem]) -> Iterator[list[SeedItem]]:
    batch: list[SeedItem] = []
    size = 0
    for item in items:
        batch.append(item)
        size += item.size
        if len(batch) == _BATCH_ITEMS or size > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _given_twice(file: SeedFile, item: SeedItem) -> SeedError:
    """Return what an item is refused with that has the id of something else."""
    first, *others = file.with_id(item.id)
    if others:
        text = f"{others[0].message.id} is given twice, first on line {first.place.node.line}"
        return others[0].place.error("id", text)
    return item.place.error("id", f"{item.message.id} is in the store already")


def _require_long_secrets(items: Iterable[SeedItem], least: int) -> None:
    for item in items:
        if isinstance(item.message, Token) and not item.message.digest and len(item.message.secret) < least:
            text = f"must have {least} characters or more, as anybody can guess fewer; --dev takes any"
            raise item.place.error("secret", text)
