"""REST as its clients see it: paths, verbs, queries, bodies, forms and errors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from conftest import Server

DOCUMENTS = "/v1beta/documents"
AUTH = {"authorization": "Bearer start-token"}
PDF = b"%PDF-1.4\n%%EOF\n"
FILE = {"payload": ("a.pdf", PDF, "application/pdf")}
ABSENT = "doc_01h2xcejqtf2nbrexx3vqjhp41"


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """Return a plain HTTP client with a token."""
    async with httpx.AsyncClient(base_url=server.http, headers=AUTH, trust_env=False) as client:
        yield client


async def create(http: httpx.AsyncClient, **fields: str) -> dict[str, Any]:
    """Create a document by a form."""
    response = await http.post(DOCUMENTS, data={"title": "Report", **fields}, files=FILE)
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()["document"]
    return document


def check_error(response: httpx.Response, status: int, code: str, reason: str, param: str | None) -> None:
    """Check an error in the flat form."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert body["code"] == code
    assert body["message"]
    detail = body["details"][0]
    assert detail["reason"] == reason, body
    assert detail.get("param") == param, body
    assert detail["request_id"] == response.headers["x-request-id"]


async def test_a_document_is_printed_as_published(http: httpx.AsyncClient) -> None:
    document = await create(http, access_level="private")
    assert document["access_level"] == document["general_access"] == "private"
    assert document["processing_status"] in ("processing", "ready", "failed")
    assert document["source_format"] == "pdf"
    assert document["created_by"]["type"] == "user"
    assert len(document["permission_set"]) == 16
    assert document["url"] == f"{http.base_url}/d/{document['id'].removeprefix('doc_')}"
    for absent in ("description", "trashed_at", "last_viewed_at", "shared_at"):
        assert absent not in document
    page = (await http.get(DOCUMENTS, params={"title_contains": "no document is called so"})).json()
    assert page == {
        "items": [],
        "pagination": {"next_page_token": "", "prev_page_token": "", "has_more": False},
    }


@pytest.mark.parametrize("prefix", ["", "/api", "//", "/api//"])
async def test_paths_as_clients_join_them(http: httpx.AsyncClient, prefix: str) -> None:
    assert (await http.get(f"{http.base_url}{prefix}{DOCUMENTS}")).status_code == 200


async def test_head_is_get_without_a_body(http: httpx.AsyncClient) -> None:
    path = f"{DOCUMENTS}/{(await create(http))['id']}"
    head = await http.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 100
    assert (await http.head("/v1beta/nothing")).status_code == 404


@pytest.mark.parametrize(
    ("verb", "path", "status", "allow"),
    [
        ("GET", "/v1beta/nothing", 404, None),
        ("GET", f"{DOCUMENTS}/", 404, None),
        ("GET", f"{DOCUMENTS}/{ABSENT}/nothing", 404, None),
        ("DELETE", DOCUMENTS, 405, "GET, HEAD, POST, OPTIONS"),
        ("GET", f"{DOCUMENTS}/{ABSENT}/trash", 405, "POST, OPTIONS"),
        ("OPTIONS", DOCUMENTS, 204, "GET, HEAD, POST, OPTIONS"),
    ],
)
async def test_unknown_paths_and_verbs(
    http: httpx.AsyncClient, verb: str, path: str, status: int, allow: str | None
) -> None:
    response = await http.request(verb, path)
    assert response.status_code == status
    assert response.headers.get("allow") == allow
    assert response.headers["x-request-id"]
    if status == 404:
        check_error(response, 404, "not_found", "resource_not_found", None)
    if status == 405:
        check_error(response, 405, "unimplemented", "unimplemented", None)


@pytest.mark.parametrize(
    ("query", "reason", "param"),
    [
        ("nothing=1", "invalid_field_value", "nothing"),
        ("page_size=0", "invalid_field_value", "page_size"),
        ("page_size=101", "invalid_field_value", "page_size"),
        ("page_size=x", "invalid_field_value", "page_size"),
        ("page_size=1&page_size=2", "invalid_field_value", "page_size"),
        ("page_token=x", "invalid_cursor", "page_token"),
        (
            "page_token=eyJpZCI6ImRvY18wMWgyeGNlanF0ZjJuYnJleHgzdnFqaHA0MSIsImQiOiJuZXh0In0",
            "invalid_cursor",
            "page_token",
        ),
        ("sort=size", "invalid_field_value", "sort"),
        ("access_level=PRIVATE", "invalid_enum_value", "access_level"),
        ("access_level=ACCESS_LEVEL_PRIVATE", "invalid_enum_value", "access_level"),
        ("access_level=private&access_level=x", "invalid_enum_value", "access_level"),
        ("access_level=unspecified", "invalid_enum_value", "access_level"),
        ("access_level=1", "invalid_enum_value", "access_level"),
        ("source_format=png", "invalid_field_value", "source_format"),
        ("created_by_id=user_1", "invalid_id_format", "created_by_id"),
        ("organization_scope=yes", "invalid_field_value", "organization_scope"),
        ("created.after=2026-01-01T00:00:00", "invalid_field_value", "created.after"),
        ("created.after=yesterday", "invalid_field_value", "created.after"),
        ("created=2026-01-01T00:00:00Z", "invalid_field_value", "created"),
        (
            "created.after=2026-01-02T00:00:00Z&created.before=2026-01-01T00:00:00Z",
            "invalid_field_value",
            "created",
        ),
        (f"title_contains={'x' * 256}", "invalid_field_value", "title_contains"),
        ("query=%FF", "invalid_field_value", None),
    ],
)
async def test_bad_queries_are_named(
    http: httpx.AsyncClient, query: str, reason: str, param: str | None
) -> None:
    check_error(await http.get(f"{DOCUMENTS}?{query}"), 400, "invalid_argument", reason, param)


@pytest.mark.parametrize("offset", ["Z", "+02:00", "%2B02:00", "-02:00", "%2b00:00"])
async def test_offsets_may_be_written_as_people_do(http: httpx.AsyncClient, offset: str) -> None:
    query = f"created.after=0001-01-02T00:00:00.123456789{offset}&created.before=9999-12-30T00:00:00{offset}"
    response = await http.get(f"{DOCUMENTS}?{query}&title_contains=none")
    assert response.status_code == 200, response.text


async def test_bounds_are_inclusive_to_the_nanosecond(http: httpx.AsyncClient) -> None:
    document = await create(http, title="bounds")
    instant = document["created_at"]
    query = {"created.after": instant, "created.before": instant, "title_contains": "bounds"}
    found = (await http.get(DOCUMENTS, params=query)).json()["items"]
    assert [item["id"] for item in found] == [document["id"]]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"", None),
        (b"{", None),
        (b"[]", None),
        (b'{"nothing": 1}', "nothing"),
        (b'{"title": 3}', "title"),
        (b'{"title": ""}', "title"),
        (b'{"title": "' + b"x" * 256 + b'"}', "title"),
        (b'{"title": "a", "title": "b"}', "title"),
        (b'{"title": "\xff"}', None),
        (b'{"document_id": "doc_01h2xcejqtf2nbrexx3vqjhp42"}', "document_id"),
    ],
)
async def test_bad_bodies_are_named(http: httpx.AsyncClient, body: bytes, param: str | None) -> None:
    headers = {"content-type": "application/json"}
    response = await http.patch(f"{DOCUMENTS}/{ABSENT}", content=body, headers=headers)
    check_error(response, 400, "invalid_argument", "invalid_field_value", param)


async def test_bad_ids_and_absent_documents(http: httpx.AsyncClient) -> None:
    response = await http.get(f"{DOCUMENTS}/doc_1")
    check_error(response, 400, "invalid_argument", "invalid_id_format", "document_id")
    check_error(await http.get(f"{DOCUMENTS}/{ABSENT}"), 404, "not_found", "resource_not_found", None)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "missing_api_key"),
        ({"authorization": "Bearer wrong"}, "invalid_api_key"),
        ({"authorization": "start-token"}, "invalid_api_key"),
    ],
)
async def test_authentication(server: Server, headers: dict[str, str], reason: str) -> None:
    async with httpx.AsyncClient(base_url=server.http, trust_env=False) as http:
        response = await http.get(DOCUMENTS, headers=headers)
    check_error(response, 401, "unauthenticated", reason, None)


async def test_other_media_types_are_refused(http: httpx.AsyncClient) -> None:
    for path, media_type in (
        (DOCUMENTS, "text/plain"),
        (f"{DOCUMENTS}/{ABSENT}/trash", "multipart/form-data"),
    ):
        response = await http.post(path, content=b"x", headers={"content-type": media_type})
        check_error(response, 415, "invalid_argument", "invalid_field_value", None)


async def test_a_null_stays_as_it_is_and_an_empty_text_clears(http: httpx.AsyncClient) -> None:
    path = f"{DOCUMENTS}/{(await create(http, description='text'))['id']}"
    kept = (await http.patch(path, json={"title": "New", "description": None})).json()["document"]
    assert (kept["title"], kept["description"]) == ("New", "text")
    cleared = (await http.patch(path, json={"description": ""})).json()["document"]
    assert "description" not in cleared


async def form(http: httpx.AsyncClient, *parts: bytes, end: bytes = b"--b--\r\n") -> httpx.Response:
    """Send a form that is made by hand."""
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + end
    return await http.post(
        DOCUMENTS, content=body, headers={"content-type": "multipart/form-data; boundary=b"}
    )


def part(name: str, content: bytes, extra: str = "") -> bytes:
    """Return a part of a form."""
    return f'Content-Disposition: form-data; name="{name}"{extra}\r\n\r\n'.encode() + content


PAYLOAD = part("payload", PDF, '; filename="a.pdf"')
TITLE = part("title", b"Title")


async def test_parts_in_either_order(http: httpx.AsyncClient) -> None:
    for parts in ((TITLE, PAYLOAD), (PAYLOAD, TITLE)):
        assert (await form(http, *parts)).status_code == 200


END = b"--b--\r\n"
INVALID = "invalid_field_value"
PROGRAM = part("payload", b"MZ\x90\0", '; filename="a.pdf"')
NO_PDF = part("payload", b"text", '; filename="a.pdf"')


@pytest.mark.parametrize(
    ("parts", "end", "reason", "param"),
    [
        ([TITLE], END, "missing_required_field", "payload"),
        ([TITLE, part("payload", b"")], END, "missing_required_field", "payload"),
        ([TITLE, PAYLOAD, PAYLOAD], END, INVALID, "payload"),
        ([TITLE, TITLE, PAYLOAD], END, INVALID, "title"),
        ([PAYLOAD], END, INVALID, "title"),
        ([part("title", b""), PAYLOAD], END, INVALID, "title"),
        ([part("title", b"x" * 256), PAYLOAD], END, INVALID, "title"),
        ([TITLE, PAYLOAD, part("access_level", b"PUBLIC")], END, "invalid_enum_value", "access_level"),
        ([TITLE, PAYLOAD, part("nothing", b"")], END, INVALID, "nothing"),
        ([TITLE, PAYLOAD, part("payload_key", b"x")], END, INVALID, "payload_key"),
        ([TITLE, b"X: y\r\n\r\nz"], END, INVALID, None),
        ([TITLE, PAYLOAD], b"", INVALID, None),
        ([TITLE, PROGRAM], END, INVALID, "payload"),
        ([TITLE, NO_PDF], END, INVALID, "payload"),
    ],
)
async def test_bad_forms_are_named(
    http: httpx.AsyncClient, parts: list[bytes], end: bytes, reason: str, param: str | None
) -> None:
    before = (await http.get(DOCUMENTS)).json()
    check_error(await form(http, *parts, end=end), 400, "invalid_argument", reason, param)
    assert (await http.get(DOCUMENTS)).json() == before


async def test_an_upload_that_says_it_is_too_large_is_not_read(server: Server) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.app.http.port)
    writer.write(
        f"POST {DOCUMENTS} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer start-token\r\n"
        "content-type: multipart/form-data; boundary=b\r\ncontent-length: 100000000000\r\n\r\n".encode()
    )
    status = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    assert status.startswith(b"HTTP/1.1 413")


async def test_a_file_over_the_limit_is_refused_on_the_way(http: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b"--b\r\n" + part("payload", b"")
        for _ in range(60):
            yield b"x" * 2**20

    headers = {"content-type": "multipart/form-data; boundary=b"}
    response = await http.post(DOCUMENTS, content=endless(), headers=headers)
    check_error(response, 413, "resource_exhausted", "quota_exceeded", None)


async def test_a_client_that_goes_away_leaves_nothing(server: Server, http: httpx.AsyncClient) -> None:
    before = (await http.get(DOCUMENTS)).json()
    _, writer = await asyncio.open_connection("127.0.0.1", server.app.http.port)
    body = b"--b\r\n" + TITLE + b"\r\n--b\r\n" + PAYLOAD
    head = (
        f"POST {DOCUMENTS} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer start-token\r\n"
        "x-request-id: gone-2\r\ncontent-type: multipart/form-data; boundary=b\r\n"
        f"content-length: {len(body) + 99}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    writer.close()
    assert (await server.log.line("gone-2"))["code"] == "canceled"
    assert (await http.get(DOCUMENTS)).json() == before


async def test_the_deadline_header(http: httpx.AsyncClient) -> None:
    late = await http.get(DOCUMENTS, headers={"x-server-timeout": "0"})
    check_error(late, 408, "deadline_exceeded", "service_unavailable", None)
    bad = await http.get(DOCUMENTS, headers={"x-server-timeout": "soon"})
    check_error(bad, 400, "invalid_argument", "invalid_field_value", None)
    assert (await http.get(DOCUMENTS, headers={"x-server-timeout": "30"})).status_code == 200


async def test_large_answers_are_compressed(http: httpx.AsyncClient) -> None:
    await create(http)
    response = await http.get(DOCUMENTS, headers={"accept-encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert json.loads(response.text)["items"]
