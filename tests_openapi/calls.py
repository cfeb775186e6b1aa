"""Calls with the client that openapi-python-client makes; its folder is the working directory."""

from __future__ import annotations

import os
from io import BytesIO

from triptych_rest import AuthenticatedClient
from triptych_rest.api.document_service import create_document, get_document, list_documents
from triptych_rest.models import (
    CreateDocumentBody,
    Error,
    ListDocumentsAccessLevelItem,
    ListDocumentsResponse,
    ListDocumentsSort,
)
from triptych_rest.types import File

client = AuthenticatedClient(base_url=os.environ["URL"], token="triptych-admin-token")

file = File(payload=BytesIO(b"# Notes\n"), file_name="notes.md", mime_type="text/markdown")
created = create_document.sync(client=client, body=CreateDocumentBody(title="Made by a client", payload=file))
assert created is not None
assert not isinstance(created, Error), created
assert created.document.source_format == "markdown"

page = list_documents.sync(
    client=client,
    page_size=1,
    query="client",
    access_level=[ListDocumentsAccessLevelItem.ORGANIZATION, ListDocumentsAccessLevelItem.PUBLIC],
    sort=ListDocumentsSort("-created_at"),
)
assert isinstance(page, ListDocumentsResponse), page
assert [each.title for each in page.items] == ["Made by a client"]
assert page.items[0].created_by.name == "Ada Lovelace"

answer = get_document.sync_detailed("doc_01jw000000e0080000000000zz", client=client)
assert answer.status_code == 404
assert isinstance(answer.parsed, Error)
assert [each.reason for each in answer.parsed.details] == ["resource_not_found"]
print("ok")  # noqa: T201 - for the test that runs this
