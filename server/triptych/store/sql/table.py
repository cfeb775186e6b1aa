"""Records by id, whatever they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, Generic, TypeVar

from triptych.store.errors import AlreadyExistsError
from triptych.store.queries import Held
from triptych.store.sql.mapper import RecordT
from triptych.store.sql.session import Session
from triptych.store.sql.shapes import Shape
from triptych.store.sql.statements import Sql, names, one_of, put_together

# What triggers keep of the tables that there is a quota for.
_HELD: Final = """
    SELECT coalesce(sum(held_count), 0), coalesce(sum(held_size), 0) FROM held
    WHERE kind = ? AND organization_id = ?"""
_ShapeT = TypeVar("_ShapeT", bound=Shape[Any])


@cache
def _by_id(shape: Shape[Any]) -> str:
    return f"{select(shape)} WHERE id = ?"


@cache
def select(shape: Shape[Any]) -> str:
    """Return the beginning of what selects records of a table, as its mapper reads them."""
    return f"SELECT {selected(shape)} FROM {shape.name}"


@cache
def selected(shape: Shape[Any], alias: str = "") -> str:
    """Return the columns that the mapper of a table reads, of an alias of the table."""
    return names(shape.mapper.columns, alias)


class SqlTable(Generic[RecordT]):
    """The records of one table, for one transaction."""

    __slots__ = ("_session", "_shape")

    def __init__(self, shape: Shape[RecordT], session: Session) -> None:
        self._shape = shape
        self._session = session

    async def get(self, id: str) -> RecordT | None:
        """Return the record of that id, or None."""
        shape = self._shape
        rows = await self._session.rows(Sql(_by_id(shape), (id,)))
        return shape.record(rows[0]) if rows else None

    async def held(self, organization_id: str) -> Held:
        """Return how many records an organization has, and how large they are together."""
        statement = Sql(_HELD, (self._shape.name, organization_id))
        [[count, size]] = await self._session.rows(statement)
        return Held(int(count), int(size))

    async def get_many(self, ids: Iterable[str]) -> Mapping[str, RecordT]:
        """Return the records of those ids, by id; ids of no record are left out."""
        shape = self._shape
        condition = one_of(self._session.dialect, "id", ids)
        rows = await self._session.rows(
            put_together(f"SELECT {selected(shape)}, id FROM {shape.name} WHERE", condition)
        )
        return {row[-1]: shape.record(row) for row in rows}

    async def following(self, id: str, limit: int) -> Sequence[RecordT]:
        """Return up to `limit` records whose ids are greater, in the order of ids."""
        shape = self._shape
        statement = Sql(f"{select(shape)} WHERE id > ? ORDER BY id LIMIT ?", (id, limit))
        return shape.mapper.records(await self._session.rows(statement))

    async def add(self, *records: RecordT) -> None:
        """Add records: all of them or none.

        Raises:
            AlreadyExistsError: There is one of that id already, or with another value that is unique.
        """
        self._require_different(records)
        await self._session.insert(self._shape, records, replace=False)

    async def put(self, *records: RecordT) -> None:
        """Add the records, or replace those of their ids. No two may have the same id.

        Raises:
            AlreadyExistsError: Another record has a value that is unique.
        """
        self._require_different(records)
        await self._session.insert(self._shape, records, replace=True)

    async def delete(self, *ids: str) -> int:
        """Remove the records of those ids; return how many there were."""
        return await self._session.remove(self._shape, list(dict.fromkeys(ids)))

    def _require_different(self, records: Sequence[Any]) -> None:
        if len(records) < 2:  # noqa: PLR2004
            return
        for field in ("id", *self._shape.unique):
            seen = set()
            for record in records:
                value = getattr(record, field)
                if value in seen:
                    raise AlreadyExistsError(self._shape.name, field, record.id)
                seen.add(value)
