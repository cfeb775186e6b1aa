"""Records that were made of rows before, so that equal rows need not be read again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeVar

RecordT = TypeVar("RecordT")

# About what a record takes beside its texts.
_LEAST_SIZE: Final = 2000


class KnownRecords(Generic[RecordT]):
    """The records of a table that were read last, of whatever store: an equal row makes an equal record.

    Args:
        read: Makes a record of a row.
        width: How many columns a record is made of; others may follow.
        id: Which of them is the id.
        most_bytes: How much the records may take, about; beyond it, those that were read first are forgotten.
    """

    def __init__(self, read: Callable[[Any], RecordT], width: int, id: int, most_bytes: int) -> None:
        self._read = read
        self._width = width
        self._id = id
        self._left = most_bytes
        self._known: dict[str, tuple[tuple[Any, ...], RecordT, int]] = {}

    def record(self, row: Sequence[Any]) -> RecordT:
        """Return the record of a row; what follows its columns is passed over."""
        own = row[: self._width]
        id = own[self._id]
        known = self._known.get(id)
        if known is not None and known[0] == own:
            return known[1]
        record = self._read(own)
        size = _LEAST_SIZE + sum(len(value) for value in own if isinstance(value, str | bytes))
        self._forget(id)
        self._left -= size
        self._known[id] = tuple(own), record, size
        while self._left < 0:
            self._forget(next(iter(self._known)))
        return record

    def _forget(self, id: str) -> None:
        known = self._known.pop(id, None)
        if known is not None:
            self._left += known[2]
