"""How a page of a list is found: walk along the order, then gather what can pass."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from triptych.store.sql.statements import TRUE, Listing, Range, Sql, compare, conjunction, put_together

BUDGET: Final = 1000
"""How many rows a walk looks at at first."""

NARROW_BUDGET: Final = 250
"""The same where what can pass could be gathered instead: it tells soon whether much passes."""

WIDEST_BUDGET: Final = 50_000
"""The most rows that it looks at."""

WIDE_BUDGET: Final = 5000
"""The most where what can pass could be gathered instead."""

MARGIN: Final = 1.5
"""How much more than is needed, if what passes is spread evenly."""


class _Slot(NamedTuple):
    """The place of a value that is given each time: one of the start, or of what follows it."""

    place: int


_BUDGET_SLOT: Final = _Slot(-2)
_LIMIT_SLOT: Final = _Slot(-1)


def walk(
    listing: Listing, start: tuple[Any, ...] | None, limit: int, budget: int | None, *, backwards: bool
) -> Sql:
    """Return the statement that goes along a list until the page is full.

    Args:
        listing: The list.
        start: The keys of the row before the page, or None.
        limit: The most rows.
        budget: How many rows of the ranges to look at; None for as many as there are.
        backwards: Whether to go against the order.
    """
    form = (start is None, budget is None, backwards)
    known: Sql | None = listing.texts.get(form)
    if known is None:
        known = listing.texts[form] = _walk(listing, *form)
    given = (*(start or ()), limit if budget is None else budget, limit)
    values = tuple(given[value.place] if type(value) is _Slot else value for value in known.values)
    return Sql(known.text, values)


def _walk(listing: Listing, from_the_beginning: bool, unlimited: bool, backwards: bool) -> Sql:
    start = None if from_the_beginning else tuple(map(_Slot, range(len(listing.keys))))
    if not listing.ranges:
        source = f"FROM {listing.table}"
        return put_together("SELECT", listing.columns, source, listing.shown_with, "WHERE false")
    if len(listing.ranges) == 1 and (unlimited or not listing.filters):
        return _along_one(listing, listing.ranges[0], start, backwards=backwards)
    aliases = [f"key_{number}" for number in range(len(listing.keys))]
    order = listing.order(aliases, backwards=backwards)
    # Without filters, as many are needed as the page has.
    bound = Sql("") if unlimited and listing.filters else Sql("LIMIT ?", (_BUDGET_SLOT,))
    parts: list[Sql | str] = []
    for each in listing.ranges:
        keys = ", ".join(f"{key} AS {alias}" for key, alias in zip(each.keys, aliases, strict=True))
        parts += [
            "UNION ALL" if parts else "",
            put_together(
                f"(SELECT {keys} FROM {each.source} WHERE",
                _within(listing, each, start, backwards=backwards),
                f"ORDER BY {order}",
                bound,
                ")",
            ),
        ]
    return put_together(
        "SELECT",
        listing.columns,
        f", {', '.join(f'w.{alias}' for alias in aliases)}",
        f"FROM (SELECT DISTINCT {', '.join(aliases)} FROM (",
        *parts,
        f") AS ranges ORDER BY {order}",
        bound,
        f") AS w JOIN {listing.table} ON {listing.id} = w.{aliases[-1]}",
        listing.shown_with,
        "WHERE",
        conjunction(listing.filters),
        f"ORDER BY {listing.order([f'w.{alias}' for alias in aliases], backwards=backwards)}",
        Sql("LIMIT ?", (_LIMIT_SLOT,)),
    )


def ends_within(listing: Listing, start: tuple[Any, ...] | None, budget: int, *, backwards: bool) -> Sql:
    """Return the statement that tells whether all ranges have fewer rows than that, passing or not."""
    counts: list[Sql | str] = []
    for each in listing.ranges:
        counts += [
            "+" if counts else "",
            f"(SELECT count(*) FROM (SELECT 1 FROM {each.source} WHERE",
            _within(listing, each, start, backwards=backwards),
            Sql("LIMIT ?) AS first)", (budget,)),
        ]
    return put_together("SELECT", *counts, Sql("< ?", (budget,)))


def gather(listing: Listing, start: tuple[Any, ...] | None, limit: int, *, backwards: bool) -> Sql:
    """Return the statement that finds all that passes the filters, and sorts it."""
    aliases = [f"key_{number}" for number in range(len(listing.keys))]
    keys = ", ".join(f"{key} AS {alias}" for key, alias in zip(listing.keys, aliases, strict=True))
    order = listing.order([f"c.{alias}" for alias in aliases], backwards=backwards)
    # Not among the conditions: it would be taken for one that few rows pass, in the order of the list.
    following = TRUE if start is None else compare(aliases, listing.operator(backwards=backwards), start)
    found_by = [each for way in listing.candidates for each in way.where if each not in listing.filters]
    return put_together(
        f"WITH c AS MATERIALIZED (SELECT {keys} FROM {listing.table} WHERE",
        conjunction([*found_by, *listing.filters, listing.visible]),
        ") SELECT",
        listing.columns,
        f", {', '.join(f'c.{alias}' for alias in aliases)} FROM (SELECT * FROM c WHERE",
        following,
        f"ORDER BY {order}",
        Sql("LIMIT ?", (limit,)),
        f") AS c JOIN {listing.table} ON {listing.id} = c.{aliases[-1]}",
        listing.shown_with,
        f"ORDER BY {order}",
    )


def _along_one(listing: Listing, part: Range, start: tuple[Any, ...] | None, *, backwards: bool) -> Sql:
    joined = f" JOIN {part.joined} ON {part.joined_by}" if part.joined else ""
    return put_together(
        "SELECT",
        listing.columns,
        f", {', '.join(part.keys)} FROM {part.source}{joined}",
        listing.shown_with,
        "WHERE",
        conjunction([_within(listing, part, start, backwards=backwards), *listing.filters]),
        f"ORDER BY {listing.order(part.keys, backwards=backwards)}",
        Sql("LIMIT ?", (_LIMIT_SLOT,)),
    )


def _within(listing: Listing, part: Range, start: tuple[Any, ...] | None, *, backwards: bool) -> Sql:
    conditions = [*part.where, *(bound.condition() for bound in part.bounds)]
    if start is not None:
        conditions.append(compare(part.keys, listing.operator(backwards=backwards), start))
    return conjunction(conditions)
