"""Statements that write records of several tables with their children: one for any number of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import count
from typing import Any

from triptych.store.postgresql.dialect import TYPES, columns_of
from triptych.store.sql.mapper import Column
from triptych.store.sql.shapes import Child, Shape
from triptych.store.sql.statements import names


def values(records: Sequence[tuple[Shape[Any], Sequence[Any]]]) -> list[Any]:
    """Return the values of the statement that writes records: a list for each column of each table."""
    found: list[Any] = []
    for shape, given in records:
        found += columns_of(shape.columns, [shape.row(record) for record in given])
        for child in shape.children:
            found += columns_of(child.columns, [row for record in given for row in child.rows(record)])
    return found


@cache
def insertion(shapes: tuple[Shape[Any], ...], *, replace: bool) -> str:
    """Return the statement that writes records of several tables, all or none.

    Its row tells the transaction's id, and, if nothing was written for that: a table, the unique field, and
    the id of a record whose value is there already.
    """
    numbers = count(1)
    taken: list[str] = []
    steps: list[str] = []
    for shape in shapes:
        given = _given(shape.columns, numbers)
        taken += _taken(shape, given, replace=replace)
        steps.append(_written(shape.name, shape.columns, given, ("id",), replace=replace))
        for child in shape.children:
            rows = _given(child.columns, numbers)
            if replace:
                steps.append(_removed(child, rows, given))
            steps.append(_written(child.name, child.columns, rows, child.key, replace=replace))
    parts = [f"taken AS ({' UNION ALL '.join(taken) or _NONE_TAKEN})"]
    parts += [f"step_{number} AS ({step})" for number, step in enumerate(steps)]
    return (
        f"WITH {', '.join(parts)} "
        "SELECT pg_current_xact_id()::text, (SELECT array[relation, field, id] FROM taken LIMIT 1)"
    )


@cache
def removal(shape: Shape[Any]) -> str:
    """Return the statement that removes records by their ids, with their children."""
    steps = [f"DELETE FROM {child.name} WHERE {child.parent} = ANY($1::text[])" for child in shape.children]
    parts = [f"step_{number} AS ({step})" for number, step in enumerate(steps)]
    parts.append(f"gone AS (DELETE FROM {shape.name} WHERE id = ANY($1::text[]) RETURNING 1)")
    return f"WITH {', '.join(parts)} SELECT pg_current_xact_id()::text, (SELECT count(*) FROM gone)"


_NONE_TAKEN = "SELECT '' AS relation, '' AS field, '' AS id WHERE false"


def _given(columns: Sequence[Column], numbers: Iterator[int]) -> str:
    arrays = ", ".join(f"${next(numbers)}::{TYPES[column.type]}[]" for column in columns)
    return f"unnest({arrays}) AS given ({names(columns)})"


def _taken(shape: Shape[Any], given: str, *, replace: bool) -> Iterator[str]:
    for field in shape.unique if replace else ("id", *shape.unique):
        other = "AND known.id <> given.id" if replace else ""
        yield (
            f"SELECT '{shape.name}' AS relation, '{field}' AS field, given.id AS id FROM {given} "
            f"JOIN {shape.name} AS known ON known.{field} = given.{field} {other}"
        )


def _written(
    table: str, columns: Sequence[Column], given: str, key: tuple[str, ...], *, replace: bool
) -> str:
    text = (
        f"INSERT INTO {table} ({names(columns)}) SELECT * FROM {given} WHERE NOT EXISTS (SELECT 1 FROM taken)"
    )
    if not replace:
        return text
    changes = ", ".join(f"{each.name} = excluded.{each.name}" for each in columns if each.name not in key)
    return f"{text} ON CONFLICT ({', '.join(key)}) DO {f'UPDATE SET {changes}' if changes else 'NOTHING'}"


def _removed(child: Child, rows: str, parents: str) -> str:
    kept = " AND ".join(f"given.{column} = old.{column}" for column in child.key)
    return (
        f"DELETE FROM {child.name} AS old WHERE NOT EXISTS (SELECT 1 FROM taken) "
        f"AND old.{child.parent} IN (SELECT given.id FROM {parents}) "
        f"AND NOT EXISTS (SELECT 1 FROM {rows} WHERE {kept})"
    )
