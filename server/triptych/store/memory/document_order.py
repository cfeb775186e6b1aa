"""The orders of documents: along the sorted lists of the groups that may be seen, each document once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from operator import itemgetter
from typing import Any, Final, TypeAlias

from sortedcontainers import SortedList

from triptych.store.memory.plan import TURN_ROWS, Rank
from triptych.store.queries import DocumentPosition

# A sort key and an id: what a place in an order is.
Place: TypeAlias = tuple[Any, str]

# The least and the greatest value that is wanted; None for any.
Span: TypeAlias = tuple[Any, Any]

ANY: Final[Span] = (None, None)
_ID: Final = itemgetter(1)


def rank(key: Any, id: str, *, descending: bool) -> Rank:
    """Return what documents are compared by: those without a value (None) come last, either way."""
    if key is None:
        return (0,) if descending else (1,), id
    return (1 if descending else 0, key), id


def walk(
    lists: Iterable[SortedList],
    start: DocumentPosition | None,
    size: int,
    span: Span = ANY,
    *,
    reverse: bool,
) -> Iterator[str]:
    """Return the ids of places in ascending order, or in reverse.

    Args:
        lists: Sorted lists of places, none of them empty.
        start: Where to start, not included; None for the beginning, in reverse for the end.
        size: How many are likely to be wanted.
        span: Between which values; they are no places themselves.
        reverse: Whether to descend.
    """
    bound = None if start is None else (start.key, start.id)
    return map(_ID, _merged(list(lists), bound, size, span, reverse))


def walk_ids(lists: Iterable[SortedList], size: int) -> Iterator[str]:
    """Return the ids that are in any of some sorted lists of ids, none of them empty: about `size`."""
    return _merged(list(lists), None, at_once(size), ANY, reverse=False)


def at_once(size: int) -> int:
    """Return how many to read of each list at a time, to walk about so many."""
    return min(max(size, 1), TURN_ROWS)


def walk_viewed(
    valued: SortedList,
    absent: Iterable[SortedList],
    start: DocumentPosition | None,
    size: int,
    *,
    backwards: bool,
    reverse: bool,
) -> tuple[Iterator[str], Iterator[str]]:
    """Return the ids with a value, and those of a list that has all ids, in order or backwards.

    Args:
        valued: The places of those that have a value.
        absent: Sorted lists of ids, none of them empty.
        start: As for `walk`; the key of what has no value is None.
        size: As for `walk`.
        backwards: Whether the list is read from its end.
        reverse: As for `walk`.
    """
    valued_from = start if start is not None and start.key is not None else None
    absent_from = start if start is not None and start.key is None else None
    with_value: Iterator[str] = iter(())
    if backwards or absent_from is None:
        with_value = walk([valued], valued_from, size, reverse=reverse)
    without: Iterator[str] = iter(())
    if not backwards or valued_from is None:
        without = _merged(list(absent), absent_from.id if absent_from else None, size, ANY, reverse)
    return with_value, without


def _merged(lists: Sequence[SortedList], bound: Any, size: int, span: Span, reverse: bool) -> Iterator[Any]:
    if len(lists) == 1:
        return _stretch(lists[0], bound, span, reverse)
    return chain.from_iterable(_chunks(lists, bound, size, span, reverse))


def _chunks(
    lists: Sequence[SortedList], bound: Any, size: int, span: Span, reverse: bool
) -> Iterator[Iterable[Any]]:
    """Yield what stands in any of the lists, once, in order: some at a time, with few calls of Python."""
    while True:
        heads = [list(islice(_stretch(each, bound, span, reverse), size)) for each in lists]
        first = list(dict.fromkeys(sorted(chain.from_iterable(heads), reverse=reverse)))
        # Of lists that go on, nothing is known beyond what was read.
        ends = [head[-1] for head in heads if len(head) == size]
        if not ends:
            yield first
            return
        bound = max(ends) if reverse else min(ends)
        yield first[: first.index(bound) + 1]
        size = min(2 * size, TURN_ROWS)


def _stretch(values: SortedList, bound: Any, span: Span, reverse: bool) -> Iterator[Any]:
    """Return what follows a value in a sorted list, within a span."""
    least, greatest = span
    walk: Iterator[Any]
    if reverse:
        inside = bound is not None and (greatest is None or bound < greatest)
        walk = values.irange(least, bound if inside else greatest, (True, not inside), reverse=True)
    else:
        inside = bound is not None and (least is None or bound > least)
        walk = values.irange(bound if inside else least, greatest, (not inside, True))
    return walk
