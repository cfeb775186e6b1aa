"""Whoever can act: users and service accounts, whose ids are of one kind."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeAlias

from triptych.store.base import Transaction
from triptych.store.records import ServiceAccount, SubjectRef, User
from triptych_api.gitpod.v1.identity_pb import Principal

Subject: TypeAlias = User | ServiceAccount


async def find_subjects(tx: Transaction, ids: Collection[str]) -> Mapping[str, Subject]:
    """Return the users and service accounts of those ids, by id; ids of nobody are left out."""
    users = await tx.users.get_many(ids)
    others = [id for id in ids if id not in users]
    return {**users, **await tx.service_accounts.get_many(others)} if others else users


async def find_subject(tx: Transaction, id: str) -> Subject | None:
    """Return the user or service account of an id, or None."""
    return (await find_subjects(tx, (id,))).get(id)


def reference(subject: Subject) -> SubjectRef:
    """Return what records keep of a user or service account."""
    is_user = isinstance(subject, User)
    return SubjectRef(subject.id, Principal.USER if is_user else Principal.SERVICE_ACCOUNT)
