"""Tables: records by id, as one transaction may use them."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Final, Generic

from triptych.store.errors import AlreadyExistsError
from triptych.store.memory.index import Index, RecordT
from triptych.store.memory.transaction import UnitOfWork

_ID: Final = attrgetter("id")


class Rows(Generic[RecordT]):
    """The records of one kind, and the indexes that follow them.

    Attributes:
        name: What the table is called.
        records: The records, by id.
    """

    __slots__ = ("_indexes", "name", "records")

    def __init__(self, name: str, indexes: Sequence[Index[RecordT]] = ()) -> None:
        self.name = name
        self.records: dict[str, RecordT] = {}
        self._indexes = indexes

    def change(self, id: str, before: RecordT | None, after: RecordT | None) -> None:
        """Replace `before`, which is what there is, by `after`; None is no record."""
        for index in self._indexes:
            index.change(before, after)
        if after is None:
            del self.records[id]
        else:
            self.records[id] = after

    def put(self, record: RecordT, undo: list[Callable[[], None]]) -> None:
        """Add a record or replace the one of its id; note how that is undone."""
        before = self.records.get(record.id)
        self.change(record.id, before, record)
        undo.append(partial(self.change, record.id, record, before))

    def clash(self, record: RecordT) -> str:
        """Return the unique field, but the id, that another record has the same value in; empty if none."""
        return ""


class MemoryTable(Generic[RecordT]):
    """The records of one kind, for one transaction."""

    __slots__ = ("_rows", "_work")

    def __init__(self, rows: Rows[RecordT], work: UnitOfWork) -> None:
        self._rows = rows
        self._work = work

    async def get(self, id: str) -> RecordT | None:
        """Return the record of that id, or None."""
        if not self._work.open:
            self._work.check_open()
        return self._rows.records.get(id)

    async def get_many(self, ids: Iterable[str]) -> Mapping[str, RecordT]:
        """Return the records of those ids, by id; ids of no record are left out."""
        self._work.check_open()
        records = self._rows.records
        return {id: records[id] for id in ids if id in records}

    async def following(self, id: str, limit: int) -> Sequence[RecordT]:
        """Return up to `limit` records whose ids are greater, in the order of ids. Looks at all of them."""
        self._work.check_open()
        return heapq.nsmallest(limit, (each for each in self._rows.records.values() if each.id > id), _ID)

    async def add(self, *records: RecordT) -> None:
        """Add records: all of them or none.

        Raises:
            ReadOnlyError: The transaction is for reading only.
            AlreadyExistsError: There is one of that id already, or with another value that is unique.
        """
        undo = self._work.undo_log()
        rows = self._rows
        async with self._work.savepoint():
            for record in records:
                field = "id" if record.id in rows.records else rows.clash(record)
                if field:
                    raise AlreadyExistsError(rows.name, field, record.id)
                rows.put(record, undo)

    async def put(self, *records: RecordT) -> None:
        """Add the records, or replace those of their ids.

        Raises:
            ReadOnlyError: The transaction is for reading only.
            AlreadyExistsError: Another record has a value that is unique.
        """
        undo = self._work.undo_log()
        rows = self._rows
        async with self._work.savepoint():
            for record in records:
                if field := rows.clash(record):
                    raise AlreadyExistsError(rows.name, field, record.id)
                rows.put(record, undo)

    async def delete(self, *ids: str) -> int:
        """Remove the records of those ids; return how many there were.

        Raises:
            ReadOnlyError: The transaction is for reading only.
        """
        undo = self._work.undo_log()
        deleted = 0
        for id in ids:
            before = self._rows.records.get(id)
            if before is not None:
                self._rows.change(id, before, None)
                undo.append(partial(self._rows.change, id, None, before))
                deleted += 1
        return deleted
