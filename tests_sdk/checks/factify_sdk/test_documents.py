"""Create, get, update, trash and untrash."""

from __future__ import annotations

import io
import re

import pytest
from clients import FILES, IS_OLDER, Documents, failure, listed, processed, told, uploaded
from served import unique

FORMATS = {"pdf": "pdf", "docx": "docx", "xlsx": "xlsx", "csv": "csv", "md": "markdown"}


async def test_a_new_document(max: Documents) -> None:
    title = unique("new")
    document = await uploaded(max, title, "a.pdf", description="What for", access_level="private")
    assert re.fullmatch("doc_[0-9a-hjkmnp-tv-z]{26}", document.id)
    assert re.fullmatch("ver_[0-9a-hjkmnp-tv-z]{26}", document.current_version.id)
    assert document.url.endswith(f"/d/{document.id.removeprefix('doc_')}")
    assert (document.title, document.description) == (title, "What for")
    assert (document.access_level, document.general_access) == ("private", "private")
    assert (document.created_by.type, document.created_by.name) == ("user", "Max Planck")
    assert document.created_by.id.startswith("user_")
    assert document.created_at == document.updated_at
    assert document.created_at.tzinfo is not None
    assert document.owner_organization_id.startswith("org_")
    assert (document.trashed_at, document.shared_at, document.last_viewed_at) == (None, None, None)
    assert set(document.permission_set.model_dump().values()) == {True}
    assert document.is_demo is False
    assert (await max.get(document_id=document.id)).result.document.last_viewed_at is not None


@pytest.mark.parametrize("extension", FORMATS)
async def test_every_format(max: Documents, extension: str) -> None:
    created = await uploaded(max, unique(extension), f"file.{extension}")
    assert created.access_level == "organization"
    assert created.processing_status in ("processing", "ready")
    document = await processed(max, created.id)
    assert document.processing_status == "ready"
    if not IS_OLDER:
        assert document.source_format == FORMATS[extension]


async def test_a_file_that_cannot_be_read(max: Documents) -> None:
    created = await uploaded(max, unique("broken"), "a.pdf", content=b"%PDF-1.4 and no trailer")
    assert (await processed(max, created.id)).processing_status == "failed"


async def test_a_file_and_its_content_type(max: Documents) -> None:
    file = io.BufferedReader(io.BytesIO(FILES["csv"]))  # the SDK takes no other kind of file
    payload = {"file_name": "noname", "content": file, "content_type": "text/csv"}
    title = "Ünïcode ✓ “quoted”"
    response = await max.create(payload=payload, title=title, description=None, access_level=None)
    document = response.result.document
    assert document.title == title
    assert (await processed(max, document.id)).processing_status == "ready"


async def test_update(max: Documents) -> None:
    created = await uploaded(max, unique("old"), description="old")
    title = unique("new")
    for arguments, expected in (
        ({"title": title}, (title, "old")),
        ({"description": "new"}, (title, "new")),
        ({"title": None, "description": None}, (title, "new")),
        ({"description": ""}, (title, None)),
        ({}, (title, None)),
    ):
        updated = (await max.update(document_id=created.id, **arguments)).result.document
        assert (updated.title, updated.description or None) == expected
    assert updated.created_at == created.created_at < updated.updated_at
    assert (await max.get(document_id=created.id)).result.document.updated_at == updated.updated_at


async def test_trash(max: Documents) -> None:
    word = unique("trash")
    id = (await uploaded(max, word)).id
    for _ in range(2):
        await max.trash(document_id=id, body={})
        assert await listed(max, query=word) == []
        assert await listed(max, query=word, trash_state=["trashed"]) == [id]
        assert await listed(max, query=word, trash_state=["active", "trashed"]) == [id]
    document = (await max.get(document_id=id)).result.document
    assert document.trashed_at is not None
    assert document.access_level == "private"
    error = await failure(max.update, document_id=id, title="x")
    assert told(error) == (400, "failed_precondition", [("precondition_failed", None)])
    for _ in range(2):
        await max.untrash(document_id=id, body={})
        assert await listed(max, query=word) == [id]
        assert await listed(max, query=word, trash_state=["trashed"]) == []
    document = (await max.get(document_id=id)).result.document
    assert (document.trashed_at, document.access_level) == (None, "private")


async def test_who_sees_what(ada: Documents, max: Documents) -> None:
    word = unique("whose")
    secret = (await uploaded(ada, f"{word} secret", access_level="private")).id
    open = (await uploaded(ada, f"{word} open", access_level="organization")).id
    assert await listed(max, query=word) == [open]
    assert await listed(ada, query=word) == [open, secret]
    permissions = (await max.get(document_id=open)).result.document.permission_set
    assert (permissions.view, permissions.create_version, permissions.trash) == (True, False, False)
    assert told(await failure(max.get, document_id=secret))[:2] == (404, "not_found")
