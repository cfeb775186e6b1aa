"""Records that were read before, so that their rows need not be read again.

An equal id and version mean an equal record: what was read by a transaction that may not write is known from
then on, and the row of it tells by these two that it is still the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Generic

from triptych.store.sql.mapper import RecordT
from triptych.store.sql.shapes import DOCUMENTS, PROJECTS, Row, Shape

_MOST_BYTES: Final = 32 * 1024 * 1024
# About what a record takes beside its texts.
_LEAST_SIZE: Final = 2000


class KnownRecords:
    """The records of one store that were read last, of the tables whose records count their changes."""

    def __init__(self) -> None:
        self._tables: dict[str, _KnownTable[Any]] = {
            shape.name: _KnownTable(shape, _MOST_BYTES) for shape in (PROJECTS, DOCUMENTS)
        }

    def reader(self, shape: Shape[RecordT]) -> Callable[[Row], RecordT]:
        """Return what makes records of rows that begin with the columns of a table."""
        table = self._tables.get(shape.name)
        return shape.mapper.record if table is None else table.record


class _KnownTable(Generic[RecordT]):
    """The records of one table.

    Args:
        shape: The table.
        most_bytes: How much they may take, about; then the oldest go.
    """

    def __init__(self, shape: Shape[RecordT], most_bytes: int) -> None:
        columns = [column.name for column in shape.columns]
        self._read = shape.mapper.record
        self._width = len(shape.mapper.columns)
        self._id, self._version = columns.index("id"), columns.index("version")
        self._left = most_bytes
        self._records: dict[str, tuple[int, RecordT, int]] = {}

    def record(self, row: Row) -> RecordT:
        """Return the record of a row."""
        id = row[self._id]
        known = self._records.get(id)
        if known is not None and known[0] == row[self._version]:
            return known[1]
        record = self._read(row)
        size = _LEAST_SIZE + sum(len(value) for value in row[: self._width] if isinstance(value, str | bytes))
        self._forget(id)
        self._left -= size
        self._records[id] = row[self._version], record, size
        while self._left < 0:
            self._forget(next(iter(self._records)))
        return record

    def _forget(self, id: str) -> None:
        known = self._records.pop(id, None)
        if known is not None:
            self._left += known[2]
