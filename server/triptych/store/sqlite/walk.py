"""How a page of a list is found: walk along the order, then gather what can pass.

Where many rows pass the filters, a walk along the index fills the page soon. Where few do, what can pass the
rarest filter is gathered and sorted. Which it is cannot be told beforehand; so the walk is given a budget,
and what it found tells how much longer it would take.
"""

from __future__ import annotations

import heapq
import sqlite3
from typing import Any, Final, NamedTuple

import orjson

from triptych.store.sql.shapes import Row
from triptych.store.sql.statements import Candidates, Listing, Sql, compare, conjunction, put_together
from triptych.store.sqlite.walk_texts import Texts, aliased, hinted, shown

_BUDGET: Final = 200
"""How many rows a walk looks at before it is left to a thread."""

_HOPEFUL: Final = 2
"""How many of them must pass the filters for a longer walk to come first."""

_WIDE_BUDGET: Final = 2000
_WIDEST_BUDGET: Final = 50_000
_RATHER_FEW: Final = 6000
_FEW: Final = 30_000
_MARGIN: Final = 1.5


Keys = tuple[Any, ...]
"""The keys of a row; none for the beginning or the end of a list."""


class Page(NamedTuple):
    """What was found of a page.

    Attributes:
        rows: The first rows of the page.
        whole: Whether they are all of it.
        end: Up to where it was looked for, if they are not.
    """

    rows: list[Row]
    whole: bool
    end: Keys = ()


class Walk:
    """The search for a page.

    Args:
        connection: Where to read.
        listing: The list.
        start: The keys of the row before the page, or None.
        limit: The most rows.
        backwards: Whether to go against the order.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        listing: Listing,
        start: tuple[Any, ...] | None,
        limit: int,
        *,
        backwards: bool,
    ) -> None:
        self._connection = connection
        self._execute = connection.execute
        self._listing = listing
        self._start = () if start is None else start
        self._limit = limit
        self._backwards = backwards
        self._descends = listing.operator(backwards=backwards) == "<"
        self._hopeful = False

    def soon(self) -> Page:
        """Look for the page for a short time."""
        listing = self._listing
        if not listing.ranges:
            return Page([], whole=True)
        if not listing.filters:
            return Page(self._all_first(), whole=True)
        if any(way.few for way in listing.candidates):
            return Page([], whole=False)
        page = self._following(self._start, _BUDGET)
        self._hopeful = len(page.rows) >= _HOPEFUL
        return page

    def anyhow(self) -> list[Row]:
        """Return the page, found in whichever way is likely to be cheap."""
        if not self._connection.in_transaction:
            self._execute("BEGIN")  # for the page to be of one snapshot
        for way in self._listing.candidates:
            if way.few:
                return self._gathered(self._found(way, _FEW))
        fewest = None if self._hopeful else self._fewest(_RATHER_FEW)
        if fewest is not None:
            return self._gathered(fewest)
        rows, whole, end = self._following(self._start, _WIDE_BUDGET)
        if whole:
            return rows
        # So many more rows would have to be looked at, if what passes is spread evenly.
        needed = int(_WIDE_BUDGET * _MARGIN * (self._limit - len(rows)) / (len(rows) or 0.5))
        fewest = self._fewest(min(needed, _FEW))
        if fewest is not None:
            return self._gathered(fewest)
        if rows and needed <= _WIDEST_BUDGET:
            more, whole, end = self._following(end, needed, len(rows))
            rows += more
            if whole:
                return rows
        if not rows and self._listing.gathers and not self._listing.candidates:
            return self._gathered(None)
        return rows + self._along(end, (), self._limit - len(rows))

    def _all_first(self) -> list[Row]:
        """Return the first rows, where there are no filters."""
        texts, limit = self._texts(self._start), self._limit
        if len(texts.ranges) == 1:
            text, values = texts.ranges[0].passing(self._start, ())
            return self._execute(f"{text} LIMIT ?", (*values, limit)).fetchall()
        return self._execute(*texts.united(self._start, limit)).fetchall()

    def _following(self, start: Keys, budget: int, found: int = 0) -> Page:
        """Look for what passes the filters from a place up to where some range has had so many rows."""
        lasts = [
            self._execute(*each.last_of_first(start, budget)).fetchone() for each in self._texts(start).ranges
        ]
        ends = [last for last in lasts if last is not None]
        end = (max(ends) if self._descends else min(ends)) if ends else ()
        limit = self._limit - found
        rows = self._along(start, end, limit)
        return Page(rows, len(rows) == limit or not end, end)

    def _along(self, start: Keys, end: Keys, limit: int) -> list[Row]:
        """Return the first rows that pass the filters between two places, or to the end of the list.

        SQLite passes over rows without Python, so that its thread holds up nobody.
        """
        cursors = [self._execute(*each.passing(start, end)) for each in self._texts(start).ranges]
        keys = slice(-len(self._listing.keys), None)
        rows: list[Row] = []
        last = None
        try:
            for row in heapq.merge(*cursors, key=lambda each: each[keys], reverse=self._descends):
                if row[keys] != last:  # a row may be in several ranges
                    last = row[keys]
                    rows.append(row)
                    if len(rows) == limit:
                        break
        finally:
            for cursor in cursors:
                cursor.close()
        return rows

    def _texts(self, start: Keys) -> Texts:
        form = (bool(start), self._backwards)
        known: Texts | None = self._listing.texts.get(form)
        if known is None:
            known = Texts(self._listing, started=bool(start), backwards=self._backwards)
            self._listing.texts[form] = known
        return known

    def _fewest(self, less_than: int) -> list[int] | None:
        """Return the rows of the way that has the fewest candidates; None if no way has few enough."""
        fewest: list[int] | None = None
        for way in self._listing.candidates:
            found = self._found(way, less_than)
            if len(found) < less_than:
                fewest, less_than = found, len(found)
        return fewest

    def _found(self, way: Candidates, limit: int) -> list[int]:
        finding = put_together(
            f"SELECT {way.row} FROM {hinted(way.source, way.index)} WHERE",
            conjunction(way.where),
            Sql("LIMIT ?", (limit,)),
        )
        return [row for (row,) in self._execute(*finding)]

    def _gathered(self, rows: list[int] | None) -> list[Row]:
        """Return the page, made of what passes the filters among some rows of the table; None is all."""
        listing, backwards = self._listing, self._backwards
        conditions = [*listing.filters, listing.visible]
        if self._start:
            conditions.append(compare(listing.keys, listing.operator(backwards=backwards), self._start))
        if rows is not None:
            among = f"{listing.row} IN (SELECT value FROM json_each(?))"
            conditions.insert(0, Sql(among, (orjson.dumps(rows).decode(),)))
        found = put_together(
            f"SELECT {aliased(listing.keys)}, {listing.row} AS page_row",
            f"FROM {listing.table} NOT INDEXED WHERE",  # but by its row; all of them in the order of the file
            conjunction(conditions),
            f"ORDER BY {listing.order(listing.keys, backwards=backwards)}",
            Sql("LIMIT ?", (self._limit,)),
        )
        return self._execute(*shown(listing, found)).fetchall()
