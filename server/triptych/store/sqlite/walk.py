"""How a page of a list is found: walk along the order, then gather what can pass.

Where many rows pass the filters, a walk along the index fills the page soon. Where few do, what can pass the
rarest filter is gathered and sorted. Which it is cannot be told beforehand; so the walk is given a budget.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from itertools import islice
from typing import Any, Final, NamedTuple

from triptych.store.sql.shapes import Row
from triptych.store.sql.statements import Candidates, Listing, Range, Sql, compare, conjunction, put_together

BUDGET: Final = 200
"""How many rows a walk looks at before it is left to a thread."""

_WIDE_BUDGET: Final = 2000
_FEW: Final = 30_000
_HOPEFUL: Final = 3


class _Form(Enum):
    """What a walk has of the rows of a range.

    DIRECT: The records, as there are no filters, and no other range that has some of them, too.
    JUDGED: Their keys, and whether they pass the filters, so that those that do not can be counted.
    FILTERED: The records of those that pass, for a walk to the end: SQLite looks at the others without
        Python, so that its thread holds up nobody.
    """

    DIRECT = "direct"
    JUDGED = "judged"
    FILTERED = "filtered"


class Walk(NamedTuple):
    """What a walk found.

    Attributes:
        rows: The rows of the page, as far as they were found.
        ended: Whether the page is full, or the list at its end.
    """

    rows: list[Row]
    ended: bool


def walk(
    connection: sqlite3.Connection,
    listing: Listing,
    start: tuple[Any, ...] | None,
    limit: int,
    budget: int | None,
    *,
    backwards: bool,
) -> Walk:
    """Go along a list until the page is full, the list at its end, or the budget spent.

    Args:
        connection: Where to read.
        listing: The list.
        start: The keys of the row before the page, or None.
        limit: The most rows.
        budget: How many rows to look at; None for as many as there are.
        backwards: Whether to go against the order.
    """
    form = _form_of(listing, budget)
    following_start = () if start is None else start
    cursors = [
        connection.execute(text, values + following_start)
        for text, values in _statements(listing, form, started=start is not None, backwards=backwards)
    ]
    try:
        first_key = 0 if form is _Form.JUDGED else -len(listing.keys)
        following = _merged(cursors, first_key, listing, backwards=backwards)
        if form is not _Form.JUDGED:
            rows = list(islice(following, limit))
            return Walk(rows, ended=True)
        return _passing(connection, listing, following, limit, budget)
    finally:
        for cursor in cursors:
            cursor.close()


def _form_of(listing: Listing, budget: int | None) -> _Form:
    if not listing.filters and len(listing.ranges) == 1:
        return _Form.DIRECT
    return _Form.FILTERED if budget is None else _Form.JUDGED


def gather(
    connection: sqlite3.Connection,
    listing: Listing,
    start: tuple[Any, ...] | None,
    limit: int,
    *,
    backwards: bool,
) -> list[Row]:
    """Find a page whichever way is likely to be cheap, where a short walk did not find it."""
    found = walk(connection, listing, start, limit, _WIDE_BUDGET, backwards=backwards)
    if found.ended:
        return found.rows
    if len(found.rows) >= _HOPEFUL:
        wider = _WIDE_BUDGET * limit * _HOPEFUL // len(found.rows)
        found = walk(connection, listing, start, limit, wider, backwards=backwards)
        if found.ended:
            return found.rows
    few = _fewest(connection, listing.candidates)
    if few is None and listing.gathers and not found.rows:
        few = Candidates(f"{listing.table} NOT INDEXED", "", ())  # in the order of the file
    if few is None:
        return walk(connection, listing, start, limit, None, backwards=backwards).rows
    conditions = [*few.where, *listing.filters, listing.visible]
    if start is not None:
        conditions.append(compare(listing.keys, listing.operator(backwards=backwards), start))
    statement = put_together(
        "SELECT",
        listing.columns,
        f", {', '.join(listing.keys)} FROM {_hinted(few.source, few.index)} WHERE",
        conjunction(conditions),
        f"ORDER BY {listing.order(listing.keys, backwards=backwards)}",
        Sql("LIMIT ?", (limit,)),
    )
    return connection.execute(*statement).fetchall()


def _fewest(connection: sqlite3.Connection, ways: Iterable[Candidates]) -> Candidates | None:
    """Return the way that has the fewest candidates; None if all have many."""
    best, fewest = None, _FEW
    for way in ways:
        counting = put_together(
            f"SELECT count(*) FROM (SELECT 1 FROM {_hinted(way.source, way.index)} WHERE",
            conjunction(way.where),
            Sql("LIMIT ?)", (fewest,)),
        )
        [count] = connection.execute(*counting).fetchone()
        if count < fewest:
            best, fewest = way, count
    return best


def _passing(
    connection: sqlite3.Connection,
    listing: Listing,
    following: Iterator[Row],
    limit: int,
    budget: int | None,
) -> Walk:
    """Return the first rows that pass the filters, whose keys are followed by whether they do."""
    hits: list[Row] = []
    ended = True
    for looked, row in enumerate(following, 1):
        if row[-1]:
            hits.append(row[:-1])
            if len(hits) == limit:
                break
        if looked == budget:
            ended = False
            break
    if not hits:
        return Walk([], ended)
    marks = ", ".join("?" * len(hits))
    statement = put_together(
        f"SELECT {listing.id},",
        listing.columns,
        f"FROM {listing.table} WHERE {listing.id} IN",
        Sql(f"({marks})", tuple(hit[-1] for hit in hits)),
    )
    records = {row[0]: row[1:] for row in connection.execute(*statement)}
    return Walk([records[hit[-1]] + hit for hit in hits], ended)


def _merged(
    cursors: list[sqlite3.Cursor], first_key: int, listing: Listing, *, backwards: bool
) -> Iterator[Row]:
    """Yield the rows of all ranges in order, each once."""
    if len(cursors) == 1:
        yield from cursors[0]
        return
    width = len(listing.keys)
    keys = slice(first_key, None) if first_key else slice(0, width)
    last = None
    reverse = listing.operator(backwards=backwards) == "<"
    for row in heapq.merge(*cursors, key=lambda each: each[keys], reverse=reverse):
        if row[keys] != last:
            last = row[keys]
            yield row


def _statements(listing: Listing, form: _Form, *, started: bool, backwards: bool) -> Sequence[Sql]:
    """Return the statements of the ranges, whose last values are those of the start, if there is one."""
    known: Sequence[Sql] | None = listing.texts.get((form, started, backwards))
    if known is None:
        known = [_range(listing, each, form, started=started, backwards=backwards) for each in listing.ranges]
        listing.texts[form, started, backwards] = known
    return known


def _range(listing: Listing, part: Range, form: _Form, *, started: bool, backwards: bool) -> Sql:
    conditions = list(part.where)
    if form is _Form.FILTERED:
        conditions += listing.filters
    if started:
        following = compare(part.keys, listing.operator(backwards=backwards), part.keys)
        conditions.append(Sql(following.text))
    keys = ", ".join(part.keys)
    if form is _Form.JUDGED:
        selected = put_together(f"SELECT {keys}, (", conjunction(listing.filters), ")")
    else:
        selected = put_together("SELECT", listing.columns, f", {keys}")
    joined = part.joined.replace("JOIN", "CROSS JOIN").replace(" ON ", " WHERE ")
    source = f"{_hinted(part.source, part.index)} {joined}"
    return put_together(
        selected,
        f"FROM {source} {'AND' if joined else 'WHERE'}",
        conjunction(conditions),
        f"ORDER BY {listing.order(part.keys, backwards=backwards)}",
    )


def _hinted(source: str, index: str) -> str:
    return f"{source} INDEXED BY {index}" if index else source
