"""The statements of a walk, of which all is made beforehand but the start and the bounds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from triptych.store.sql.statements import Listing, Range, Sql, compare, conjunction, put_together

Values = tuple[Any, ...]


class RangeTexts:
    """The statements over one range."""

    def __init__(self, listing: Listing, part: Range, *, started: bool, backwards: bool) -> None:
        self._part = part
        self._operator = listing.operator(backwards=backwards)
        self._started = started
        joined = f" CROSS JOIN {part.joined}" if part.joined else ""
        self._listing = listing
        self._keys = part.keys
        self._from = f"FROM {hinted(part.source, part.index)}{joined}"
        self._where = self._within(ended=False)
        self._order = f"ORDER BY {listing.order(part.keys, backwards=backwards)}"

    @cached_property
    def first(self) -> Sql:
        """What selects the first rows, less the values of the start and their number."""
        selected = f"SELECT {aliased(self._keys)}, {self._listing.row} AS page_row {self._from}"
        return put_together(selected, "WHERE", self._where, self._order, "LIMIT ?")

    def passing(self, start: Values, end: Values) -> Sql:
        """Return what selects the rows that pass the filters, up to a place or to the end."""
        if not end:
            return Sql(self._passing.text, self._passing.values + start)
        return Sql(self._passing_until.text, self._passing_until.values + start + end)

    def last_of_first(self, start: Values, count: int) -> Sql:
        """Return what selects the keys of the last of so many rows; none if there are fewer."""
        return Sql(self._last.text, (*self._last.values, *start, count - 1))

    @cached_property
    def _passing(self) -> Sql:
        return self._selected(self._within(ended=False))

    @cached_property
    def _passing_until(self) -> Sql:
        return self._selected(self._within(ended=True))

    def _within(self, *, ended: bool) -> Sql:
        """Return what is true of the rows behind the start, if there is one, and up to an end.

        The values of the start and the end come last. Where either is given, the index takes the place of it,
        not that of the whole range: SQLite would choose without knowing which is the nearer.
        """
        part, conditions = self._part, [*self._part.where]
        if part.joined:
            conditions.append(Sql(part.joined_by))
        for bound in part.bounds:
            given = self._started if bound.operator.startswith(self._operator) else ended
            conditions.append(bound.condition(by_index=not given))
        if self._started:
            conditions.append(Sql(compare(part.keys, self._operator, part.keys).text))
        if ended:
            operator = "<=" if self._operator == ">" else ">="
            conditions.append(Sql(compare(part.keys, operator, part.keys).text))
        return conjunction(conditions)

    @cached_property
    def _last(self) -> Sql:
        selected = f"SELECT {', '.join(self._keys)} {self._from} WHERE"
        return put_together(selected, self._where, self._order, "LIMIT 1 OFFSET ?")

    def _selected(self, within: Sql) -> Sql:
        listing = self._listing
        return put_together(
            "SELECT",
            listing.columns,
            f", {', '.join(self._keys)} {self._from}",
            listing.shown_with,
            "WHERE",
            conjunction([*listing.filters, within]),
            self._order,
        )


class Texts:
    """The statements of a list.

    Attributes:
        ranges: Those over one range each.
    """

    def __init__(self, listing: Listing, *, started: bool, backwards: bool) -> None:
        self.ranges = [
            RangeTexts(listing, each, started=started, backwards=backwards) for each in listing.ranges
        ]
        self._listing = listing
        self._backwards = backwards

    def united(self, start: Values, limit: int) -> Sql:
        """Return what selects the first rows of all ranges, where there are no filters."""
        text, before, behind = self._united
        values = list(before)
        for each in self.ranges:
            values += each.first.values
            values += start
            values.append(limit)
        return Sql(text, (*values, limit, *behind))

    @cached_property
    def _united(self) -> tuple[str, Values, Values]:
        listing = self._listing
        order = listing.order(_aliases(len(listing.keys)), backwards=self._backwards)
        parts = " UNION ".join(f"SELECT * FROM ({each.first.text})" for each in self.ranges)
        return shown_around(listing, Sql(f"{parts} ORDER BY {order} LIMIT ?"))


def shown(listing: Listing, page: Sql) -> Sql:
    """Return what selects all that is shown of the rows of a page, in its order."""
    text, before, behind = shown_around(listing, page)
    return Sql(text, (*before, *page.values, *behind))


def shown_around(listing: Listing, page: Sql) -> tuple[str, Values, Values]:
    """Return what selects what is shown of those rows of a page that pass the filters, in its order.

    The text, the values that come before those of the page, and those that come after.
    """
    # Rows are looked up along those of the page, which have a limit: so SQLite keeps their order.
    behind = put_together(
        f") AS page CROSS JOIN {listing.table}",
        listing.shown_with,
        f"WHERE {listing.row} = page.page_row AND",
        conjunction(listing.filters),
    )
    aliases = ", ".join(_aliases(len(listing.keys)))
    text = f"SELECT {listing.columns.text}, {aliases} FROM ({page.text} {behind.text}"
    return text, listing.columns.values, behind.values


def aliased(keys: Sequence[str]) -> str:
    """Return keys as a list, by the names that they have of any range."""
    return ", ".join(f"{key} AS {alias}" for key, alias in zip(keys, _aliases(len(keys)), strict=True))


def hinted(source: str, index: str) -> str:
    """Return a table of which an index must be used, if there is one to use."""
    return f"{source} INDEXED BY {index}" if index else source


def _aliases(count: int) -> list[str]:
    return [f"page_key_{number}" for number in range(count)]
