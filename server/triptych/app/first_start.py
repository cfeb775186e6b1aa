"""What a server that knows nobody makes for itself: an organization, an administrator and a token."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

from triptych.auth.authenticate import digest
from triptych.clock import Clock
from triptych.ids import Ids
from triptych.store.base import Store, Transaction
from triptych.store.errors import AlreadyExistsError
from triptych.store.records import Organization, Role, Token, User
from triptych.users.subjects import reference


@dataclass(frozen=True, slots=True)
class FirstStart:
    """What was made, or found: the administrator's name, and a token's secret if one was made at random."""

    administrator: str
    new_secret: str | None = field(repr=False)


async def first_start(store: Store, ids: Ids, clock: Clock, token: str | None) -> FirstStart:
    """See to it that there is an administrator, and a token to call with; what there is already stays.

    A secret is made at random only if the store holds no token at all, so that starting again makes no other.

    Args:
        store: Where to look and write.
        ids: Makes ids and the secret.
        clock: Tells when things were created.
        token: The secret to use for the first active administrator, or None.
    """
    now = clock.now()

    async def begin(tx: Transaction) -> FirstStart:
        administrator = await tx.users.first_active_administrator()
        if administrator is None:
            organization = Organization(id=ids.new(), name="Triptych")
            administrator = User(
                id=ids.new(),
                organization_id=organization.id,
                name="Administrator",
                role=Role.ADMINISTRATOR,
                created_at=now,
            )
            await tx.organizations.add(organization)
            await tx.users.add(administrator)
        new_secret = None if token or await tx.tokens.following("", 1) else ids.secret()
        if secret := token or new_secret:
            subject = reference(administrator)
            first = Token(
                id=ids.new(),
                organization_id=administrator.organization_id,
                owner=subject,
                creator=subject,
                digest=digest(secret),
                description="made when the server started",
                created_at=now,
            )
            with suppress(AlreadyExistsError):  # it was given at an earlier start, too
                await tx.tokens.add(first)
        return FirstStart(administrator.name, new_secret)

    return await store.write(begin)
