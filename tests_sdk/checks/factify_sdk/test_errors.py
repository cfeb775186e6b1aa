"""What each wrong call ends with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import pytest
from clients import ABSENT_DOCUMENT, FILES, Documents, failure, told, uploaded
from factify import errors
from served import ADMIN_TOKEN, MAX, READ_ONLY_TOKEN, URL, unique

FILE = {"file_name": "a.md", "content": FILES["md"]}
NAIVE = datetime(2025, 1, 1)  # noqa: DTZ001 - the SDK sends it without a zone

BAD_LISTS: list[tuple[dict[str, Any], str, str]] = [
    ({"page_size": 0}, "invalid_field_value", "page_size"),
    ({"page_size": 101}, "invalid_field_value", "page_size"),
    ({"page_size": -(2**31) - 1}, "invalid_field_value", "page_size"),
    ({"page_token": "none of ours"}, "invalid_cursor", "page_token"),
    ({"sort": "title"}, "invalid_field_value", "sort"),
    ({"sort": "--name"}, "invalid_field_value", "sort"),
    ({"created_by_id": ["user_1"]}, "invalid_id_format", "created_by_id"),
    ({"created_after": NAIVE}, "invalid_field_value", "created.after"),
    ({"created_before": NAIVE}, "invalid_field_value", "created.before"),
]


@pytest.mark.parametrize(("arguments", "reason", "param"), BAD_LISTS, ids=str)
async def test_bad_lists(max: Documents, arguments: dict[str, Any], reason: str, param: str) -> None:
    error = await failure(max.list, **arguments)
    assert told(error) == (400, "invalid_argument", [(reason, param)])


BAD_CREATIONS: list[tuple[dict[str, Any], str]] = [
    ({"title": ""}, "title"),
    ({"title": "x" * 256}, "title"),
    ({"description": "x" * 2001}, "description"),
    ({"payload": {"file_name": "a.txt", "content": b"text"}}, "payload"),
    ({"payload": {"file_name": "a.pdf", "content": b"\x89PNG\r\n\x1a\n"}}, "payload"),
    ({"payload": {"file_name": "a.md", "content": b""}}, "payload"),
]


@pytest.mark.parametrize(("arguments", "param"), BAD_CREATIONS)
async def test_bad_creations(max: Documents, arguments: dict[str, Any], param: str) -> None:
    error = await failure(max.create, **{"payload": FILE, "title": "t", **arguments})
    assert (error.status_code, error.data.code) == (400, "invalid_argument")
    assert {detail.param for detail in error.data.details} == {param}


async def test_bad_updates(max: Documents) -> None:
    id = (await uploaded(max, unique("t"))).id
    for arguments in ({"title": ""}, {"title": "x" * 256}, {"description": "x" * 2001}):
        error = await failure(max.update, document_id=id, **arguments)
        assert told(error)[:2] == (400, "invalid_argument")
        assert [detail.param for detail in error.data.details] == list(arguments)


async def test_authentication(connect: Callable[..., Documents]) -> None:
    async with httpx.AsyncClient(base_url=URL, headers={"authorization": f"Bearer {ADMIN_TOKEN}"}) as admin:
        path = "/gitpod.v1.UserService/CreatePersonalAccessToken"
        made = await admin.post(path, json={"userId": MAX, "validFor": "0.000000001s"})
    for token, reason in (("none of ours", "invalid_api_key"), (made.json()["token"], "expired_api_key")):
        error = await failure(connect(token).list)
        assert told(error) == (401, "unauthenticated", [(reason, None)])


async def test_permission_denied(connect: Callable[..., Documents], ada: Documents, max: Documents) -> None:
    id = (await uploaded(ada, unique("hers"))).id
    reader = connect(READ_ONLY_TOKEN)
    for call, arguments in (
        (max.update, {"document_id": id, "title": "mine"}),
        (max.trash, {"document_id": id, "body": {}}),
        (max.untrash, {"document_id": id, "body": {}}),
        (reader.create, {"payload": FILE, "title": "t"}),
    ):
        error = await failure(call, **arguments)
        assert told(error) == (403, "permission_denied", [("insufficient_permissions", None)])


async def test_not_found(max: Documents) -> None:
    for call, arguments in (
        (max.get, {}),
        (max.update, {"title": "t"}),
        (max.trash, {"body": {}}),
        (max.untrash, {"body": {}}),
    ):
        error = await failure(call, document_id=ABSENT_DOCUMENT, **arguments)
        assert told(error) == (404, "not_found", [("resource_not_found", None)])
        error = await failure(call, document_id="doc_1", **arguments)
        assert told(error) == (400, "invalid_argument", [("invalid_id_format", "document_id")])


async def test_what_is_not_served(max: Documents) -> None:
    for owner, name, arguments in (
        (max.sdk.versions, "list", {"document_id": ABSENT_DOCUMENT}),
        (max.sdk.users, "get_me", {}),
        (max.sdk.organizations, "list", {}),
    ):
        error = await failure(max.method(owner, name), **arguments)
        assert told(error) == (404, "not_found", [("resource_not_found", None)])


async def test_another_verb(max: Documents) -> None:
    error = await failure(max.get, document_id=f"{ABSENT_DOCUMENT}/trash")
    assert (type(error), error.status_code) == (errors.FactifyDefaultError, 405)
    assert "POST" in error.headers["allow"].split(", ")
    assert error.raw_response.json()["code"] == "unimplemented"


async def test_too_large(max: Documents) -> None:
    payload = {"file_name": "a.md", "content": b"x" * (2 * 1024 * 1024)}
    error = await failure(max.create, payload=payload, title="t")
    assert (type(error), error.status_code) == (errors.FactifyDefaultError, 413)
    body = error.raw_response.json()
    assert (body["code"], body["details"][0]["reason"]) == ("resource_exhausted", "quota_exceeded")
