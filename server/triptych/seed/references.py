"""What items refer to, looked up among what was loaded before them and what the store held already.

What a batch of items names is asked for at once; each is then found, or refused by an RpcError that names the
field, as the services do it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol, TypeVar

from triptych.errors import RpcError, invalid_field
from triptych.seed.items import SeedItem
from triptych.store.base import References as Found
from triptych.store.base import Subject, Transaction
from triptych.store.records import Organization, Project, Runner, User
from triptych.store.tables import Table

_MOST_KEPT: Final = 10_000


class _Owned(Protocol):
    @property
    def organization_id(self) -> str: ...


OwnedT = TypeVar("OwnedT", bound=_Owned)
ResultT = TypeVar("ResultT")


class References:
    """Looks things up; what was found is known for the next batches, unless that gets too much.

    Attributes:
        found: The users, service accounts and environment classes that were found.
        organizations: Those that were found, by id.
        runners: The same.
        projects: The same.
    """

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.found = Found({}, {})
        self.organizations: dict[str, Organization] = {}
        self.runners: dict[str, Runner] = {}
        self.projects: dict[str, Project] = {}

    async def find(
        self,
        *,
        subjects: Iterable[str] = (),
        environment_classes: Iterable[str] = (),
        organizations: Iterable[str] = (),
        runners: Iterable[str] = (),
        projects: Iterable[str] = (),
    ) -> None:
        """Look up ids, in any case; empty ones are passed over."""
        found = self.found
        if len(found.subjects) + len(found.environment_classes) > _MOST_KEPT:
            found = self.found = Found({}, {})
        subject_ids = _missing(subjects, found.subjects)
        class_ids = _missing(environment_classes, found.environment_classes)
        if subject_ids or class_ids:
            more = await self._tx.references(subject_ids, class_ids)
            self.found = Found(
                {**found.subjects, **more.subjects}, {**found.environment_classes, **more.environment_classes}
            )
        others = _missing(organizations, self.found.subjects)  # no two things have the same id
        await _look_up(self._tx.organizations, others, self.organizations)
        await _look_up(self._tx.runners, runners, self.runners)
        await _look_up(self._tx.projects, projects, self.projects)

    def subject(self, field: str, id: str, organization_id: str = "") -> Subject:
        """Return the user or service account that a field names.

        Args:
            field: The path of the field.
            id: What it holds.
            organization_id: The organization that it must belong to; empty if any.

        Raises:
            RpcError: There is none, or it belongs to another organization.
        """
        return existing(self.found.subjects, field, "user or service account", id, organization_id)

    def user(self, field: str, id: str) -> User:
        """Return the user that a field names.

        Raises:
            RpcError: There is none.
        """
        subject = self.found.subjects.get(id.lower())
        if not isinstance(subject, User):
            raise _no_such(field, f"user {id}")
        return subject


class GivenTwiceError(Exception):
    """The id of an item is one that the file or the store has already.

    Attributes:
        item: The item.
    """

    def __init__(self, item: SeedItem) -> None:
        super().__init__(item.id)
        self.item = item


def refusing(item: SeedItem, make: Callable[..., ResultT], *args: Any) -> ResultT:
    """Return what is made for an item.

    Raises:
        SeedError: It was refused.
    """
    try:
        return make(*args)
    except RpcError as error:
        raise item.place.refusal(error) from None


def existing(
    found: Mapping[str, OwnedT], field: str, kind: str, id: str, organization_id: str = ""
) -> OwnedT:
    """Return the record that a field names, of a kind as "runner", among those that were found.

    Raises:
        RpcError: There is none, or it belongs to another organization.
    """
    record = found.get(id.lower())
    if record is None:
        raise _no_such(field, f"{kind} {id}")
    if organization_id and record.organization_id != organization_id:
        raise invalid_field(field, f"{kind} {id} belongs to another organization")
    return record


def _no_such(field: str, name: str) -> RpcError:
    return invalid_field(field, f"no {name} exists")


def _missing(ids: Iterable[str], found: Mapping[str, Any]) -> set[str]:
    return {id.lower() for id in ids if id} - found.keys()


async def _look_up(table: Table[Any], ids: Iterable[str], found: dict[str, Any]) -> None:
    if len(found) > _MOST_KEPT:
        found.clear()
    if missing := _missing(ids, found):
        found |= await table.get_many(missing)
