"""What items refer to, looked up among what was loaded before them and what the store held already.

Whatever is not there is refused by an RpcError that names the field, as the services do it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

from triptych.errors import RpcError, invalid_field
from triptych.store.base import Subject, Transaction
from triptych.store.tables import Table


class _Owned(Protocol):
    @property
    def organization_id(self) -> str: ...


OwnedT = TypeVar("OwnedT", bound=_Owned)


class References:
    """Looks things up; each user and service account once, however many items refer to it."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._subjects: dict[str, Subject] = {}

    async def subjects(self, fields: Mapping[str, str], organization_id: str = "") -> list[Subject]:
        """Return users and service accounts.

        Args:
            fields: Their ids, by the paths of the fields that name them.
            organization_id: The organization that they must belong to; empty if any.

        Raises:
            RpcError: There is none of an id, or it belongs to another organization.
        """
        missing = {id.lower() for id in fields.values()} - self._subjects.keys()
        if missing:
            self._subjects |= (await self._tx.references(missing)).subjects
        found = []
        for field, id in fields.items():
            subject = self._subjects.get(id.lower())
            if subject is None:
                raise _missing(field, f"user or service account {id}")
            _require_owner(subject, field, f"user or service account {id}", organization_id)
            found.append(subject)
        return found

    async def subject(self, field: str, id: str) -> Subject:
        """Return the user or service account that a field names."""
        [found] = await self.subjects({field: id})
        return found


async def existing(table: Table[OwnedT], field: str, kind: str, id: str, organization_id: str = "") -> OwnedT:
    """Return the record that a field names, of a kind as "runner"."""
    record = await table.get(id.lower())
    if record is None:
        raise _missing(field, f"{kind} {id}")
    _require_owner(record, field, f"{kind} {id}", organization_id)
    return record


def _missing(field: str, name: str) -> RpcError:
    return invalid_field(field, f"no {name} exists")


def _require_owner(record: _Owned, field: str, name: str, organization_id: str) -> None:
    if organization_id and record.organization_id != organization_id:
        raise invalid_field(field, f"{name} belongs to another organization")
