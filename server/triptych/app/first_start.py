"""What a server that knows nobody makes for itself: an organization, an administrator and a token."""

from __future__ import annotations

from dataclasses import dataclass, field

from triptych.auth.authenticate import digest
from triptych.clock import Clock
from triptych.ids import Ids
from triptych.store.base import Store
from triptych.store.records import Organization, Origin, Role, User
from triptych.users.subjects import reference
from triptych.users.tokens import new_token


@dataclass(frozen=True, slots=True)
class FirstStart:
    """What was made, or found: the administrator's name, and a token's secret if one was made at random."""

    administrator: str
    new_secret: str | None = field(repr=False)


async def first_start(store: Store, ids: Ids, clock: Clock, token: str | None) -> FirstStart:
    """See to it that there is an administrator, and a token to call with.

    A secret is made at random only if the store holds no token at all, so that starting again makes no other.

    Args:
        store: Where to look and write.
        ids: Makes ids and the secret.
        clock: Tells when things were created.
        token: The secret to use for the first active administrator, or None.
    """
    now = clock.now()
    async with store.write() as tx:
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
            await tx.organizations.put(organization)
            await tx.users.put(administrator)
        new_secret = ids.secret() if token is None and await tx.tokens.is_empty() else None
        secret = token or new_secret
        if secret is not None and await tx.tokens.by_digest(digest(secret)) is None:
            subject = reference(administrator)
            origin = Origin(
                id=ids.new(),
                organization_id=administrator.organization_id,
                creator=subject,
                created_at=now,
            )
            await new_token(
                tx, origin, owner=subject, secret=secret, description="made when the server started"
            )
        await tx.commit()
    return FirstStart(administrator.name, new_secret)
