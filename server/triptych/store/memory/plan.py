"""How a page is found: along the order, or from the few records that can match, whichever is cheaper."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from typing import Any

# What records are sorted by: something that compares, and among equals the id.
Rank = tuple[Any, str]


@dataclass(frozen=True, slots=True)
class Filter:
    """A restriction: who can pass it, and who does.

    Attributes:
        size: How many ids `candidates` yields, at most.
        candidates: Yields, each once, all ids that can pass.
        passes: Tells whether an id does; asked of candidates and of others in the same organization.
    """

    size: int
    candidates: Callable[[], Iterable[str]]
    passes: Callable[[str], bool]


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


def in_any(sets: Iterable[AbstractSet[str]]) -> Filter:
    """Return the filter that passes the ids that are in any of the sets."""
    parts = sorted(filter(None, sets), key=len, reverse=True)
    if len(parts) == 1:
        return Filter(len(parts[0]), lambda: parts[0], parts[0].__contains__)
    return Filter(
        sum(map(len, parts)),
        lambda: _union(parts),
        lambda each: any(each in part for part in parts),
    )


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
    filters = _narrowest_first(filters)
    budget = filters[0].size
    if budget > limit:
        page = list(islice(_passing(islice(order.following, budget), filters), limit))
        if len(page) == limit or next(order.following, None) is None:
            return page
    ranks = map(order.rank, _passing(filters[0].candidates(), filters))
    after = order.after
    if order.descending:
        found = heapq.nlargest(limit, (rank for rank in ranks if after is None or rank < after))
    else:
        found = heapq.nsmallest(limit, (rank for rank in ranks if after is None or rank > after))
    return [id for _, id in found]


def count(filters: Sequence[Filter], limit: int) -> int:
    """Return how many ids pass all filters, of which there is at least one, counting up to `limit`."""
    filters = _narrowest_first(filters)
    return sum(1 for _ in islice(_passing(filters[0].candidates(), filters), limit))


def _narrowest_first(filters: Sequence[Filter]) -> Sequence[Filter]:
    return sorted(filters, key=lambda each: each.size)


def _passing(ids: Iterable[str], filters: Sequence[Filter]) -> Iterator[str]:
    for each in filters:
        ids = filter(each.passes, ids)
    return iter(ids)
