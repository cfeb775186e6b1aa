"""How SQLite spells what PostgreSQL spells differently."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import orjson

from triptych.store.sql.mapper import Column
from triptych.store.sql.statements import Candidates, Sql

_GRAM: Final = 3
_CHOSEN: Final = 3


class SqliteDialect:
    """The dialect of SQLite. Lists are given as JSON."""

    def any_of(self, column: str, values: Collection[Any], type: str) -> Sql:
        """Return the condition that a column has one of several values, given in one placeholder."""
        return Sql(f"{column} IN (SELECT value FROM json_each(?))", (_json(list(values)),))

    def contains(self, column: str, text: str) -> Sql:
        """Return the condition that a column contains a text, by code points."""
        return Sql(f"instr({column}, ?) > 0", (text,))

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> Sql:
        """Return what stands for rows in FROM, whatever their number."""
        values = ", ".join(
            f"json_extract(value, '$[{index}]') AS {column.name}" for index, column in enumerate(columns)
        )
        return Sql(f"(SELECT {values} FROM json_each(?))", (_json([list(row) for row in rows]),))

    def project_search(self, text: str) -> Sql | None:
        """Return what selects the ids of projects of which a text may contain a text, found by an index."""
        if len(text) < _GRAM:
            return None
        return Sql(
            "SELECT t.project_id FROM project_grams g CROSS JOIN project_texts t ON t.seq = g.rowid "
            "WHERE project_grams MATCH ?",
            (_all_of(_grams(text)),),
        )

    def document_search(self, columns: Collection[str], text: str) -> Candidates | None:
        """Return the documents of which one of some folded columns may contain a text, found by an index."""
        if len(text) < _GRAM:
            return None
        match = Sql("document_grams MATCH ?", (f"{{{' '.join(columns)}}} : ({_all_of(_grams(text))})",))
        return Candidates("document_grams", "", (match,), "document_grams.rowid")

    def json_array(self, expression: str) -> str:
        """Return the aggregate that makes JSON of the values of an expression, in the order of the rows."""
        return f"json_group_array({expression})"


def _json(values: Any) -> str:
    return orjson.dumps(values).decode()


def _grams(text: str) -> Sequence[str]:
    """Return a few trigrams of a text: whatever contains it has all of them.

    What joins two words is rare, so it says most; the others are as far apart as can be. More of them would
    cost more than they keep away.
    """
    grams = [text[start : start + _GRAM] for start in range(len(text) - _GRAM + 1)]
    joints = [gram for gram in grams if not gram[1].isalnum()]
    others = [gram for gram in grams if gram[1].isalnum()]
    return list(dict.fromkeys((*_apart(joints), *_apart(others))))


def _apart(grams: Sequence[str]) -> Sequence[str]:
    return grams if len(grams) <= _CHOSEN else (grams[0], grams[len(grams) // 2], grams[-1])


def _all_of(grams: Sequence[str]) -> str:
    """Return the condition of FTS5 that all trigrams are there."""
    return " AND ".join('"{}"'.format(gram.replace('"', '""')) for gram in grams)
