"""Who may do what with a document. Every rpc asks here, whether it reads, lists or changes."""

from __future__ import annotations

from functools import cache
from typing import Final

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


def role_of(
    document: Document, viewer_id: str, organization_id: str, *, administrator: bool
) -> DocumentRole | None:
    """Return the highest role that a viewer has on a document; None without any.

    Args:
        document: The document.
        viewer_id: The user or service account that looks at it.
        organization_id: The viewer's organization.
        administrator: Whether the viewer administers that organization.
    """
    if document.owner.id == viewer_id:
        return DocumentRole.OWNER
    same_organization = document.organization_id == organization_id
    roles = [grant.role for grant in document.grants if grant.recipient_id in (viewer_id, organization_id)]
    if same_organization and administrator:
        roles.append(DocumentRole.ADMIN)
    if document.access_level == AccessLevel.PUBLIC or (
        same_organization and document.access_level == AccessLevel.ORGANIZATION
    ):
        roles.append(DocumentRole.VIEWER)
    return max(roles, default=None)


def may_trash(document: Document, viewer_id: str, organization_id: str, *, administrator: bool) -> bool:
    """Tell whether a viewer may move a document to the trash and back.

    That is no matter of the role: whom a document was shared with as `admin` may not, an administrator of the
    owner's organization may.
    """
    if document.owner.id == viewer_id:
        return True
    return administrator and document.organization_id == organization_id


def may_update(role: DocumentRole) -> bool:
    """Tell whether a role may change title and description."""
    return role >= DocumentRole.COLLABORATOR


@cache
def permission_set(role: DocumentRole | None, *, trash: bool) -> DocumentPermissionSet:
    """Return what a role may do, all 16 permissions set.

    There is one message for each role, which nobody changes.

    Args:
        role: The role; None may nothing.
        trash: What `may_trash` says.
    """
    held = role or 0
    allowed = {permission: held >= least for permission, least in _LEAST_ROLES.items()}
    return DocumentPermissionSet(trash=trash, **allowed)


def shared_at(document: Document, viewer_id: str) -> int | None:
    """Return when a document was last shared with the viewer by name; None if never."""
    return max(
        (grant.granted_at for grant in document.grants if grant.recipient_id == viewer_id), default=None
    )
