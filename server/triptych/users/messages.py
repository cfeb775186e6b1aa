"""Users and tokens as the messages of gitpod.v1."""

from __future__ import annotations

from typing import Final

from triptych.clock import timestamp
from triptych.codec.parts import Composition
from triptych.store import records
from triptych_api.gitpod.v1.identity_pb import Subject
from triptych_api.gitpod.v1.personal_access_token_pb import PersonalAccessToken
from triptych_api.gitpod.v1.user_pb import User

USER: Final = Composition(User)


def user(record: records.User) -> User:
    """Return a user's profile."""
    return User(
        id=record.id,
        organization_id=record.organization_id,
        name=record.name,
        avatar_url=record.avatar_url,
        created_at=timestamp(record.created_at),
        status=record.status,
        email=record.email,
    )


def subject(reference: records.SubjectRef) -> Subject:
    """Return whoever acts."""
    return Subject(id=reference.id, principal=reference.principal)


def personal_access_token(record: records.Token, last_used: int | None) -> PersonalAccessToken:
    """Return what is known of a token."""
    return PersonalAccessToken(
        id=record.id,
        user_id=record.owner.id,
        description=record.description,
        creator=subject(record.creator),
        created_at=timestamp(record.created_at),
        expires_at=None if record.expires_at is None else timestamp(record.expires_at),
        last_used=None if last_used is None else timestamp(last_used),
        read_only=record.read_only,
    )
