"""REST as its clients see it: paths, verbs, queries, bodies and errors."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from conftest import Server
from support.http import new_http_client
from support.rest_calls import ABSENT, DOCUMENTS, check_error, create

AUTH = {"authorization": "Bearer start-token"}


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """Return a plain HTTP client with a token."""
    async with new_http_client(base_url=server.http, headers=AUTH) as client:
        yield client


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
        ("query=%FF", "invalid_field_value", "query"),
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
    async with new_http_client(base_url=server.http) as http:
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


async def nothing() -> AsyncIterator[bytes]:
    for piece in (b"", b""):
        yield piece


async def blanks() -> AsyncIterator[bytes]:
    for piece in (b" ", b"\r\n"):
        yield piece


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"content": b""},
        {"content": b"", "headers": JSON},
        {"content": b"", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        {"content": b"", "headers": {**JSON, "content-encoding": "gzip"}},
        {"content": b" \r\n\t", "headers": JSON},
        {"content": b" "},
        {"content": gzip.compress(b""), "headers": {**JSON, "content-encoding": "gzip"}},
        {"content": nothing},
        {"content": nothing, "headers": JSON},
        {"content": blanks, "headers": JSON},
        {"content": b"{}", "headers": JSON},
    ],
)
async def test_an_empty_body_is_the_empty_message(http: httpx.AsyncClient, options: dict[str, Any]) -> None:
    document = await create(http)
    path = f"{DOCUMENTS}/{document['id']}"
    made = options.get("content")
    for verb, url in (("POST", f"{path}/trash"), ("POST", f"{path}/untrash"), ("PATCH", path)):
        if callable(made):
            options = {**options, "content": made()}
        response = await http.request(verb, url, **options)
        assert response.status_code == 200, (verb, url, response.text)
    refused = {**options, "content": made()} if callable(made) else options
    response = await http.post(DOCUMENTS, **refused)
    check_error(response, 400, "invalid_argument", "invalid_field_value", "title")


async def test_a_body_that_is_not_empty_is_still_of_a_known_type_and_coding(http: httpx.AsyncClient) -> None:
    path = f"{DOCUMENTS}/{ABSENT}/trash"
    for headers in (
        {"content-type": "text/plain"},
        {"content-encoding": "x"},
        {**JSON, "content-encoding": "x"},
    ):
        assert (await http.post(path, content=b"{}", headers=headers)).status_code == 415
    assert (await http.post(path, headers={"content-encoding": "x"})).status_code == 415
