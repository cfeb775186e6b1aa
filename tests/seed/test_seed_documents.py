"""Documents of seed files: what is written, and what is refused."""

from __future__ import annotations

import hashlib
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents import files
from seed.support import MAX_UPLOAD, NOW, FixedClock, LoadFile, LoadText
from triptych.clock import NANOS
from triptych.documents import typeid
from triptych.ids import RandomIds
from triptych.rpc.validation import RequestValidator
from triptych.seed import SeedError, load_seed_file
from triptych.store.base import Store
from triptych.store.memory import MemoryStore
from triptych.store.queries import Audience, DocumentQuery, DocumentSort, Reach
from triptych.store.records import Document, DocumentRole, DocumentVersion, Grant, SubjectRef, View, view_id
from triptych_api.factify.api.v1beta.document_pb import AccessLevel, ProcessingStatus
from triptych_api.gitpod.v1.identity_pb import Principal

ORGANIZATION, ADA, BOT, OTHER_ORGANIZATION, BOB, NOBODY = (
    f"a1970000-0000-7000-8000-00000000000{digit}" for digit in "123456"
)
ID = typeid.encode("doc", NOBODY)
WORLD: dict[str, list[dict[str, Any]]] = {
    "organizations": [{"id": ORGANIZATION, "name": "X"}, {"id": OTHER_ORGANIZATION, "name": "Y"}],
    "users": [
        {"id": ADA, "organizationId": ORGANIZATION, "name": "Ada", "role": "ROLE_ADMINISTRATOR"},
        {"id": BOB, "organizationId": OTHER_ORGANIZATION, "name": "Bob"},
    ],
    "serviceAccounts": [{"id": BOT, "organizationId": ORGANIZATION, "name": "Bot"}],
}
LEAST: dict[str, Any] = {"ownerId": ADA, "title": "T", "text": "# T", "fileName": "t.md"}
FROM_FILE: dict[str, Any] = {"ownerId": ADA, "title": "T"}


def seed(*items: dict[str, Any]) -> str:
    """Return a seed file with documents, the first of which stands on line 1."""
    return json.dumps({"documents": list(items), **WORLD})


async def documents(store: Store) -> list[Document]:
    """Return the documents of the first organization, oldest first."""
    query = DocumentQuery(
        audiences=(Audience(Reach.ADMINISTRATOR, ORGANIZATION),),
        viewer_id=ADA,
        sort=DocumentSort.CREATED_AT,
        descending=False,
    )
    async with store.read() as tx:
        return [document for document, _ in (await tx.documents.page(query, None, 100)).rows]


async def content_of(store: Store, document: Document) -> tuple[DocumentVersion, bytes]:
    """Return the current version of a document and its content."""
    async with store.read() as tx:
        version = await tx.document_versions.get(document.current_version_id)
        assert version is not None
        return version, b"".join([chunk async for chunk in tx.contents.chunks(version.id)])


async def test_what_a_document_leaves_out(load_text: LoadText, store: Store) -> None:
    summary = await load_text("a.json", seed(LEAST))
    assert summary.counts["documents"] == 1
    [document] = await documents(store)
    assert uuid.UUID(document.id).version == 7
    ada = SubjectRef(ADA, Principal.USER)
    assert document == Document(
        id=document.id,
        organization_id=ORGANIZATION,
        owner=ada,
        creator=ada,
        title="T",
        access_level=AccessLevel.ORGANIZATION,
        processing_status=ProcessingStatus.READY,
        source_format="markdown",
        current_version_id=document.current_version_id,
        created_at=NOW,
        updated_at=NOW,
        file_bytes=3,
    )
    version, content = await content_of(store, document)
    assert content == b"# T"
    assert version == DocumentVersion(
        id=document.current_version_id,
        document_id=document.id,
        creator=ada,
        created_at=NOW,
        source_format="markdown",
        file_name="t.md",
        size=3,
        content_hash=hashlib.sha256(content).digest(),
        processing_status=ProcessingStatus.READY,
    )


async def test_what_a_document_may_have(load_text: LoadText, store: Store) -> None:
    grants = [
        {"recipientId": BOB.upper(), "role": "DOCUMENT_ROLE_ADMIN", "grantedAt": "1970-01-01T00:00:07Z"},
        {"recipientId": BOT, "role": "DOCUMENT_ROLE_COMMENTER"},
        {"recipientId": OTHER_ORGANIZATION, "role": "DOCUMENT_ROLE_COLLABORATOR"},
    ]
    item = {
        **LEAST,
        "id": ID,
        "ownerId": BOT.upper(),
        "description": "D",
        "accessLevel": "ACCESS_LEVEL_PRIVATE",
        "grants": grants,
        "views": [{"viewerId": BOB.upper(), "viewedAt": "1970-01-01T00:00:09Z"}],
        "createdAt": "1970-01-01T00:00:05Z",
    }
    await load_text("a.json", seed(item))
    [document] = await documents(store)
    assert (document.id, document.owner) == (NOBODY, SubjectRef(BOT, Principal.SERVICE_ACCOUNT))
    assert (document.organization_id, document.description) == (ORGANIZATION, "D")
    assert document.access_level == AccessLevel.PRIVATE
    assert (document.created_at, document.updated_at) == (5 * NANOS, 5 * NANOS)
    assert document.grants == (
        Grant(recipient_id=BOB, role=DocumentRole.ADMIN, granted_at=7 * NANOS),
        Grant(recipient_id=BOT, role=DocumentRole.COMMENTER, granted_at=5 * NANOS),
        Grant(recipient_id=OTHER_ORGANIZATION, role=DocumentRole.COLLABORATOR, granted_at=5 * NANOS),
    )
    async with store.read() as tx:
        assert await tx.views.get(view_id(NOBODY, BOB)) == View(NOBODY, BOB, 9 * NANOS)


@pytest.mark.parametrize(
    ("name", "content", "format", "status"),
    [
        ("a.pdf", files.pdf(), "pdf", ProcessingStatus.READY),
        ("a.docx", files.docx(), "docx", ProcessingStatus.READY),
        ("a.xlsx", files.xlsx(), "xlsx", ProcessingStatus.READY),
        ("a.csv", files.CSV, "csv", ProcessingStatus.READY),
        ("a.md", files.MARKDOWN, "markdown", ProcessingStatus.READY),
        ("short.pdf", files.pdf()[:-9], "pdf", ProcessingStatus.FAILED),
        ("short.docx", files.docx()[:-9], "docx", ProcessingStatus.FAILED),
        ("latin.md", b"J\xfcrgen", "markdown", ProcessingStatus.FAILED),
    ],
)
async def test_files(
    name: str,
    content: bytes,
    format: str,
    status: ProcessingStatus,
    tmp_path: Path,
    load_file: LoadFile,
    store: Store,
) -> None:
    """The path starts in the folder of the seed file, wherever the server was started."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(content)
    path = tmp_path / "a.ndjson"
    lines = [{"document": {**FROM_FILE, "path": f"in/../in/{name}"}}]
    lines += [{"user": WORLD["users"][0]}, {"organization": WORLD["organizations"][0]}]
    path.write_text("\n".join(map(json.dumps, lines)))
    await load_file(path)
    [document] = await documents(store)
    version, stored = await content_of(store, document)
    assert stored == content
    assert (version.file_name, version.size) == (name, len(content))
    assert version.content_hash == hashlib.sha256(content).digest()
    for record in (document, version):
        assert (record.source_format, record.processing_status) == (format, status)


async def test_links_within_the_folder_are_followed(
    tmp_path: Path, load_text: LoadText, store: Store
) -> None:
    """So Kubernetes mounts the files of a volume."""
    (tmp_path / "..data").mkdir()
    (tmp_path / "..data" / "a.md").write_text("x")
    (tmp_path / "a.md").symlink_to("..data/a.md")
    await load_text("a.json", seed({**FROM_FILE, "path": "a.md"}))
    [document] = await documents(store)
    assert (await content_of(store, document))[1] == b"x"


async def test_a_name_that_is_given_wins(tmp_path: Path, load_text: LoadText, store: Store) -> None:
    (tmp_path / "notes").write_text("a,b")
    await load_text("a.json", seed({**FROM_FILE, "path": "notes", "fileName": "a.csv"}))
    [document] = await documents(store)
    assert document.source_format == "csv"
    assert (await content_of(store, document))[0].file_name == "a.csv"


async def test_the_largest_content(load_text: LoadText, store: Store) -> None:
    await load_text("a.json", seed({**LEAST, "text": "x" * MAX_UPLOAD}))
    assert len(await documents(store)) == 1


GRANT = {"recipientId": BOT, "role": "DOCUMENT_ROLE_VIEWER"}
VIEW = {"viewerId": BOT, "viewedAt": "2025-01-01T00:00:00Z"}
NO_FORMAT = "is no pdf, docx or xlsx file, and neither its name nor its type says csv or markdown"
TOO_LARGE = f"the content has {MAX_UPLOAD + 1} bytes, more than the {MAX_UPLOAD} of --max-upload"
LOOPS = "cannot be read: Too many levels of symbolic links"
OUTSIDE = "is not inside the folder of the seed file"

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no owner": (
        {**LEAST, "ownerId": ""},
        "owner_id: must be a UUID such as 01970000-0000-7000-8000-000000000063, and not be empty",
    ),
    "unknown owner": (
        {**LEAST, "ownerId": NOBODY},
        f"owner_id: no user or service account {NOBODY} exists",
    ),
    "no title": ({**LEAST, "title": ""}, "title: must not be empty"),
    "unknown grantee": (
        {**LEAST, "grants": [GRANT, {**GRANT, "recipientId": NOBODY}]},
        f"grants[1].recipient_id: no user, service account or organization {NOBODY} exists",
    ),
    "grantee given twice": (
        {**LEAST, "grants": [GRANT, {**GRANT, "role": 4}]},
        f"grants[1].recipient_id: {BOT} is given twice",
    ),
    "grant without role": (
        {**LEAST, "grants": [{"recipientId": BOT}]},
        (
            "grants[0].role: must be one of DOCUMENT_ROLE_VIEWER, DOCUMENT_ROLE_COMMENTER,"
            " DOCUMENT_ROLE_COLLABORATOR, DOCUMENT_ROLE_ADMIN"
        ),
    ),
    "unknown viewer": (
        {**LEAST, "views": [{**VIEW, "viewerId": ORGANIZATION}]},
        f"views[0].viewer_id: no user or service account {ORGANIZATION} exists",
    ),
    "viewer given twice": (
        {**LEAST, "views": [VIEW, {**VIEW, "viewerId": BOT.upper()}]},
        f"views[1].viewer_id: {BOT.upper()} is given twice",
    ),
    "view without time": (
        {**LEAST, "views": [{"viewerId": BOT}]},
        "views[0].viewed_at: value is required",
    ),
    "id of another kind": (
        {**LEAST, "id": NOBODY},
        "id: must be the id of a document such as doc_01jw000000e00800000000001h",
    ),
    "id in use": (
        {**LEAST, "id": ID},
        f"id: {ID} is given twice, first on line 1",
    ),
    "no content": (FROM_FILE, "content: one of the fields path, text, data is required"),
    "two contents": (
        {**LEAST, "path": "a.md"},
        "path: must not be given together with another field of the oneof content",
    ),
    "empty text": ({**LEAST, "text": ""}, "text: must not be empty"),
    "large text": ({**LEAST, "text": "x" * (MAX_UPLOAD + 1)}, f"text: {TOO_LARGE}"),
    "text without name": ({**FROM_FILE, "text": "x"}, f"text: {NO_FORMAT}"),
    "text of another format": (
        {**LEAST, "text": "<html>"},
        "text: is HTML, not a pdf, docx, xlsx, csv or markdown file",
    ),
    "missing file": (
        {**FROM_FILE, "path": "none.md"},
        "path: none.md cannot be read: No such file or directory",
    ),
    "large file": ({**FROM_FILE, "path": "large.md"}, f"path: {TOO_LARGE}"),
    "empty file": ({**FROM_FILE, "path": "empty.md"}, "path: must be a file that is not empty"),
    "file of another format": ({**FROM_FILE, "path": "a.txt"}, f"path: {NO_FORMAT}"),
    "folder": ({**FROM_FILE, "path": "folder"}, "path: folder is no file"),
    "file in a file": (
        {**FROM_FILE, "path": "a.txt/a.md"},
        "path: a.txt/a.md cannot be read: Not a directory",
    ),
    "absolute path": ({**FROM_FILE, "path": "/etc/passwd"}, f"path: /etc/passwd {OUTSIDE}"),
    "path outside": ({**FROM_FILE, "path": "../out.md"}, f"path: ../out.md {OUTSIDE}"),
    "link outside": ({**FROM_FILE, "path": "link.md"}, f"path: link.md {OUTSIDE}"),
    "link to itself": (
        {**FROM_FILE, "path": "loop.md"},
        "path: loop.md cannot be read: Too many levels of symbolic links",
    ),
    "null character": ({**FROM_FILE, "path": "a\0.md"}, "path: must not hold the character NUL (U+0000)"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of the seed file, with what refused paths lead to."""
    folder = tmp_path / "seed"
    folder.mkdir()
    (tmp_path / "out.md").write_text("x")
    (folder / "folder").mkdir()
    (folder / "link.md").symlink_to("../out.md")
    (folder / "loop.md").symlink_to("loop.md")
    (folder / "empty.md").touch()
    (folder / "a.txt").write_text("x")
    (folder / "large.md").write_bytes(bytes(MAX_UPLOAD + 1))
    return folder


async def is_empty(store: Store) -> bool:
    """Tell whether a store holds nothing of the files of this module."""
    async with store.read() as tx:
        found = [
            await tx.organizations.get(ORGANIZATION),
            await tx.users.get(ADA),
            await tx.service_accounts.get(BOT),
        ]
    return not any(found) and not await documents(store)


@pytest.mark.parametrize("case", REFUSED)
async def test_what_is_refused(case: str, folder: Path, load_file: LoadFile, store: Store) -> None:
    item, expected = REFUSED[case]
    path = folder / "a.json"
    # What stands before it in the file is right, and is not loaded either.
    path.write_text(seed({**LEAST, "id": ID}, item))
    with pytest.raises(SeedError) as error:
        await load_file(path)
    assert str(error.value) == f"{path}:1: documents[1].{expected}"
    assert await is_empty(store)


async def test_lines_are_told(load_text: LoadText, store: Store) -> None:
    text = f"""\
documents:
  - ownerId: {ADA}
    title: T
    fileName: a.md
    grants:
      - recipientId: {NOBODY}
        role: DOCUMENT_ROLE_VIEWER
    text: |
      x
users:
  - {{id: {ADA}, name: Ada}}
organizations:
  - {{id: {ORGANIZATION}, name: X}}
"""
    with pytest.raises(SeedError) as error:
        await load_text("a.yaml", text)
    name = f"user, service account or organization {NOBODY}"
    assert str(error.value) == f"a.yaml:6: documents[0].grants[0].recipient_id: no {name} exists"
    with pytest.raises(SeedError) as error:
        await load_text("a.ndjson", "\n" + json.dumps({"document": {**FROM_FILE, "path": "x"}}))
    assert str(error.value) == "a.ndjson:2: document.path: x cannot be read: No such file or directory"
    assert await is_empty(store)


async def test_an_id_that_is_stored(load_text: LoadText, store: Store) -> None:
    await load_text("a.json", seed({**LEAST, "id": ID}))
    before = await documents(store)
    with pytest.raises(SeedError) as error:
        await load_text("b.json", json.dumps({"documents": [{**LEAST, "id": ID}]}))
    assert str(error.value) == f"b.json:1: documents[0].id: {ID} is in the store already"
    assert await documents(store) == before


@given(st.lists(st.sampled_from([None, *REFUSED]), max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
async def test_all_documents_are_loaded_or_nothing_is(
    folder: Path, validator: RequestValidator, cases: list[str | None]
) -> None:
    """Wherever among right documents a wrong one stands."""
    wrong = any(case for case in cases)
    path = folder / "a.json"
    items = [{**LEAST, "id": ID}, *(REFUSED[case][0] if case else LEAST for case in cases)]
    path.write_text(seed(*items))
    store, clock = MemoryStore(), FixedClock()
    try:
        await load_seed_file(path, store, RandomIds(clock), clock, validator, MAX_UPLOAD)
    except SeedError:
        assert wrong
        assert await is_empty(store)
    else:
        assert not wrong
        assert len(await documents(store)) == len(items)
