"""One way to write a check for the sync and the async methods of the SDK."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from inspect import isawaitable, signature
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import httpx
import pytest
from factify import Factify, errors
from factify.documents import Documents as SdkDocuments

PATH = "/v1beta/documents"
ABSENT_DOCUMENT = "doc_01h2xcejqtf2nbrexx3vqjhp41"
MOST = 250  # calls that one check makes in a loop

# The older of the two releases has none of these.
NEWER_PARAMETERS = {"title_contains", "description_contains", "source_format"}
IS_OLDER = not NEWER_PARAMETERS & set(signature(SdkDocuments.list).parameters)


class Documents:
    """`documents` of the SDK: each method is awaited, in the sync form, too."""

    def __init__(self, sdk: Factify, form: str) -> None:
        self.sdk = sdk
        self._suffix = "_async" if form == "async" else ""

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        return self.method(self.sdk.documents, name)

    def method(self, owner: Any, name: str) -> Callable[..., Awaitable[Any]]:
        """Return a method of another part of the SDK."""
        method = getattr(owner, name + self._suffix)

        async def call(**arguments: Any) -> Any:
            return await done(method(**arguments))

        return call


async def done(value: Any) -> Any:
    """Return what a call gave, once the async form has it."""
    return await value if isawaitable(value) else value


async def pages(documents: Documents, **arguments: Any) -> list[Any]:
    """Return all pages, as `next()` gives them."""
    response = await documents.list(**arguments)
    found = []
    while response is not None:
        assert len(found) < MOST
        found.append(response.result)
        response = await done(response.next())
    return found


async def listed(documents: Documents, **arguments: Any) -> list[str]:
    """Return the ids of all pages."""
    return [item.id for page in await pages(documents, **arguments) for item in page.items]


async def failure(call: Callable[..., Awaitable[Any]], **arguments: Any) -> Any:
    """Return the error that a call ends with, which the SDK must have been able to read."""
    request_id = uuid4().hex
    headers = {"x-request-id": request_id, **arguments.pop("http_headers", {})}
    with pytest.raises(errors.FactifyError) as caught:
        await call(http_headers=headers, **arguments)
    error = caught.value
    assert type(error) in (errors.ErrorResponse, errors.FactifyDefaultError)
    assert error.headers["content-type"] == "application/json"
    if isinstance(error, errors.ErrorResponse):
        assert error.data.message
        assert {detail.request_id for detail in error.data.details} == {request_id}
    return error


def told(error: errors.ErrorResponse) -> tuple[int, str, list[tuple[str | None, str | None]]]:
    """Return status, code and, for each detail, reason and param of an error."""
    details = [(detail.reason, detail.param) for detail in error.data.details or []]
    return error.status_code, error.data.code, details


def told_raw(response: httpx.Response) -> tuple[int, str, list[tuple[str | None, str | None]]]:
    """Return what an error says, once the model of the SDK has read it."""
    assert response.headers["content-type"] == "application/json"
    error = errors.ErrorResponseData.model_validate_json(response.content)
    assert error.message
    details = [(detail.reason, detail.param) for detail in error.details or []]
    assert all(detail.request_id == response.headers["x-request-id"] for detail in error.details or [])
    return response.status_code, error.code, details


async def uploaded(documents: Documents, title: str, name: str = "a.md", **fields: Any) -> Any:
    """Create a document from a file of the format that the name has; return it as it was right after that."""
    content = fields.pop("content", None) or FILES[name.rpartition(".")[2]]
    payload = {"file_name": name, "content": content}
    return (await documents.create(payload=payload, title=title, **fields)).result.document


async def processed(documents: Documents, id: str) -> Any:
    """Return a document once its content is checked."""
    for _ in range(MOST):
        document = (await documents.get(document_id=id)).result.document
        if document.processing_status != "processing":
            return document
    raise AssertionError(f"{id} is still being processed")


def _archive(*names: str) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        for name in ("[Content_Types].xml", *names):
            archive.writestr(name, "<x/>")
    return file.getvalue()


FILES = {
    "pdf": b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n",
    "docx": _archive("word/document.xml"),
    "xlsx": _archive("xl/workbook.xml"),
    "csv": b"a,b\n1,2\n",
    "md": "# Überschrift\n".encode(),
}
