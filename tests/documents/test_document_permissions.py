from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from triptych.documents.permissions import (
    audiences,
    may_trash,
    may_update,
    permission_set,
    role_of,
    shared_at,
)
from triptych.store.memory import MemoryStore
from triptych.store.queries import DocumentQuery
from triptych.store.records import Document, DocumentRole, Grant, SubjectRef
from triptych_api.factify.api.v1beta.document_pb import AccessLevel, DocumentPermissionSet
from triptych_api.gitpod.v1.identity_pb import Principal

OWNER = SubjectRef("owner", Principal.USER)
PRIVATE, ORGANIZATION, PUBLIC = AccessLevel.PRIVATE, AccessLevel.ORGANIZATION, AccessLevel.PUBLIC

DOCUMENT = Document(
    id="document",
    organization_id="home",
    owner=OWNER,
    creator=OWNER,
    title="t",
    access_level=PRIVATE,
    source_format="pdf",
    current_version_id="version",
    created_at=1,
    updated_at=1,
)

ADDED_BY_ROLE = {
    "viewer": "view open export copy_content screenshot list_versions",
    "commenter": "comment_public comment_private",
    "collaborator": "create_version view_timeline",
    "admin": "grant_access manage_access attach_policy view_analytics view_leads",
    "owner": "trash",
}


def document(access_level: AccessLevel, *grants: tuple[str, DocumentRole, int]) -> Document:
    made = tuple(Grant(recipient_id=id, role=role, granted_at=at) for id, role, at in grants)
    return replace(DOCUMENT, access_level=access_level, grants=made)


@pytest.mark.parametrize(
    ("access_level", "member", "administrator", "stranger"),
    [
        (PRIVATE, None, DocumentRole.ADMIN, None),
        (ORGANIZATION, DocumentRole.VIEWER, DocumentRole.ADMIN, None),
        (PUBLIC, DocumentRole.VIEWER, DocumentRole.ADMIN, DocumentRole.VIEWER),
    ],
)
def test_what_the_access_level_gives(
    access_level: AccessLevel,
    member: DocumentRole | None,
    administrator: DocumentRole | None,
    stranger: DocumentRole | None,
) -> None:
    made = document(access_level)
    assert role_of(made, "somebody", "home", administrator=False) == member
    assert role_of(made, "somebody", "home", administrator=True) == administrator
    assert role_of(made, "somebody", "abroad", administrator=False) == stranger
    assert role_of(made, "somebody", "abroad", administrator=True) == stranger


@pytest.mark.parametrize(
    ("access_level", "organization", "administrator"),
    list(product((PRIVATE, ORGANIZATION, PUBLIC), ("home", "abroad"), (False, True))),
)
def test_the_owner_is_the_owner(access_level: AccessLevel, organization: str, administrator: bool) -> None:
    made = document(access_level, ("owner", DocumentRole.VIEWER, 1))
    assert role_of(made, "owner", organization, administrator=administrator) == DocumentRole.OWNER
    assert may_trash(made, "owner", organization, administrator=administrator)


@pytest.mark.parametrize("role", DocumentRole)
@pytest.mark.parametrize("recipient", ["somebody", "abroad"])
def test_grants_reach_their_recipient_and_the_users_of_an_organization(
    role: DocumentRole, recipient: str
) -> None:
    made = document(PRIVATE, ("nobody", DocumentRole.OWNER, 1), (recipient, role, 2))
    assert role_of(made, "somebody", "abroad", administrator=False) == role
    assert role_of(made, "another", "elsewhere", administrator=False) is None


def test_the_highest_role_counts() -> None:
    low = ("somebody", DocumentRole.VIEWER, 1)
    high = ("home", DocumentRole.COLLABORATOR, 2)
    for grants in ((low, high), (high, low)):
        made = document(PUBLIC, *grants)
        assert role_of(made, "somebody", "home", administrator=False) == DocumentRole.COLLABORATOR
        assert role_of(made, "somebody", "home", administrator=True) == DocumentRole.ADMIN
        assert role_of(made, "somebody", "abroad", administrator=False) == DocumentRole.VIEWER


def test_an_organization_that_owns_is_no_user_that_owns() -> None:
    assert role_of(DOCUMENT, "home", "abroad", administrator=False) is None


def test_only_owners_and_administrators_of_their_organization_trash() -> None:
    made = document(PUBLIC, ("somebody", DocumentRole.ADMIN, 1))
    assert not may_trash(made, "somebody", "home", administrator=False)
    assert not may_trash(made, "somebody", "abroad", administrator=True)
    assert may_trash(made, "somebody", "home", administrator=True)


def test_collaborators_and_higher_roles_update() -> None:
    assert [may_update(role) for role in DocumentRole] == [False, False, True, True, True]


@pytest.mark.parametrize("role", [None, *DocumentRole])
@pytest.mark.parametrize("trash", [False, True])
def test_each_role_adds_permissions_to_the_one_before(role: DocumentRole | None, trash: bool) -> None:
    allowed = " ".join(list(ADDED_BY_ROLE.values())[: role or 0]).split()
    permissions = permission_set(role, trash=trash)
    for name in DocumentPermissionSet.__slots__:
        assert permissions.has_field(name)
        expected = trash if name == "trash" else name in allowed
        assert getattr(permissions, name) is expected, name
    assert len(DocumentPermissionSet.__slots__) == 16
    assert sorted(" ".join(ADDED_BY_ROLE.values()).split()) == sorted(DocumentPermissionSet.__slots__)


def test_shared_is_when_the_last_grant_named_the_viewer() -> None:
    made = document(
        PUBLIC,
        ("somebody", DocumentRole.ADMIN, 3),
        ("somebody", DocumentRole.VIEWER, 5),
        ("home", DocumentRole.VIEWER, 9),
    )
    assert shared_at(made, "somebody") == 5
    assert shared_at(made, "another") is None


@pytest.mark.parametrize("administrator", [False, True])
@pytest.mark.parametrize("level", [PRIVATE, ORGANIZATION, PUBLIC])
@pytest.mark.parametrize("recipient", [None, "somebody", "home", "abroad", "other"])
@pytest.mark.parametrize(
    ("viewer", "organization"), [("owner", "home"), ("somebody", "home"), ("somebody", "abroad")]
)
async def test_listed_is_what_there_is_a_role_for_but_what_is_merely_public(
    viewer: str, organization: str, recipient: str | None, level: AccessLevel, administrator: bool
) -> None:
    grants = [(recipient, DocumentRole.VIEWER, 1)] if recipient else []
    made = document(level, *grants)
    store = MemoryStore()
    await store.write(lambda tx: tx.documents.put(made))
    query = DocumentQuery(
        audiences=audiences(viewer, organization, administrator=administrator), viewer_id=viewer
    )
    async with store.read() as tx:
        listed = bool((await tx.documents.page(query, None, 1)).rows)
    role = role_of(made, viewer, organization, administrator=administrator)
    private = replace(made, access_level=PRIVATE) if organization != made.organization_id else made
    assert listed is (role_of(private, viewer, organization, administrator=administrator) is not None)
    assert role is not None or not listed
