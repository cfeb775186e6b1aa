"""Who sees documents, who changes them, and the trash, over every transport and every store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from support.api import Api
from support.failures import fails
from support.world import World
from triptych.documents import typeid
from triptych.store.records import DocumentRole, Grant
from triptych_api.factify.api.v1beta.document_pb import AccessLevel, DocumentTrashState

PRIVATE, ORGANIZATION, PUBLIC = AccessLevel.PRIVATE, AccessLevel.ORGANIZATION, AccessLevel.PUBLIC
ALL_STATES = [int(DocumentTrashState.ACTIVE), int(DocumentTrashState.TRASHED)]
OVER_REST = True

ABSENT = "doc_01h2xcejqtf2nbrexx3vqjhp41"


def grant(recipient_id: str, role: DocumentRole = DocumentRole.VIEWER, granted_at: int = 7) -> Grant:
    """Return a grant."""
    return Grant(recipient_id=recipient_id, role=role, granted_at=granted_at)


async def listed(api: Api, **fields: Any) -> list[str]:
    """Return the ids of a page."""
    return [item.id for item in (await api.ListDocuments(**fields)).items]


def allowed(document: Any) -> set[str]:
    """Return the permissions that the caller has; all 16 must be set."""
    permissions = document.permission_set
    assert len(permissions.ListFields()) == 16
    return {field.name for field, value in permissions.ListFields() if value}


async def test_who_finds_and_who_lists_what_access_levels_open(
    world: World, ada: Api, max: Api, mia: Api, other_world: Callable[[], Awaitable[World]]
) -> None:
    abroad = await other_world()
    strangers = [await abroad.as_(abroad.users[name]) for name in ("ada", "max")]
    owner = world.users["max"]
    private = await world.document(owner)
    organization = await world.document(owner, access_level=ORGANIZATION)
    public = await world.document(owner, access_level=PUBLIC)
    bot = await world.as_(await world.service_account("bot"))
    for api in (ada, max, mia, bot):
        for id in (organization, public):
            assert (await api.GetDocument(document_id=id)).document.id == id
    for api in (ada, max):
        assert (await api.GetDocument(document_id=private)).document.id == private
        assert await listed(api) == [public, organization, private]
    for api in (mia, bot):
        await fails("not_found", api.GetDocument(document_id=private))
        assert await listed(api) == [public, organization]
    for api in strangers:
        assert allowed((await api.GetDocument(document_id=public)).document) >= {"view", "export"}
        for id in (organization, private):
            await fails("not_found", api.GetDocument(document_id=id))
        assert await listed(api) == []


async def test_grants_reach_users_bots_and_organizations(
    world: World, mia: Api, other_world: Callable[[], Awaitable[World]]
) -> None:
    abroad = await other_world()
    stranger = await abroad.as_(abroad.users["max"])
    account = await world.service_account("bot")
    owner = world.users["max"]
    for_mia = await world.document(owner, grants=(grant(world.users["mia"].id),))
    for_bot = await world.document(owner, grants=(grant(account.id),))
    for_abroad = await world.document(owner, grants=(grant(abroad.organization_id),))
    for_stranger = await world.document(owner, grants=(grant(abroad.users["max"].id),))
    assert await listed(mia) == [for_mia]
    assert await listed(await world.as_(account)) == [for_bot]
    assert await listed(stranger) == [for_stranger, for_abroad]
    assert await listed(stranger, organization_scope=True) == []
    assert await listed(mia, organization_scope=True) == [for_mia]
    (item,) = (await mia.ListDocuments()).items
    assert item.shared_at.ToNanoseconds() == 7
    named, unnamed = (await stranger.ListDocuments()).items
    assert named.shared_at.ToNanoseconds() == 7
    assert not unnamed.HasField("shared_at")
    await fails("not_found", mia.GetDocument(document_id=for_abroad))


@pytest.mark.parametrize("role", list(DocumentRole)[:4])
async def test_what_a_role_is_told_is_what_it_may(world: World, mia: Api, role: DocumentRole) -> None:
    id = await world.document(world.users["max"], grants=(grant(world.users["mia"].id, role),))
    got = allowed((await mia.GetDocument(document_id=id)).document)
    assert allowed((await mia.ListDocuments()).items[0]) == got
    assert ("create_version" in got) == (role >= DocumentRole.COLLABORATOR)
    assert ("grant_access" in got) == (role >= DocumentRole.ADMIN)
    if role >= DocumentRole.COLLABORATOR:
        assert allowed((await mia.UpdateDocument(document_id=id, title="new")).document) == got
    else:
        await fails("permission_denied", mia.UpdateDocument(document_id=id, title="new"))
    assert "trash" not in got
    await fails("permission_denied", mia.TrashDocument(document_id=id))
    await fails("permission_denied", mia.UntrashDocument(document_id=id))


async def test_administrators_change_what_belongs_to_their_organization(
    world: World, ada: Api, other_world: Callable[[], Awaitable[World]]
) -> None:
    id = await world.document(world.users["max"], access_level=PUBLIC)
    assert "trash" in allowed((await ada.UpdateDocument(document_id=id, title="new")).document)
    abroad = await other_world()
    foreign = await abroad.as_(abroad.users["ada"])
    assert "trash" not in allowed((await foreign.GetDocument(document_id=id)).document)
    for rpc in ("UpdateDocument", "TrashDocument", "UntrashDocument"):
        await fails("permission_denied", getattr(foreign, rpc)(document_id=id))
    await ada.TrashDocument(document_id=id)


@pytest.mark.parametrize("rpc", ["GetDocument", "UpdateDocument", "TrashDocument", "UntrashDocument"])
async def test_without_a_role_there_is_no_document(world: World, mia: Api, rpc: str) -> None:
    id = await world.document(world.users["max"])
    messages = set()
    for hidden in (id, ABSENT):
        error = await fails("not_found", getattr(mia, rpc)(document_id=hidden))
        assert error.reason == "RESOURCE_NOT_FOUND"
        messages.add(error.message.replace(hidden, ""))
    assert len(messages) == 1


async def test_trash_drops_all_sharing_and_untrash_brings_none_back(
    world: World, ada: Api, max: Api, mia: Api
) -> None:
    grants = (grant(world.users["mia"].id, DocumentRole.ADMIN),)
    id = await world.document(world.users["max"], access_level=PUBLIC, grants=grants)
    before = world.clock.now()
    await max.TrashDocument(document_id=id)
    for api in (max, ada):
        assert await listed(api) == []
        assert await listed(api, trash_state=[int(DocumentTrashState.TRASHED)]) == [id]
        document = (await api.GetDocument(document_id=id)).document
        assert (document.access_level, document.general_access) == (PRIVATE, PRIVATE)
        assert before <= document.trashed_at.ToNanoseconds() <= world.clock.now()
        assert document.trashed_at == document.updated_at
    await fails("not_found", mia.GetDocument(document_id=id))
    assert await listed(mia, trash_state=ALL_STATES) == []
    await ada.UntrashDocument(document_id=id)
    assert await listed(max) == [id]
    document = (await max.GetDocument(document_id=id)).document
    assert document.access_level == PRIVATE
    assert not document.HasField("trashed_at")
    await fails("not_found", mia.GetDocument(document_id=id))


async def test_trash_and_untrash_are_idempotent(world: World, max: Api) -> None:
    id = await world.document(world.users["max"], access_level=ORGANIZATION)
    await max.UntrashDocument(document_id=id)
    untouched = (await max.GetDocument(document_id=id)).document
    assert untouched.access_level == ORGANIZATION
    await max.TrashDocument(document_id=id)
    first = (await max.GetDocument(document_id=id)).document
    await max.TrashDocument(document_id=id)
    second = (await max.GetDocument(document_id=id)).document
    assert (second.trashed_at, second.updated_at) == (first.trashed_at, first.updated_at)


async def test_what_is_in_the_trash_does_not_change(world: World, max: Api, ada: Api) -> None:
    id = await world.document(world.users["max"])
    await max.TrashDocument(document_id=id)
    for api in (max, ada):
        error = await fails("failed_precondition", api.UpdateDocument(document_id=id, title="new"))
        assert error.reason == "PRECONDITION_FAILED"
    await max.UntrashDocument(document_id=id)
    assert (await max.UpdateDocument(document_id=id, title="new")).document.title == "new"


async def test_the_id_of_a_user_is_the_same_in_both_apis(world: World, max: Api) -> None:
    me = world.users["max"]
    await world.document(me)
    (item,) = (await max.ListDocuments()).items
    assert typeid.decode("user", item.created_by.id) == me.id
    assert typeid.decode("org", item.owner_organization_id) == me.organization_id
