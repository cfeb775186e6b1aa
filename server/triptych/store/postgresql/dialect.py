"""How PostgreSQL spells what SQLite spells differently."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, Final

from triptych.store.sql.mapper import Column
from triptych.store.sql.statements import Candidates, Sql, alternative, conjunction, put_together

TYPES: Final = {"text": "text", "integer": "bigint", "boolean": "boolean", "bytes": "bytea"}
"""What the types of columns are called."""

_GRAM: Final = 3
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})
_WORDS: Final = re.compile(rf"[^\W_]{{{_GRAM},}}")


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
    """Return the condition that a column has a few trigrams of the words of a text: pg_trgm knows no others.

    It would look up all of them, which takes longer than to look at what a few let pass. Words that are
    shorter are left to it.
    """
    words = _WORDS.findall(text)
    parts = [text.translate(_ESCAPES)]
    if words:
        parts = [words[0][:_GRAM], words[len(words) // 2][:_GRAM], words[-1][-_GRAM:]]
    return conjunction([Sql(f"{column} LIKE ?", (f"%{part}%",)) for part in dict.fromkeys(parts)])


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
