"""How a page is found: along the order, or from the few records that can match, whichever is cheaper."""

from __future__ import annotations

import heapq
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from itertools import islice, repeat
from operator import attrgetter
from typing import Any, Final, TypeVar

from triptych.store.queries import DocumentPosition, Position

# What records are sorted by: something that compares, and among equals the id.
Rank = tuple[Any, str]

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
    """

    following: Iterator[str]
    rank: Callable[[str], Rank]
    after: Rank | None
    descending: bool


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


def _is_in_any(parts: Iterable[AbstractSet[str]], id: str) -> bool:
    return any(id in part for part in parts)


def _union(parts: Iterable[AbstractSet[str]]) -> Iterator[str]:
    seen: set[str] = set()
    for part in parts:
        yield from part - seen if seen else part
        seen |= part


def find_page(order: Order, filters: Sequence[Filter], limit: int) -> Sequence[str]:
    """Return up to `limit` ids that pass all filters, in order.

    Where many match, the page is filled soon by walking along the order; where few match, gathering and
    sorting those is cheap. Which it is cannot be told beforehand when filters combine, so the walk goes no
    further than gathering would: the work is at most twice that of the better way.
    """
    if not filters:
        return list(islice(order.following, limit))
    filters = sorted(filters, key=_SIZE)
    budget = filters[0].size
    if budget > limit:
        page = _passing(islice(order.following, budget), filters, limit)
        if len(page) == limit or next(order.following, None) is None:
            return page
    ranks = map(order.rank, _passing(filters[0].candidates(), filters, sys.maxsize))
    after = order.after
    if order.descending:
        found = heapq.nlargest(limit, (rank for rank in ranks if after is None or rank < after))
    else:
        found = heapq.nsmallest(limit, (rank for rank in ranks if after is None or rank > after))
    return [id for _, id in found]


def count(filters: Sequence[Filter], limit: int) -> int:
    """Return how many ids pass all filters, of which there is at least one, counting up to `limit`."""
    filters = sorted(filters, key=_SIZE)
    return len(_passing(filters[0].candidates(), filters, limit))


def _passing(ids: Iterable[str], filters: Sequence[Filter], limit: int) -> list[str]:
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
