"""Who may do what with a document. Every rpc asks here, whether it reads, lists or changes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final, NamedTuple

from triptych.store.queries import Audience, Reach
from triptych.store.records import Document, DocumentRole
from triptych_api.factify.api.v1beta.document_pb import AccessLevel, DocumentPermissionSet

_LEAST_ROLES: Final = {
    "view": DocumentRole.VIEWER,
    "open": DocumentRole.VIEWER,
    "export": DocumentRole.VIEWER,
    "copy_content": DocumentRole.VIEWER,
    "screenshot": DocumentRole.VIEWER,
    "list_versions": DocumentRole.VIEWER,
    "comment_public": DocumentRole.COMMENTER,
    "comment_private": DocumentRole.COMMENTER,
    "create_version": DocumentRole.COLLABORATOR,
    "view_timeline": DocumentRole.COLLABORATOR,
    "grant_access": DocumentRole.ADMIN,
    "manage_access": DocumentRole.ADMIN,
    "attach_policy": DocumentRole.ADMIN,
    "view_analytics": DocumentRole.ADMIN,
    "view_leads": DocumentRole.ADMIN,
}


class Standing(NamedTuple):
    """What a viewer is to a document.

    Attributes:
        role: The highest role that the viewer has on it; None without any.
        trash: Whether the viewer may move it to the trash and back. That is no matter of the role: whom a
            document was shared with as `admin` may not, an administrator of the owner's organization may.
    """

    role: DocumentRole | None
    trash: bool


_TRASHING: Final = {role: Standing(role, trash=True) for role in (None, *DocumentRole)}
_OTHER: Final = {role: Standing(role, trash=False) for role in (None, *DocumentRole)}
STANDINGS: Final = (*_TRASHING.values(), *_OTHER.values())
"""All that there are."""


@lru_cache(maxsize=1024)
def audiences(viewer_id: str, organization_id: str, *, administrator: bool) -> tuple[Audience, ...]:
    """Return what a viewer gets listed: all that `standings` has a role for, but what is public elsewhere.

    Args:
        viewer_id: The user or service account that looks.
        organization_id: The viewer's organization.
        administrator: Whether the viewer administers that organization.
    """
    own = Reach.ADMINISTRATOR if administrator else Reach.OPEN
    return (
        Audience(own, organization_id),
        Audience(Reach.USER, viewer_id),
        Audience(Reach.ORGANIZATION, organization_id),
    )


def standings(
    documents: Iterable[Document], viewer_id: str, organization_id: str, *, administrator: bool
) -> list[Standing]:
    """Return what a viewer is to each of the documents, without a call of Python for each.

    Args:
        documents: The documents.
        viewer_id: The user or service account that looks at them.
        organization_id: The viewer's organization.
        administrator: Whether the viewer administers that organization.
    """
    owner = _TRASHING[DocumentRole.OWNER]
    found = []
    for document in documents:
        if document.owner.id == viewer_id:
            found.append(owner)
            continue
        same_organization = document.organization_id == organization_id
        administers = same_organization and administrator
        level = document.access_level
        role: DocumentRole | None = None
        if administers:
            role = DocumentRole.ADMIN
        elif level == AccessLevel.PUBLIC or (same_organization and level == AccessLevel.ORGANIZATION):
            role = DocumentRole.VIEWER
        for grant in document.grants:
            if grant.recipient_id in (viewer_id, organization_id) and (role is None or grant.role > role):
                role = grant.role
        found.append(_TRASHING[role] if administers else _OTHER[role])
    return found


def role_of(
    document: Document, viewer_id: str, organization_id: str, *, administrator: bool
) -> DocumentRole | None:
    """Return the highest role that a viewer has on a document; the rest is as for `standings`."""
    return standings((document,), viewer_id, organization_id, administrator=administrator)[0].role


def may_trash(document: Document, viewer_id: str, organization_id: str, *, administrator: bool) -> bool:
    """Tell whether a viewer may move a document to the trash and back; the rest is as for `standings`."""
    return standings((document,), viewer_id, organization_id, administrator=administrator)[0].trash


def may_update(role: DocumentRole) -> bool:
    """Tell whether a role may change title and description."""
    return role >= DocumentRole.COLLABORATOR


@cache
def permission_set(role: DocumentRole | None, *, trash: bool) -> DocumentPermissionSet:
    """Return what a role may do, all 16 permissions set.

    There is one message for each role, which nobody changes.

    Args:
        role: The role; None may nothing.
        trash: As in `Standing`.
    """
    held = role or 0
    allowed = {permission: held >= least for permission, least in _LEAST_ROLES.items()}
    return DocumentPermissionSet(trash=trash, **allowed)


def shared_at(document: Document, viewer_id: str) -> int | None:
    """Return when a document was last shared with the viewer by name; None if never."""
    last: int | None = None
    for grant in document.grants:
        if grant.recipient_id == viewer_id and (last is None or grant.granted_at > last):
            last = grant.granted_at
    return last
