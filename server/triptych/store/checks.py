"""Whether what a store holds fits together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from triptych.store.base import Transaction

_PAGE: Final = 500


async def check_data(tx: Transaction) -> AsyncIterator[str]:
    """Yield what does not fit: documents without their version, versions without their content."""
    last = ""
    while documents := await tx.documents.following(last, _PAGE):
        versions = await tx.document_versions.get_many([each.current_version_id for each in documents])
        for document in documents:
            version = versions.get(document.current_version_id)
            if version is None:
                yield f"document {document.id}: its version {document.current_version_id} is not there"
            elif version.document_id != document.id:
                yield f"document {document.id}: its version {version.id} is one of {version.document_id}"
        last = documents[-1].id
    last = ""
    while found := await tx.document_versions.following(last, _PAGE):
        for each in found:
            size = 0
            async for chunk in tx.contents.chunks(each.id):
                size += len(chunk)
            if size != each.size:
                yield f"version {each.id}: its content has {size} bytes, not {each.size}"
        last = found[-1].id
