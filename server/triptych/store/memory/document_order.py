"""The orders of documents: along an index of the viewer's organization, and among what others shared."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any, Final, TypeAlias

from sortedcontainers import SortedList

from triptych.store.memory.plan import Order
from triptych.store.queries import DocumentPosition

# A sort key and an id: what a place in an order is.
Place: TypeAlias = tuple[Any, str]

_ID: Final = itemgetter(1)


def rank(key: Any, id: str, *, descending: bool) -> Place:
    """Return what documents are compared by: those without a value (None) come last, either way."""
    if key is None:
        return (0,) if descending else (1,), id
    return (1 if descending else 0, key), id


def walk(
    valued: Iterable[SortedList],
    absent: Iterable[SortedList],
    start: DocumentPosition | None,
    *,
    descending: bool,
    backwards: bool,
) -> tuple[Iterator[str], Iterator[str]]:
    """Return the ids with a value, and those without, in order or backwards, from a place on.

    Args:
        valued: Sorted lists of places, of the documents that have a value; to be merged.
        absent: Sorted lists of ids, of those that have none; to be merged.
        start: The place, not included; None for the beginning, or backwards for the end.
        descending: Whether values descend in the order of the query.
        backwards: Whether to go the opposite way.
    """
    reverse = descending != backwards
    valued_from = start if start is not None and start.key is not None else None
    absent_from = start if start is not None and start.key is None else None
    with_value: Iterator[str] = iter(())
    if backwards or absent_from is None:
        bound = (valued_from.key, valued_from.id) if valued_from else None
        with_value = map(_ID, _merged(valued, bound, reverse))
    without: Iterator[str] = iter(())
    if not backwards or valued_from is None:
        without = _merged(absent, absent_from.id if absent_from else None, reverse)
    return with_value, without


def order(
    following: Iterator[str],
    key: Any,
    start: DocumentPosition | None,
    *,
    descending: bool,
    backwards: bool,
) -> Order:
    """Return the order that `walk` goes along, for the planner.

    Args:
        following: The ids in this order, from `start` on.
        key: Returns the sort key of an id.
        start: As for `walk`.
        descending: As for `walk`.
        backwards: As for `walk`.
    """
    after = None if start is None else rank(start.key, start.id, descending=descending)
    return Order(
        following, lambda id: rank(key(id), id, descending=descending), after, descending != backwards
    )


def _merged(lists: Iterable[SortedList], bound: Any, reverse: bool) -> Iterator[Any]:
    walks: list[Iterator[Any]] = []
    for values in lists:
        if not values:
            continue
        if reverse:
            walks.append(values.irange(maximum=bound, inclusive=(True, False), reverse=True))
        else:
            walks.append(values.irange(minimum=bound, inclusive=(False, True)))
    if not walks:
        return iter(())
    return walks[0] if len(walks) == 1 else heapq.merge(*walks, reverse=reverse)
