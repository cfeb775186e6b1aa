"""How SQLite spells what PostgreSQL spells differently."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import orjson

from triptych.store.sql.mapper import Column
from triptych.store.sql.statements import Candidates, Sql

_GRAM: Final = 3


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
        """Return the condition that one of the texts of a project `p` contains a text, by an index."""
        if len(text) < _GRAM:
            return None
        return Sql(
            """p.id IN (
                SELECT t.project_id FROM project_grams g CROSS JOIN project_texts t ON t.seq = g.rowid
                WHERE project_grams MATCH ?
            )""",
            (_phrase(text),),
        )

    def document_search(self, columns: Collection[str], text: str) -> Candidates | None:
        """Return the documents `d` of which one of some folded columns contains a text, found by an index."""
        if len(text) < _GRAM:
            return None
        match = f"{{{' '.join(columns)}}} : {_phrase(text)}"
        return Candidates(
            "document_grams CROSS JOIN documents d ON d.seq = document_grams.rowid",
            "",
            (Sql("document_grams MATCH ?", (match,)),),
        )

    def json_array(self, expression: str) -> str:
        """Return the aggregate that makes JSON of the values of an expression, in the order of the rows."""
        return f"json_group_array({expression})"


def _json(values: Any) -> str:
    return orjson.dumps(values).decode()


def _phrase(text: str) -> str:
    quoted = text.replace('"', '""')
    return f'"{quoted}"'
