"""REST calls of documents, as they are made by hand."""

from __future__ import annotations

from typing import Any

import httpx

DOCUMENTS = "/v1beta/documents"
PDF = b"%PDF-1.4\n%%EOF\n"
FILE = {"payload": ("a.pdf", PDF, "application/pdf")}
ABSENT = "doc_01h2xcejqtf2nbrexx3vqjhp41"


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
