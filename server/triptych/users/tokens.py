"""New personal access tokens."""

from __future__ import annotations

from triptych.auth.authenticate import digest
from triptych.errors import invalid_field
from triptych.quotas import NO_TOKEN_QUOTA, Quota
from triptych.store.base import Transaction
from triptych.store.errors import AlreadyExistsError
from triptych.store.records import Origin, SubjectRef, Token
from triptych.store.sizes import token_size


async def new_token(
    tx: Transaction,
    origin: Origin,
    *,
    owner: SubjectRef,
    secret: str,
    description: str = "",
    read_only: bool = False,
    expires_at: int | None = None,
    quota: Quota = NO_TOKEN_QUOTA,
) -> Token:
    """Add a token and return it.

    Args:
        tx: Where to add it.
        origin: Its id, who made it and when.
        owner: Whom calls made with it act as.
        secret: The secret, of which only the digest is kept.
        description: What it is for.
        read_only: Whether it can only be used for reads.
        expires_at: When it stops being accepted; None for never.
        quota: The quota of its organization.

    Raises:
        RpcError: INVALID_ARGUMENT if another token has the same secret, RESOURCE_EXHAUSTED (QUOTA_EXCEEDED)
            beyond the quota.
    """
    token = Token(
        id=origin.id,
        organization_id=origin.organization_id,
        owner=owner,
        creator=origin.creator,
        digest=digest(secret),
        description=description,
        read_only=read_only,
        created_at=origin.created_at,
        expires_at=expires_at,
    )
    if quota.restricts:
        quota.check(await tx.tokens.held(token.organization_id), token_size(token))
    try:
        await tx.tokens.add(token)
    except AlreadyExistsError as error:
        if error.field == "digest":
            raise invalid_field("secret", "another token has the same secret") from None
        raise
    return token
