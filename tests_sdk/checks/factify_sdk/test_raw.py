"""What the SDK cannot send, and what it hides: plain HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from clients import ABSENT_DOCUMENT, FILES, PATH
from factify.errors import ErrorResponseData
from served import MEMBER_TOKEN, URL, unique

TITLE = ("title", (None, "A title"))
DESCRIPTION = ("description", (None, "Grüße"))
ACCESS = ("access_level", (None, "private"))
PAYLOAD = ("payload", ("a.csv", FILES["csv"], "text/csv"))
ONE = f"{PATH}/{ABSENT_DOCUMENT}"


def told(response: httpx.Response) -> tuple[int, str, list[tuple[str | None, str | None]]]:
    """Return what an error says, once the model of the SDK has read it."""
    assert response.headers["content-type"] == "application/json"
    error = ErrorResponseData.model_validate_json(response.content)
    assert error.message
    details = [(detail.reason, detail.param) for detail in error.details or []]
    assert all(detail.request_id == response.headers["x-request-id"] for detail in error.details or [])
    return response.status_code, error.code, details


BAD_QUERIES = [
    ("access_level=PRIVATE", "invalid_enum_value", "access_level[0]"),
    ("access_level=ACCESS_LEVEL_PRIVATE", "invalid_enum_value", "access_level[0]"),
    ("access_level=private&access_level=1", "invalid_enum_value", "access_level[1]"),
    ("access_level=private,public", "invalid_enum_value", "access_level[0]"),
    ("access_level=unspecified", "invalid_enum_value", "access_level[0]"),
    ("processing_status=done", "invalid_enum_value", "processing_status[0]"),
    ("ownership=mine", "invalid_enum_value", "ownership[0]"),
    ("trash_state=all", "invalid_enum_value", "trash_state[0]"),
    ("source_format=PDF", "invalid_field_value", "source_format[0]"),
    ("organization_scope=yes", "invalid_field_value", "organization_scope"),
    ("page_size=0", "invalid_field_value", "page_size"),
    ("page_size=101", "invalid_field_value", "page_size"),
    ("page_size=ten", "invalid_field_value", "page_size"),
    ("page_size=", "invalid_field_value", "page_size"),
    ("page_size=1&page_size=2", "invalid_field_value", "page_size"),
    ("page_token=wrong", "invalid_cursor", "page_token"),
    ("created.after=2025-01-01T00:00:00", "invalid_field_value", "created.after"),
    ("created.before=2025-01-01", "invalid_field_value", "created.before"),
    ("created.after=2025-01-01T24:00:00Z", "invalid_field_value", "created.after"),
    ("created.after=2025-01-01T00:00:00.1234567890Z", "invalid_field_value", "created.after"),
    (
        "created.after=2025-01-02T00:00:00Z&created.before=2025-01-01T00:00:00Z",
        "invalid_field_value",
        "created",
    ),
    (f"title_contains={'x' * 256}", "invalid_field_value", "title_contains"),
    (f"description_contains={'x' * 256}", "invalid_field_value", "description_contains"),
    ("limit=5", "invalid_field_value", "limit"),
    ("created_after=2025-01-01T00:00:00Z", "invalid_field_value", "created_after"),
]


@pytest.mark.parametrize(
    ("query", "reason", "param"), BAD_QUERIES, ids=[query[:60] for query, *_ in BAD_QUERIES]
)
async def test_bad_queries(raw: httpx.AsyncClient, query: str, reason: str, param: str) -> None:
    assert told(await raw.get(f"{PATH}?{query}")) == (400, "invalid_argument", [(reason, param)])


@pytest.mark.parametrize(
    "query",
    [
        "page_token=&query=&sort=&title_contains=&description_contains=",
        "created.after=2025-01-01T00:00:00+02:00",  # the blank that the plus sign stands for
        "created%2Eafter=2025-01-01T00%3A00%3A00.123456789Z&created.before=9999-12-31T23:59:59.999999999Z",
        "access_level=private&sort=-name&access_level=public",
        f"title_contains={'%C3%A4' * 255}",
    ],
)
async def test_good_queries(raw: httpx.AsyncClient, query: str) -> None:
    response = await raw.get(f"{PATH}?{query}")
    assert (response.status_code, set(response.json())) == (200, {"items", "pagination"})


@pytest.mark.parametrize(
    "parts",
    [
        [TITLE, ACCESS, DESCRIPTION, PAYLOAD],
        [PAYLOAD, TITLE, ACCESS, DESCRIPTION],
        [TITLE, PAYLOAD, DESCRIPTION, ACCESS],
    ],
    ids=["file-last", "file-first", "file-between"],
)
async def test_parts_in_any_order(raw: httpx.AsyncClient, parts: list[Any]) -> None:
    response = await raw.post(PATH, files=parts)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    document = response.json()["document"]
    assert (document["title"], document["description"]) == ("A title", "Grüße")
    assert (document["access_level"], document["source_format"]) == ("private", "csv")


@pytest.mark.parametrize(
    ("parts", "param", "reason"),
    [
        ([TITLE], "payload", "missing_required_field"),
        ([PAYLOAD], "title", None),
        ([TITLE, PAYLOAD, ("access_level", (None, "Private"))], "access_level", "invalid_enum_value"),
        ([TITLE, PAYLOAD, ("owner", (None, "me"))], "owner", "invalid_field_value"),
        ([TITLE, TITLE, PAYLOAD], "title", "invalid_field_value"),
        ([TITLE, PAYLOAD, ("document_id", (None, ABSENT_DOCUMENT))], "document_id", None),
    ],
    ids=["no-file", "no-title", "enum", "unknown", "twice", "set-by-server"],
)
async def test_bad_parts(raw: httpx.AsyncClient, parts: list[Any], param: str, reason: str | None) -> None:
    status, code, details = told(await raw.post(PATH, files=parts))
    assert (status, code, {found for _, found in details}) == (400, "invalid_argument", {param})
    assert reason is None or reason in {found for found, _ in details}


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic YTpi"])
async def test_no_token(authorization: str | None) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    async with httpx.AsyncClient(base_url=URL, headers=headers) as client:
        for verb, path in (("GET", PATH), ("POST", PATH), ("PATCH", ONE), ("GET", f"{PATH}/doc_1")):
            status, code, ((reason, param),) = told(await client.request(verb, path))
            assert (status, code, param) == (401, "unauthenticated", None)
            assert reason in ("missing_api_key", "invalid_api_key")
            assert reason == "missing_api_key" or authorization


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"{", None),
        (b"[]", None),
        (b'{"title": "a", "title": "b"}', None),
        (b'{"name": "a"}', "name"),
        (b'{"title": 5}', "title"),
        (b'{"title": "\xff"}', None),
    ],
    ids=["cut", "list", "twice", "unknown", "number", "utf-8"],
)
async def test_bad_bodies(raw: httpx.AsyncClient, body: bytes, param: str | None) -> None:
    response = await raw.patch(ONE, content=body, headers={"content-type": "application/json"})
    status, code, ((reason, found),) = told(response)
    assert (status, code, reason) == (400, "invalid_argument", "invalid_field_value")
    assert param is None or found == param


async def test_paths_verbs_and_types(raw: httpx.AsyncClient) -> None:
    gone = (404, "not_found", [("resource_not_found", None)])
    for path in ("/v1beta/", "/v1beta/nothing", f"{ONE}/nothing", f"{ONE}/trash/"):
        assert told(await raw.get(path)) == gone
    for verb, path, allowed in (
        ("DELETE", ONE, {"GET", "PATCH"}),
        ("PUT", PATH, {"GET", "POST"}),
        ("GET", f"{ONE}/untrash", {"POST"}),
    ):
        response = await raw.request(verb, path)
        assert told(response) == (405, "unimplemented", [("unimplemented", None)])
        assert {each.strip() for each in response.headers["allow"].split(",")} - {
            "HEAD",
            "OPTIONS",
        } == allowed
    response = await raw.patch(ONE, content=b"title: a", headers={"content-type": "text/yaml"})
    assert told(response) == (415, "invalid_argument", [("invalid_field_value", None)])


async def test_the_form_of_answers(raw: httpx.AsyncClient) -> None:
    word = unique("form")
    parts = [("title", (None, word)), PAYLOAD]
    created = (await raw.post(PATH, files=parts)).json()["document"]
    response = await raw.get(PATH, params={"query": word, "created.before": created["created_at"]})
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert [item["id"] for item in body["items"]] == [created["id"]], "the bound is exact to the nanosecond"
    assert body["pagination"] == {"has_more": False, "next_page_token": "", "prev_page_token": ""}
    assert created["created_at"].endswith("Z")
    assert not {"description", "trashed_at", "last_viewed_at", "shared_at"} & set(created)
    assert len(created["permission_set"]) == 16
    for verb in ("trash", "untrash"):
        response = await raw.post(f"{PATH}/{created['id']}/{verb}", json={})
        assert (response.status_code, response.json()) == (200, {})
    url = f"{PATH}/{created['id'].replace('_', '%5F')}"
    assert (await raw.get(url, headers={"authorization": f"bearer {MEMBER_TOKEN}"})).json()["document"][
        "title"
    ] == word
