"""How a page is found: along the order, or from the few records that can match, whichever is cheaper."""

from __future__ import annotations

import asyncio
import heapq
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from itertools import chain, filterfalse, islice, repeat
from operator import attrgetter
from typing import Any, Final, TypeVar

from triptych.store.memory.lock import ReadWriteLock
from triptych.store.queries import DocumentPosition, Position

# What records are sorted by: something that compares, and among equals the id.
Rank = tuple[Any, str]

TURN_ROWS: Final = 1000
"""How many rows are looked at before others get to run."""

_SIZE: Final = attrgetter("size")

PositionT = TypeVar("PositionT", Position, DocumentPosition)


@dataclass(slots=True)
class Filter:
    """A restriction: who can pass it, and who does.

    Attributes:
        size: How many ids `candidates` yields, at most.
        candidates: Yields, each once, all ids that can pass.
        passes: Tells whether an id does; asked of candidates and of others in the same organization.
        sets: If not empty, what is in any of them passes: quicker to see than by asking `passes`.
    """

    size: int
    candidates: Callable[[], Iterable[str]]
    passes: Callable[[str], bool]
    sets: Sequence[AbstractSet[str]] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """An order, and the place in it where the page starts.

    Attributes:
        following: The ids after that place, in order, found as they are asked for.
        rank: What an id is sorted by.
        after: The rank of the place; None is the start.
        descending: Whether ranks descend.
        holds: Makes what tells whether the order has an id at all; None if it has all that filters let pass.
    """

    following: Iterator[str]
    rank: Callable[[str], Rank]
    after: Rank | None
    descending: bool
    holds: Callable[[], Callable[[str], bool]] | None = None


class Turns:
    """Lets others run between the parts of a long scan: readers at once, writers when it is over."""

    def __init__(self, lock: ReadWriteLock) -> None:
        self._lock = lock
        self._counted = False

    async def take(self) -> None:
        """Let others run."""
        if not self._counted and not self._lock.waiters:
            self._counted = True
            self._lock.scans += 1
        await asyncio.sleep(0)

    def end(self) -> None:
        """Be over."""
        if self._counted:
            self._counted = False
            self._lock.scans -= 1


def positions(kind: type[PositionT], places: Iterable[tuple[Any, str]]) -> list[PositionT]:
    """Return positions, named tuples of a key and an id; without a call of Python for each."""
    return list(map(tuple.__new__, repeat(kind), places))


def in_any(sets: Iterable[AbstractSet[str]]) -> Filter:
    """Return the filter that passes the ids that are in any of the sets."""
    parts = sorted(filter(None, sets), key=len, reverse=True)
    if len(parts) == 1:
        [only] = parts
        return Filter(len(only), only.__iter__, only.__contains__)
    return Filter(sum(map(len, parts)), partial(_union, parts), partial(_is_in_any, parts), parts)


def unindexed(passes: Callable[[str], bool]) -> Filter:
    """Return a filter that can tell, but not find, what passes."""
    return Filter(sys.maxsize, tuple, passes)


def _is_in_any(parts: Iterable[AbstractSet[str]], id: str) -> bool:
    return any(id in part for part in parts)


def _union(parts: Sequence[AbstractSet[str]]) -> Iterator[str]:
    """Yield what is in any of the sets, once; nothing is looked at before it is asked for."""
    for index, part in enumerate(parts):
        yield from filterfalse(partial(_is_in_any, parts[:index]), part) if index else part


async def find_page(
    lock: ReadWriteLock, order: Order, filters: Sequence[Filter], limit: int
) -> Sequence[str]:
    """Return up to `limit` ids that pass all filters, in order.

    Where many match, the page is filled soon by walking along the order; where few match, gathering and
    sorting those is cheap. Which it is cannot be told beforehand when filters combine, so the walk goes no
    further than gathering would: the work is at most twice that of the better way.

    Args:
        lock: What is held for reading.
        order: The order, and where to start.
        filters: The filters.
        limit: The most ids to return.
    """
    if not filters:
        return list(islice(order.following, limit))
    filters = sorted(filters, key=_SIZE)
    budget = filters[0].size
    turns = Turns(lock)
    try:
        if budget > limit:
            following = order.following if budget == sys.maxsize else islice(order.following, budget)
            page = await _passing(turns, following, filters, limit)
            if len(page) == limit or next(order.following, None) is None:
                return page
        return await _gathered(turns, order, filters, limit)
    finally:
        turns.end()


async def count(lock: ReadWriteLock, filters: Sequence[Filter], limit: int) -> int:
    """Return how many ids pass all filters, of which there is at least one, counting up to `limit`."""
    filters = sorted(filters, key=_SIZE)
    turns = Turns(lock)
    try:
        return len(await _passing(turns, filters[0].candidates(), filters, limit))
    finally:
        turns.end()


async def _gathered(turns: Turns, order: Order, filters: Sequence[Filter], limit: int) -> Sequence[str]:
    best: list[Rank] = []
    candidates = iter(filters[0].candidates())
    holds = order.holds() if order.holds is not None else None
    after, choose = order.after, heapq.nlargest if order.descending else heapq.nsmallest
    while part := list(islice(candidates, TURN_ROWS)):
        ids = _passed(filter(holds, part), filters, sys.maxsize)
        ranks: Iterable[Rank] = map(order.rank, ids)
        if after is not None:
            start = after
            ranks = [rank for rank in ranks if (rank < start if order.descending else rank > start)]
        best = choose(limit, chain(best, ranks))
        if len(part) == TURN_ROWS:
            await turns.take()
    return [id for _, id in best]


async def _passing(turns: Turns, ids: Iterable[str], filters: Sequence[Filter], limit: int) -> list[str]:
    """Return the first `limit` of the ids that pass all filters."""
    ids = iter(ids)
    found: list[str] = []
    rows = 0
    while True:
        size = min(max(2 * limit, 2 * rows), TURN_ROWS)
        part = list(islice(ids, size))
        found += _passed(part, filters, limit - len(found))
        if len(found) >= limit or len(part) < size:
            return found
        rows += size
        if size == TURN_ROWS:
            await turns.take()


def _passed(ids: Iterable[str], filters: Sequence[Filter], limit: int) -> list[str]:
    """Return the first `limit` of the ids that pass all filters; without a call of Python for each id."""
    unions = []
    for each in filters:
        if each.sets:
            unions.append(each.sets)
        else:
            ids = filter(each.passes, ids)
    if not unions:
        return list(islice(ids, limit))
    found: list[str] = []
    for id in ids:
        for sets in unions:
            for one in sets:
                if id in one:
                    break
            else:
                break
        else:
            found.append(id)
            if len(found) == limit:
                break
    return found
