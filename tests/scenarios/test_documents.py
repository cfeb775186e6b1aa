"""Documents: create, get, update and what becomes of the content, over every transport and every store."""

from __future__ import annotations

from typing import Any

import pytest

from documents import files
from support.api import Api
from support.failures import fails
from support.rest import RestTransport
from support.world import World, content_of
from triptych.documents import typeid
from triptych.store.records import SubjectRef
from triptych_api.factify.api.v1beta.document_pb import AccessLevel, ProcessingStatus, SubjectType
from triptych_api.gitpod.v1.identity_pb import Principal

OVER_REST = True

ABSENT = "doc_01h2xcejqtf2nbrexx3vqjhp41"
PROCESSING, READY, FAILED = (int(status) for status in list(ProcessingStatus)[1:])
POLLS = 500


async def create(api: Api, payload: bytes = files.MARKDOWN, **fields: Any) -> Any:
    """Create a document, a markdown one by default, and return it."""
    return (
        await api.CreateDocument(**{"title": "t", "file_name": "t.md", "payload": payload, **fields})
    ).document


async def processed(api: Api, document_id: str) -> Any:
    """Return a document once its content was checked."""
    for _ in range(POLLS):
        document = (await api.GetDocument(document_id=document_id)).document
        if document.processing_status != PROCESSING:
            return document
    raise TimeoutError(f"{document_id} was not checked")


async def test_a_created_document_has_what_the_request_says(world: World, max: Api) -> None:
    created = await create(
        max, files.pdf(), title="Über", description="A text.", access_level=AccessLevel.PUBLIC
    )
    assert typeid.decode("doc", created.id)
    assert created.url.endswith(f"/d/{created.id.removeprefix('doc_')}")
    assert (created.title, created.description) == ("Über", "A text.")
    assert (created.access_level, created.general_access) == (AccessLevel.PUBLIC, AccessLevel.PUBLIC)
    assert (created.processing_status, created.source_format) == (PROCESSING, "pdf")
    assert created.created_at.ToNanoseconds() == created.updated_at.ToNanoseconds() > 0
    assert created.created_by.id == typeid.encode("user", world.users["max"].id)
    assert (created.created_by.type, created.created_by.name) == (SubjectType.USER, "max")
    assert typeid.decode("ver", created.current_version.id)
    assert created.owner_organization_id == typeid.encode("org", world.organization_id)
    assert (created.thumbnail_url, created.is_demo) == ("", False)
    assert created.permission_set.trash
    for absent in ("trashed_at", "last_viewed_at", "shared_at"):
        assert not created.HasField(absent)
    got = await processed(max, created.id)
    for changed in ("processing_status", "last_viewed_at"):
        got.ClearField(changed)
        created.ClearField(changed)
    assert got == created


async def test_what_is_absent_gets_its_default(max: Api) -> None:
    created = await create(max)
    assert created.access_level == AccessLevel.ORGANIZATION
    assert not created.HasField("description")
    assert not (await create(max, description="")).HasField("description")


async def test_a_service_account_is_a_bot(world: World) -> None:
    account = await world.service_account("robot")
    created = await create(await world.as_(account))
    assert created.created_by.id == typeid.encode("bot", account.id)
    assert (created.created_by.type, created.created_by.name) == (SubjectType.BOT, "robot")


async def test_creators_that_are_gone_have_a_name(world: World, max: Api) -> None:
    owner = world.users["max"]
    for principal, name in ((Principal.USER, "deleted user"), (Principal.SERVICE_ACCOUNT, "deleted bot")):
        id = await world.document(owner, creator=SubjectRef(world.ids.new(), principal))
        assert (await max.GetDocument(document_id=id)).document.created_by.name == name


@pytest.mark.parametrize(
    ("payload", "file_name", "format"),
    [
        (files.pdf(), "", "pdf"),
        (files.docx(), "", "docx"),
        (files.xlsx(), "wrong.md", "xlsx"),
        (files.CSV, "a.csv", "csv"),
        (files.MARKDOWN, "a.md", "markdown"),
    ],
)
async def test_good_content_becomes_ready(max: Api, payload: bytes, file_name: str, format: str) -> None:
    created = await create(max, payload, file_name=file_name)
    assert (created.processing_status, created.source_format) == (PROCESSING, format)
    assert (await processed(max, created.id)).processing_status == READY


@pytest.mark.parametrize(
    ("payload", "file_name"),
    [(files.pdf()[:-6], ""), (files.docx()[:-1], "a.docx"), (b"caf\xe9", "a.csv"), (b"\xff", "a.md")],
)
async def test_broken_content_fails(max: Api, payload: bytes, file_name: str) -> None:
    created = await create(max, payload, file_name=file_name)
    assert (await processed(max, created.id)).processing_status == FAILED


async def test_large_content_is_checked_as_well(world: World, max: Api) -> None:
    payload = files.CSV * 50_000
    created = await create(max, payload, file_name="a.csv")
    checked = await processed(max, created.id)
    assert checked.processing_status == READY
    assert checked.updated_at == created.updated_at
    version_id = typeid.decode("ver", created.current_version.id)
    async with world.store.read() as tx:
        version = await tx.document_versions.get(version_id)
    assert version is not None
    assert (version.file_name, version.size) == ("a.csv", len(payload))
    assert len(version.content_hash) == 32
    assert await content_of(world.store, version_id) == payload


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"payload": b""}, "payload", "MISSING_REQUIRED_FIELD"),
        ({"payload": files.PNG}, "payload", "INVALID_FIELD_VALUE"),
        ({"payload": b"text", "file_name": "a.txt"}, "payload", "INVALID_FIELD_VALUE"),
        ({"payload": b"text", "file_name": "a.pdf"}, "payload", "INVALID_FIELD_VALUE"),
        ({"title": ""}, "title", "INVALID_FIELD_VALUE"),
        ({"title": "x" * 256}, "title", "INVALID_FIELD_VALUE"),
        ({"description": "x" * 2001}, "description", "INVALID_FIELD_VALUE"),
        ({"access_level": 0}, "access_level", "INVALID_ENUM_VALUE"),
        ({"file_name": "x" * 256}, "file_name", "INVALID_FIELD_VALUE"),
        ({"payload_key": "x"}, "payload_key", "INVALID_FIELD_VALUE"),
        ({"document_id": ABSENT}, "document_id", "INVALID_FIELD_VALUE"),
        ({"version_id": "x"}, "version_id", "INVALID_FIELD_VALUE"),
    ],
)
async def test_bad_requests_create_nothing(max: Api, fields: dict[str, Any], field: str, reason: str) -> None:
    error = await fails("invalid_argument", create(max, **fields))
    assert list(error.violations) == [field]
    assert error.reason == reason
    assert not (await max.ListDocuments()).items


async def test_update_sets_what_is_given(max: Api) -> None:
    created = await create(max, description="old")
    id = created.id
    title = (await max.UpdateDocument(document_id=id, title="new")).document
    assert (title.title, title.description) == ("new", "old")
    assert title.updated_at.ToNanoseconds() > created.updated_at.ToNanoseconds()
    assert title.created_at == created.created_at
    description = (await max.UpdateDocument(document_id=id, description="newer")).document
    assert (description.title, description.description) == ("new", "newer")
    cleared = (await max.UpdateDocument(document_id=id, description="")).document
    assert not cleared.HasField("description")
    nothing = (await max.UpdateDocument(document_id=id)).document
    assert nothing.updated_at == cleared.updated_at
    got = (await max.GetDocument(document_id=id)).document
    assert (got.title, got.HasField("description")) == ("new", False)


async def test_a_view_is_told_at_once_and_to_the_viewer_only(world: World, max: Api, mia: Api) -> None:
    id = await world.document(world.users["max"], access_level=AccessLevel.ORGANIZATION)
    before = world.clock.now()
    first = (await mia.GetDocument(document_id=id)).document
    assert before <= first.last_viewed_at.ToNanoseconds() <= world.clock.now()
    second = (await mia.GetDocument(document_id=id)).document
    assert second.last_viewed_at.ToNanoseconds() > first.last_viewed_at.ToNanoseconds()
    assert second.updated_at == first.updated_at
    assert (await mia.ListDocuments()).items[0].last_viewed_at == second.last_viewed_at
    assert not (await max.ListDocuments()).items[0].HasField("last_viewed_at")


async def test_a_read_only_token_views_and_changes_nothing(world: World, max: Api) -> None:
    id = await world.document(world.users["max"])
    reader = await world.as_(world.users["max"], read_only=True)
    viewed = (await reader.GetDocument(document_id=id)).document.last_viewed_at
    assert (await max.ListDocuments()).items[0].last_viewed_at == viewed
    for change in (
        create(reader),
        reader.UpdateDocument(document_id=id, title="new"),
        reader.TrashDocument(document_id=id),
        reader.UntrashDocument(document_id=id),
    ):
        error = await fails("permission_denied", change)
        assert error.reason == "INSUFFICIENT_PERMISSIONS"
    assert [item.title for item in (await max.ListDocuments()).items] == ["document"]


@pytest.mark.parametrize("rpc", ["GetDocument", "UpdateDocument", "TrashDocument", "UntrashDocument"])
@pytest.mark.parametrize("id", ["", "x", ABSENT.upper(), "ver" + ABSENT[3:], "doc_8" + "0" * 25])
async def test_malformed_ids_are_refused(max: Api, rpc: str, id: str) -> None:
    if not id and isinstance(max.transport, RestTransport):
        return  # without an id it is another path
    error = await fails("invalid_argument", getattr(max, rpc)(document_id=id))
    assert list(error.violations) == ["document_id"]
