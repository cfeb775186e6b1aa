"""Tables: records by id, as one transaction may use them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Generic

from triptych.store.memory.index import Index, RecordT
from triptych.store.memory.transaction import UnitOfWork


class Rows(Generic[RecordT]):
    """The records of one kind, and the indexes that follow them."""

    __slots__ = ("_indexes", "records")

    def __init__(self, indexes: Sequence[Index[RecordT]] = ()) -> None:
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

    async def is_empty(self) -> bool:
        """Tell whether there is no record."""
        self._work.check_open()
        return not self._rows.records

    async def put(self, record: RecordT) -> None:
        """Add the record, or replace the one of its id.

        Raises:
            ReadOnlyError: The transaction is for reading only.
        """
        undo = self._work.undo_log()
        before = self._rows.records.get(record.id)
        self._rows.change(record.id, before, record)
        undo.append(partial(self._rows.change, record.id, record, before))

    async def delete(self, id: str) -> bool:
        """Remove the record; tell whether there was one.

        Raises:
            ReadOnlyError: The transaction is for reading only.
        """
        undo = self._work.undo_log()
        before = self._rows.records.get(id)
        if before is None:
            return False
        self._rows.change(id, before, None)
        undo.append(partial(self._rows.change, id, None, before))
        return True
