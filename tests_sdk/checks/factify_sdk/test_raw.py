"""What the SDK cannot send, and what it hides: plain HTTP."""

from __future__ import annotations

import httpx
import pytest
from clients import ABSENT_DOCUMENT, FILES, PATH, told_raw
from served import MEMBER_TOKEN, URL, unique

ONE = f"{PATH}/{ABSENT_DOCUMENT}"


BAD_QUERIES = [
    ("access_level=PRIVATE", "invalid_enum_value", "access_level"),
    ("access_level=ACCESS_LEVEL_PRIVATE", "invalid_enum_value", "access_level"),
    ("access_level=private&access_level=1", "invalid_enum_value", "access_level"),
    ("access_level=private,public", "invalid_enum_value", "access_level"),
    ("access_level=unspecified", "invalid_enum_value", "access_level"),
    ("processing_status=done", "invalid_enum_value", "processing_status"),
    ("ownership=mine", "invalid_enum_value", "ownership"),
    ("trash_state=all", "invalid_enum_value", "trash_state"),
    ("source_format=PDF", "invalid_field_value", "source_format"),
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


@pytest.mark.parametrize(("query", "reason", "param"), BAD_QUERIES)
async def test_bad_queries(raw: httpx.AsyncClient, query: str, reason: str, param: str) -> None:
    status, code, ((found, name),) = told_raw(await raw.get(f"{PATH}?{query}"))
    assert (status, code, found) == (400, "invalid_argument", reason)
    assert name is not None
    assert name.partition("[")[0] == param


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


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Basic YTpi"])
async def test_no_token(authorization: str | None) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    async with httpx.AsyncClient(base_url=URL, headers=headers) as client:
        for verb, path in (("GET", PATH), ("POST", PATH), ("PATCH", ONE), ("GET", f"{PATH}/doc_1")):
            status, code, ((reason, param),) = told_raw(await client.request(verb, path))
            assert (status, code, param) == (401, "unauthenticated", None)
            assert reason in ("missing_api_key", "invalid_api_key")
            assert reason == "missing_api_key" or authorization is not None


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
    status, code, ((reason, found),) = told_raw(response)
    assert (status, code, reason) == (400, "invalid_argument", "invalid_field_value")
    assert param is None or found == param


async def test_paths_verbs_and_types(raw: httpx.AsyncClient) -> None:
    gone = (404, "not_found", [("resource_not_found", None)])
    for path in ("/v1beta/", "/v1beta/nothing", f"{ONE}/nothing", f"{ONE}/trash/"):
        assert told_raw(await raw.get(path)) == gone
    for verb, path, allowed in (
        ("DELETE", ONE, {"GET", "PATCH"}),
        ("PUT", PATH, {"GET", "POST"}),
        ("GET", f"{ONE}/untrash", {"POST"}),
    ):
        response = await raw.request(verb, path)
        assert told_raw(response) == (405, "unimplemented", [("unimplemented", None)])
        found = {each.strip() for each in response.headers["allow"].split(",")}
        assert found - {"HEAD", "OPTIONS"} == allowed
    response = await raw.patch(ONE, content=b"title: a", headers={"content-type": "text/yaml"})
    assert told_raw(response) == (415, "invalid_argument", [("invalid_field_value", None)])


async def test_the_form_of_answers(raw: httpx.AsyncClient) -> None:
    word = unique("form")
    parts = {"title": (None, word), "payload": ("a.csv", FILES["csv"])}
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
    headers = {"authorization": f"bearer {MEMBER_TOKEN}"}
    response = await raw.get(f"{PATH}/{created['id'].replace('_', '%5F')}", headers=headers)
    assert response.json()["document"]["title"] == word
