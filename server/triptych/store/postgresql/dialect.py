"""How PostgreSQL spells what SQLite spells differently."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from itertools import groupby
from typing import Any, Final

from triptych.store.sql.mapper import Column
from triptych.store.sql.statements import Candidates, Sql, alternative, put_together

TYPES: Final = {"text": "text", "integer": "bigint", "boolean": "boolean", "bytes": "bytea"}
"""What the types of columns are called."""

_GRAM: Final = 3
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})
_JOINT: Final = "0"
"""What stands for a space in the indexes of searches: pg_trgm knows runs of letters and digits only."""


class PostgresqlDialect:
    """The dialect of PostgreSQL. Lists are given as arrays. The planner finds indexes of filters."""

    def any_of(self, column: str, values: Collection[Any], type: str) -> Sql:
        """Return the condition that a column has one of several values, given in one placeholder."""
        return Sql(f"{column} = ANY(?::{TYPES[type]}[])", (list(values),))

    def contains(self, column: str, text: str) -> Sql:
        """Return the condition that a column contains a text, by code points; no index is used for it."""
        return Sql(f"strpos({column}, ?) > 0", (text,))

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> Sql:
        """Return what stands for rows in FROM, whatever their number."""
        arrays = ", ".join(f"?::{TYPES[column.type]}[]" for column in columns)
        names = ", ".join(column.name for column in columns)
        return Sql(f"(SELECT * FROM unnest({arrays}) AS given ({names}))", columns_of(columns, rows))

    def project_search(self, text: str) -> Sql | None:
        """Return what selects the ids of projects of which a text may contain a text, found by an index."""
        if len(text) < _GRAM:
            return None
        return put_together("SELECT t.project_id FROM project_texts t WHERE", _may_contain("t.text", text))

    def document_search(self, columns: Collection[str], text: str) -> Candidates | None:
        """Return the documents of which one of some folded columns may contain a text, found by an index."""
        if len(text) < _GRAM:
            return None
        may_contain = alternative(_may_contain(f"d.{column}", text) for column in columns)
        return Candidates("documents d", "", (may_contain,), "d.id")

    def json_array(self, expression: str) -> str:
        """Return the aggregate that makes JSON of the values of an expression, in the order of the rows."""
        return f"json_agg({expression})::text"


def _may_contain(column: str, text: str) -> Sql:
    """Return the condition that a column has a few trigrams of a text, in their order."""
    return Sql(f"replace({column}, ' ', '{_JOINT}') LIKE ?", (f"%{_pattern(text)}%",))


def _pattern(text: str) -> str:
    """Return a pattern of a few trigrams of a text: those that join words, as they are rare, and one more.

    All of them would be looked up, which takes longer than to look at what a few let pass. Where there are
    none that pg_trgm knows, as of signs, all is left to it.
    """
    joined = text.replace(" ", _JOINT)
    known = [start for start in range(len(text) - _GRAM + 1) if joined[start : start + _GRAM].isalnum()]
    joints = [start for start in known if text[start + 1] == " "]
    inside = [start for start in known if " " not in text[start : start + _GRAM]]
    if joints:
        near = {start + step for start in (joints[0], joints[-1]) for step in (-1, 0, 1)}
        chosen = near.intersection(known) | {*inside[:1]}
    elif inside:
        chosen = {inside[0], inside[len(inside) // 2], inside[-1]}
    else:
        return joined.translate(_ESCAPES)
    kept = {place for start in chosen for place in range(start, start + _GRAM)}
    pieces = groupby(range(len(text)), kept.__contains__)
    return "%".join("".join(joined[place] for place in places) for is_kept, places in pieces if is_kept)


def columns_of(columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> tuple[list[Any], ...]:
    """Return rows as the lists of the values of each column."""
    if not rows:
        return tuple([] for _ in columns)
    return tuple(map(list, zip(*rows, strict=True)))


@cache
def numbered(text: str) -> str:
    """Return the text of a statement with its placeholders numbered."""
    first, *others = text.split("?")
    return first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))
