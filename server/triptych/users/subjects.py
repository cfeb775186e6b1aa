"""Whoever can act: users and service accounts, whose ids are of one kind."""

from __future__ import annotations

from triptych.store.base import Subject
from triptych.store.records import SubjectRef, User
from triptych_api.gitpod.v1.identity_pb import Principal


def reference(subject: Subject) -> SubjectRef:
    """Return what records keep of a user or service account."""
    is_user = isinstance(subject, User)
    return SubjectRef(subject.id, Principal.USER if is_user else Principal.SERVICE_ACCOUNT)
