"""What is told of documents to those who show no token."""

from __future__ import annotations

from triptych.documents import typeid
from triptych.errors import Code, Reason, RpcError
from triptych.store.base import Store
from triptych_api.factify.api.v1beta.document_pb import AccessLevel


async def public_title(store: Store, document_id: str) -> str:
    """Return the title of a document that everybody may see.

    Raises:
        RpcError: NOT_FOUND, in the same words whether there is none of that id or not everybody may see it.
    """
    try:
        id = typeid.decode("doc", document_id)
    except typeid.TypeIdError:
        raise _not_found() from None
    async with store.read() as tx:
        document = await tx.documents.get(id)
    if document is None or document.trashed_at is not None or document.access_level != AccessLevel.PUBLIC:
        raise _not_found()
    return document.title


def _not_found() -> RpcError:
    text = "There is no document here that everybody may see. If it was shared with you, call with a token."
    return RpcError(Code.NOT_FOUND, text, reason=Reason.RESOURCE_NOT_FOUND)
