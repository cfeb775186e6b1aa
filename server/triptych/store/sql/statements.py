"""Statements of SQL, put together of parts: each a text with `?` for its values, and the values.

The two dialects differ in what `Dialect` has; all else is what both understand.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from triptych.store.sql.mapper import Column


class Sql(NamedTuple):
    """A part of a statement, or a whole one."""

    text: str
    values: tuple[Any, ...] = ()


class Dialect(Hashable, Protocol):
    """How one engine spells what the other spells differently."""

    def any_of(self, column: str, values: Collection[Any], type: str) -> Sql:
        """Return the condition that a column has one of several values, given in one placeholder."""
        ...

    def contains(self, column: str, text: str) -> Sql:
        """Return the condition that a column contains a text, by code points."""
        ...

    def project_search(self, text: str) -> Sql | None:
        """Return what selects the ids of projects of which one of the texts contains a text, by an index.

        They may be more than those; None if an index would not help.
        """
        ...

    def document_search(self, columns: Collection[str], text: str) -> Candidates | None:
        """Return the documents `d` of which one of some folded columns contains a text, found by an index.

        They may be more than those; None if an index would not help.
        """
        ...

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> Sql:
        """Return what stands for rows in FROM, whatever their number; the caller names it."""
        ...

    def json_array(self, expression: str) -> str:
        """Return the aggregate that makes JSON of the values of an expression, in the order of the rows."""
        ...


TRUE = Sql("1 = 1")
FALSE = Sql("1 = 0")


def equal(column: str, value: Any) -> Sql:
    """Return the condition that a column has a value."""
    return Sql(f"{column} = ?", (value,))


def contains(dialect: Dialect, columns: Iterable[str], text: str) -> Sql:
    """Return the condition that any of some columns contains a text; no text that is kept contains NUL."""
    if "\0" in text:
        return FALSE
    return alternative(dialect.contains(column, text) for column in columns)


def one_of(dialect: Dialect, column: str, values: Iterable[Any], type: str = "text") -> Sql:
    """Return the condition that a column has one of the values."""
    distinct = set(values)
    if len(distinct) == 1:
        return equal(column, *distinct)
    return dialect.any_of(column, distinct, type)


def compare(columns: Sequence[str], operator: str, values: Sequence[Any]) -> Sql:
    """Return the condition that columns, together, compare with values."""
    if len(columns) == 1:
        return Sql(f"{columns[0]} {operator} ?", tuple(values))
    marks = ", ".join("?" * len(columns))
    return Sql(f"({', '.join(columns)}) {operator} ({marks})", tuple(values))


def conjunction(conditions: Iterable[Sql]) -> Sql:
    """Return the condition that all hold; none hold always."""
    found = list(conditions)
    return _joined(" AND ", found) if found else TRUE


def alternative(conditions: Iterable[Sql]) -> Sql:
    """Return the condition that any holds; there must be some."""
    found = list(conditions)
    if len(found) == 1:
        return found[0]
    joined = _joined(" OR ", found)
    return Sql(f"({joined.text})", joined.values)


def put_together(*parts: Sql | str) -> Sql:
    """Return parts one after the other; a plain text has no values."""
    texts: list[str] = []
    values: list[Any] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        else:
            texts.append(part.text)
            values += part.values
    return Sql(" ".join(texts), tuple(values))


def names(columns: Iterable[Column], alias: str = "") -> str:
    """Return the names of columns, of a table by its alias, as a list."""
    prefix = f"{alias}." if alias else ""
    return ", ".join(f"{prefix}{column.name}" for column in columns)


def _joined(between: str, parts: Sequence[Sql]) -> Sql:
    return Sql(between.join(part.text for part in parts), tuple(v for part in parts for v in part.values))


class Bound(NamedTuple):
    """Where a range begins or ends beside what it has in common.

    Attributes:
        keys: The first of its keys.
        operator: How they compare with the values: ">=" or "<=".
        values: Those values.
    """

    keys: tuple[str, ...]
    operator: str
    values: tuple[Any, ...]

    def condition(self, *, by_index: bool = True) -> Sql:
        """Return it as a condition; one that no index is used for tells nothing of where to begin or end."""
        plus = "" if by_index else "+"
        return compare([f"{plus}{key}" for key in self.keys], self.operator, self.values)


@dataclass(frozen=True, slots=True)
class Range:
    """Rows of an index that are in the order of a list.

    Attributes:
        source: What follows FROM, as "documents d".
        index: The index, by name.
        where: What makes the range.
        keys: The columns that it is in the order of; the last one is the id of what is listed.
        joined: What else follows FROM, to reach the record, as "documents d"; empty if that is the source.
        joined_by: The condition that it is joined by.
        bounds: Where it begins or ends, by its keys.
    """

    source: str
    index: str
    where: tuple[Sql, ...]
    keys: tuple[str, ...]
    joined: str = ""
    joined_by: str = ""
    bounds: tuple[Bound, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidates:
    """A way to find all rows that can pass a filter, which is worth it if they are few.

    Attributes:
        source: What follows FROM, as "documents d".
        index: The index; empty if the condition finds the rows by itself.
        where: What they are found by.
        row: The column that tells where the record is in its table.
        few: Whether there are never many.
    """

    source: str
    index: str
    where: tuple[Sql, ...]
    row: str
    few: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A list, in one order: the union of ranges, less what filters do not keep.

    Attributes:
        columns: What is selected of each row, as a list: the columns of a record, and what is shown with it.
        table: The table of the records, with its alias, as "documents d".
        id: The column of the id, as "d.id".
        row: The column that tells where a record is in the table, where the engine has one: "d.rowid".
        shown_with: What follows the table in FROM to select all columns; empty if nothing else is needed.
        ranges: What is listed, but for filters; a row may be in several.
        visible: What is true of the rows of any range: the same, as a condition.
        filters: What else must be true.
        keys: The columns of the order, of the table; the last one is the id. They are selected as well.
        candidates: Ways to find the rows that pass some filter.
        gathers: Whether rows can be gathered: the keys are columns of the table.
        descending: Whether the order descends, in all keys.
        texts: Statements for it, which whoever makes them keeps here.
    """

    columns: Sql
    table: str
    id: str
    row: str
    shown_with: Sql
    ranges: tuple[Range, ...]
    visible: Sql
    filters: tuple[Sql, ...]
    keys: tuple[str, ...]
    candidates: tuple[Candidates, ...] = ()
    gathers: bool = True
    descending: bool = False
    texts: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def operator(self, *, backwards: bool) -> str:
        """Return how keys compare with those of a row before them."""
        return "<" if self.descending != backwards else ">"

    def order(self, keys: Iterable[str], *, backwards: bool) -> str:
        """Return what follows ORDER BY."""
        direction = " DESC" if self.descending != backwards else ""
        return ", ".join(f"{key}{direction}" for key in keys)
