"""Keeps parts that were read from committed states, and what was printed of them, within a limit of bytes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from heapq import heappop, heappush, heapreplace
from itertools import count
from typing import Any, Final, Generic, Protocol, TypeVar

from triptych.codec.parts import NOTHING, Part

DEFAULT_LIMIT: Final = 64 * 1024 * 1024
# What a part takes beside its forms: itself, its place on a shelf and in the order of uses, a small message.
_OVERHEAD: Final = 1024
# How much larger than its first form, in bytes, its message is.
_MESSAGE: Final = 2


class Versioned(Protocol):
    """A record whose version counts its changes."""

    @property
    def id(self) -> str:
        """The id."""
        ...

    @property
    def version(self) -> int:
        """The version: equal id and version mean an equal record."""
        ...


T = TypeVar("T")
RecordT = TypeVar("RecordT", bound=Versioned)


class KeptParts:
    """What all shelves share: a limit of bytes, and which part was used longest ago, which goes first.

    Attributes:
        limit: How many bytes may be kept: of every form, and by an estimate of the messages.
        bytes: How many are.

    Args:
        limit: In bytes.
    """

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self.limit = limit
        self.bytes = 0
        self.lookups = 0
        self._number = count()
        # One entry for each part that is kept: when it was used, or earlier. What was used since is found out
        # when the entry comes up, so that a use costs no more than to write down when it was.
        self._order: list[tuple[int, int, Shelf[Any], Hashable]] = []

    def enter(self, shelf: Shelf[Any], key: Hashable) -> None:
        """Note a key that is new on a shelf."""
        heappush(self._order, (self.lookups, next(self._number), shelf, key))

    def grow(self, size: int) -> None:
        """Note that something was kept, and let go of what was used longest ago, beyond the limit."""
        self.bytes += size
        order = self._order
        while self.bytes > self.limit and order:
            noted, number, shelf, key = order[0]
            used = shelf.used(key)
            if used > noted:
                heapreplace(order, (used, number, shelf, key))
            else:
                heappop(order)
                self.bytes -= shelf.drop(key)


class Shelf(Generic[T]):
    """The parts of one kind. Only what was read from a committed state may be asked for.

    Args:
        kept: What the shelves share.
        make: Makes a part from a record or a value.
    """

    def __init__(self, kept: KeptParts, make: Callable[[T], Part]) -> None:
        self._kept = kept
        self._make = make
        self._parts: dict[Hashable, Part] = {}

    def of_records(self: Shelf[RecordT], records: Iterable[RecordT]) -> list[Part]:
        """Return the parts of records, which are kept by id and version."""
        self._kept.lookups = now = self._kept.lookups + 1
        find, parts = self._parts.get, []
        for record in records:
            part = find(record.id)
            if part is None or part.version != record.version:
                part = self._put(record.id, record.version, record)
            part.used = now
            parts.append(part)
        return parts

    def of_values(self, keys: Iterable[Hashable], values: Iterable[T | None]) -> list[Part]:
        """Return the parts of values, of which one is kept for each key; None is not set."""
        self._kept.lookups = now = self._kept.lookups + 1
        find, parts = self._parts.get, []
        for key, value in zip(keys, values, strict=True):
            if value is None:
                parts.append(NOTHING)
                continue
            part = find(key)
            if part is None or (part.version is not value and part.version != value):
                part = self._put(key, value, value)
            part.used = now
            parts.append(part)
        return parts

    def grow(self, part: Part, size: int) -> None:
        """Note that a part of the shelf was printed; `size` is that of the form."""
        added = size if part.size > _OVERHEAD else size + _MESSAGE * size
        part.size += added
        self._kept.grow(added)

    def used(self, key: Hashable) -> int:
        """Return when the part of a key was last used."""
        return self._parts[key].used

    def drop(self, key: Hashable) -> int:
        """Let go of a part, and return its size."""
        part = self._parts.pop(key)
        part.shelf = None
        return part.size

    def _put(self, key: Hashable, version: Any, source: T) -> Part:
        part = self._make(source)
        part.version = version
        part.shelf = self
        part.used = self._kept.lookups
        part.size = _OVERHEAD
        before = self._parts.get(key)
        self._parts[key] = part
        if before is None:
            self._kept.enter(self, key)
        else:
            before.shelf = None
            self._kept.bytes -= before.size
        self._kept.grow(_OVERHEAD)
        return part
