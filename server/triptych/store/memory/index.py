"""Indexes: each is told of every change of a record, and answers without looking at the others."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from collections.abc import Set as AbstractSet
from typing import Any, Final, Generic, Protocol, TypeVar

from sortedcontainers import SortedList

from triptych.store.queries import Held


class Record(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> str:
        """The id."""
        ...


RecordT = TypeVar("RecordT", bound=Record)
RecordT_contra = TypeVar("RecordT_contra", bound=Record, contravariant=True)


class Index(Protocol[RecordT_contra]):
    """What follows the changes of records."""

    def change(self, before: RecordT_contra | None, after: RecordT_contra | None) -> None:
        """Note that a record was added (`before` is None), replaced, or deleted (`after` is None).

        To note the opposite change leaves the index as it was.
        """
        ...


class Changes:
    """Counts the changes of records, and their undoing.

    Attributes:
        version: How many there were.
    """

    def __init__(self) -> None:
        self.version = 0

    def change(self, before: object, after: object) -> None:
        """Note a change of a record."""
        self.version += 1


class Owned(Record, Protocol):
    """What an organization has."""

    @property
    def organization_id(self) -> str:
        """The id of the organization."""
        ...


OwnedT = TypeVar("OwnedT", bound=Owned)
_NOTHING: Final = Held(0, 0)


class HeldIndex(Generic[OwnedT]):
    """How many records each organization has, and how large they are together."""

    def __init__(self, size: Callable[[OwnedT], int]) -> None:
        self._size = size
        self._held: dict[str, Held] = {}

    def change(self, before: OwnedT | None, after: OwnedT | None) -> None:
        """Note a change of a record."""
        if before is not None:
            self._add(before.organization_id, -1, -self._size(before))
        if after is not None:
            self._add(after.organization_id, 1, self._size(after))

    def of(self, organization_id: str) -> Held:
        """Return what an organization has."""
        return self._held.get(organization_id, _NOTHING)

    def _add(self, organization_id: str, count: int, size: int) -> None:
        held = self.of(organization_id)
        if held.count + count:
            self._held[organization_id] = Held(held.count + count, held.size + size)
        else:
            del self._held[organization_id]


class _GroupIndex(Generic[RecordT]):
    """A value of each record, in the group of each of its keys. A group that runs empty is dropped."""

    def __init__(
        self,
        keys: Callable[[RecordT], Iterable[Hashable]],
        value: Callable[[RecordT], Any],
        new_group: Callable[[], Any],
    ) -> None:
        self._keys = keys
        self._value = value
        self._new_group = new_group
        self._groups: dict[Hashable, Any] = {}
        self._nothing = new_group()

    def change(self, before: RecordT | None, after: RecordT | None) -> None:
        """Note a change of a record."""
        old_keys, old_value = self._entry(before)
        new_keys, new_value = self._entry(after)
        if old_value == new_value:
            old_keys, new_keys = old_keys - new_keys, new_keys - old_keys
        for key in old_keys:
            group = self._groups[key]
            group.remove(old_value)
            if not group:
                del self._groups[key]
        for key in new_keys:
            group = self._groups.get(key)
            if group is None:
                group = self._groups[key] = self._new_group()
            group.add(new_value)

    def _entry(self, record: RecordT | None) -> tuple[set[Hashable], Any]:
        return (set(), None) if record is None else (set(self._keys(record)), self._value(record))


class Postings(_GroupIndex[RecordT]):
    """The ids of the records that have a key."""

    def __init__(self, keys: Callable[[RecordT], Iterable[Hashable]]) -> None:
        super().__init__(keys, lambda record: record.id, set)

    def ids(self, key: Hashable) -> AbstractSet[str]:
        """Return the ids of the records that have the key. The set changes with the records."""
        ids: AbstractSet[str] = self._groups.get(key, self._nothing)
        return ids


class SortedIndex(_GroupIndex[RecordT]):
    """A sorted list for each key: of the values of the records that have it. The values must be distinct."""

    def __init__(
        self, keys: Callable[[RecordT], Iterable[Hashable]], value: Callable[[RecordT], Any]
    ) -> None:
        super().__init__(keys, value, SortedList)

    def values(self, key: Hashable) -> SortedList:
        """Return the sorted values of the records that have the key. The list changes with the records."""
        return self._groups.get(key, self._nothing)

    def filled(self, keys: Iterable[Hashable]) -> list[SortedList]:
        """Return the sorted values of each of the keys that has some."""
        return [values for values in map(self._groups.get, keys) if values is not None]
