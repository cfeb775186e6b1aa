"""What an item refers to, looked up among what was loaded before it and what the store held already."""

from __future__ import annotations

from typing import Protocol, TypeVar

from triptych.seed.items import SeedItem
from triptych.store.base import Transaction
from triptych.store.records import ServiceAccount, SubjectRef, User
from triptych_api.gitpod.v1.identity_pb import Principal


class _Owned(Protocol):
    @property
    def organization_id(self) -> str: ...


OwnedT = TypeVar("OwnedT", bound=_Owned)


def existing(
    record: OwnedT | None, item: SeedItem, field: str, name: str, organization_id: str = ""
) -> OwnedT:
    """Return a record that was looked up.

    Args:
        record: The record, or None if there is none.
        item: What refers to it.
        field: The path of the field that does.
        name: What it refers to, as "runner" and the id.
        organization_id: The organization that the record must belong to; empty if any.

    Raises:
        SeedError: There is no record, or it belongs to another organization.
    """
    if record is None:
        raise item.place.error(field, f"no {name} exists")
    if organization_id and record.organization_id != organization_id:
        raise item.place.error(field, f"{name} belongs to another organization")
    return record


async def subject(
    tx: Transaction, item: SeedItem, field: str, id: str, organization_id: str = ""
) -> tuple[SubjectRef, str]:
    """Return the user or service account of an id, and the id of its organization.

    Raises:
        SeedError: There is none, or it belongs to another organization.
    """
    key = id.lower()
    found: User | ServiceAccount | None = await tx.users.get(key) or await tx.service_accounts.get(key)
    record = existing(found, item, field, f"user or service account {id}", organization_id)
    principal = Principal.USER if isinstance(record, User) else Principal.SERVICE_ACCOUNT
    return SubjectRef(key, principal), record.organization_id


async def require_new_id(tx: Transaction, item: SeedItem) -> None:
    """Refuse an item's id if the store holds it already, whatever it is the id of.

    Raises:
        SeedError: The store holds the id.
    """
    tables = (
        tx.organizations,
        tx.users,
        tx.service_accounts,
        tx.groups,
        tx.runners,
        tx.environment_classes,
        tx.projects,
        tx.environments,
        tx.tokens,
        tx.documents,
    )
    for table in tables:
        if await table.get(item.id) is not None:
            raise item.place.error("id", f"{item.message.id} is in the store already")
