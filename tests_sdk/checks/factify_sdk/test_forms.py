"""Uploads whose parts the SDK cannot send, or not in this order."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from clients import ABSENT_DOCUMENT, FILES, PATH, told_raw

TITLE = ("title", (None, "A title"))
DESCRIPTION = ("description", (None, "Grüße"))
ACCESS = ("access_level", (None, "private"))
PAYLOAD = ("payload", ("a.csv", FILES["csv"], "text/csv"))


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
    status, code, details = told_raw(await raw.post(PATH, files=parts))
    assert (status, code, {found for _, found in details}) == (400, "invalid_argument", {param})
    assert reason is None or reason in {found for found, _ in details}
