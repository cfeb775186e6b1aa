"""Documents of a seed file, as callers find them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from support.api import Api, GrpcTransport, Transport
from support.apps import running_app
from support.failures import fails
from support.http import new_http_client
from support.rest import RestTransport
from triptych.documents import typeid
from triptych_api.factify.api.v1beta.document_pb import AccessLevel, ProcessingStatus

ORGANIZATION, ADA, MAX, MIA = (f"01970000-0000-7000-8000-00000000000{digit}" for digit in "1234")
SHARED, BROKEN = (typeid.encode("doc", f"01970000-0000-7000-8000-00000000001{digit}") for digit in "12")
SEED: dict[str, list[dict[str, Any]]] = {
    "organizations": [{"id": ORGANIZATION, "name": "X"}],
    "users": [
        {"id": ADA, "name": "Ada", "role": "ROLE_ADMINISTRATOR"},
        {"id": MAX, "name": "Max"},
        {"id": MIA, "name": "Mia"},
    ],
    "tokens": [{"userId": id, "secret": id} for id in (ADA, MAX, MIA)],
    "documents": [
        {
            "id": SHARED,
            "ownerId": ADA,
            "title": "Shared",
            "description": "with Max",
            "accessLevel": "ACCESS_LEVEL_PRIVATE",
            "fileName": "a.csv",
            "text": "a,b\n1,2\n",
            "grants": [
                {
                    "recipientId": MAX,
                    "role": "DOCUMENT_ROLE_COLLABORATOR",
                    "grantedAt": "1970-01-01T00:00:02Z",
                }
            ],
            "views": [{"viewerId": MAX, "viewedAt": "1970-01-01T00:00:03Z"}],
            "createdAt": "1970-01-01T00:00:01Z",
        },
        {"id": BROKEN, "ownerId": MIA, "title": "Broken", "path": "a.pdf"},
    ],
}


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the seed file."""
    folder = tmp_path_factory.mktemp("seed")
    (folder / "a.pdf").write_bytes(b"%PDF-1.7\n")
    path = folder / "seed.json"
    path.write_text(json.dumps(SEED))
    return path


@pytest.fixture(scope="module", params=["grpc", "rest"])
async def way(request: pytest.FixtureRequest, seed: Path) -> AsyncIterator[Transport]:
    """Serve the seed file; return a way in."""
    async with (
        running_app(token=None, seed=seed) as app,
        grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc_port}") as channel,
        new_http_client(base_url=f"http://127.0.0.1:{app.http_port}") as http,
    ):
        yield GrpcTransport(channel) if request.param == "grpc" else RestTransport(http)


def seconds(timestamp: Any) -> float:
    return timestamp.ToNanoseconds() / 1e9


async def test_whom_it_was_shared_with_finds_it(way: Transport) -> None:
    listed = (await Api(way, MAX).ListDocuments(sort="-last_shared_at")).items
    assert [item.id for item in listed] == [SHARED, BROKEN]
    document = listed[0]
    assert (document.title, document.description, document.source_format) == ("Shared", "with Max", "csv")
    assert document.access_level == document.general_access == AccessLevel.PRIVATE
    assert document.processing_status == ProcessingStatus.READY
    assert document.created_by.id == typeid.encode("user", ADA)
    assert (document.created_by.name, document.is_demo) == ("Ada", False)
    assert seconds(document.created_at) == seconds(document.updated_at) == 1
    assert seconds(document.shared_at) == 2
    assert seconds(document.last_viewed_at) == 3
    assert document.permission_set.create_version
    assert not document.permission_set.trash
    got = (await Api(way, MAX).GetDocument(document_id=SHARED)).document
    assert seconds(got.last_viewed_at) > 3
    got.last_viewed_at.CopyFrom(document.last_viewed_at)
    assert got == document


async def test_others_see_what_is_theirs(way: Transport) -> None:
    (listed,) = (await Api(way, MIA).ListDocuments()).items
    assert (listed.id, listed.processing_status) == (BROKEN, ProcessingStatus.FAILED)
    assert not listed.HasField("shared_at")
    assert not listed.HasField("last_viewed_at")
    await fails("not_found", Api(way, MIA).GetDocument(document_id=SHARED))


async def test_it_is_changed_like_any_other(way: Transport) -> None:
    await Api(way, MIA).TrashDocument(document_id=BROKEN)
    await Api(way, MIA).UntrashDocument(document_id=BROKEN)
    updated = (await Api(way, MIA).UpdateDocument(document_id=BROKEN, title="Mended")).document
    assert (updated.title, updated.access_level) == ("Mended", AccessLevel.PRIVATE)
