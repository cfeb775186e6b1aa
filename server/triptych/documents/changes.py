"""Changes of documents inside a transaction. Every function checks first and writes last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from triptych.documents import typeid
from triptych.documents.examine import Examination
from triptych.documents.files import File
from triptych.documents.permissions import may_trash, may_update, role_of
from triptych.errors import Reason, failed_precondition, invalid_field, not_found, permission_denied
from triptych.quotas import NO_DOCUMENT_QUOTA, Quota
from triptych.rpc.call import Caller
from triptych.store.base import Transaction
from triptych.store.records import Document, DocumentRole, DocumentVersion, Grant, Origin
from triptych.store.sizes import document_size
from triptych_api.factify.api.v1beta.document_pb import AccessLevel, ProcessingStatus
from triptych_api.factify.api.v1beta.document_service_pb import UpdateDocumentRequest


async def new_document(
    tx: Transaction,
    origin: Origin,
    version_id: str,
    file: File,
    *,
    title: str,
    description: str | None,
    access_level: AccessLevel | None,
    quota: Quota = NO_DOCUMENT_QUOTA,
) -> Document:
    """Add a document of its creator's with its first version, still to be checked, and return it.

    Args:
        tx: Where to add it.
        origin: Its id, who made it and when.
        version_id: The id of the version.
        file: The content.
        title: The title.
        description: The description; empty or None if there is none.
        access_level: Who may view it; unspecified or None for everybody in the organization.
        quota: The quota of its organization.

    Raises:
        RpcError: RESOURCE_EXHAUSTED (QUOTA_EXCEEDED) beyond the quota.
    """
    document, version = document_of(
        origin, version_id, file, title=title, description=description, access_level=access_level
    )
    if quota.restricts:
        quota.check(await tx.documents.held(document.organization_id), document_size(document))
    await tx.contents.write(version.id, file.chunks)
    await tx.documents.create(document, version)
    return document


def document_of(
    origin: Origin,
    version_id: str,
    file: File,
    *,
    title: str,
    description: str | None,
    access_level: AccessLevel | None,
    grants: Sequence[Grant] = (),
    examination: Examination | None = None,
) -> tuple[Document, DocumentVersion]:
    """Return a new document of its creator's and its first version, defaults filled in.

    Args:
        origin: Its id, who made it and when.
        version_id: The id of the version.
        file: The content.
        title: The title.
        description: The description; empty or None if there is none.
        access_level: Who may view it; unspecified or None for everybody in the organization.
        grants: With whom it is shared.
        examination: What is known of the content; None if it has yet to be checked.
    """
    content_hash, status = b"", ProcessingStatus.PROCESSING
    if examination is not None:
        content_hash, status = examination.content_hash, examination.status
    document = Document(
        id=origin.id,
        organization_id=origin.organization_id,
        owner=origin.creator,
        creator=origin.creator,
        title=title,
        description=description or None,
        access_level=access_level or AccessLevel.ORGANIZATION,
        processing_status=status,
        source_format=file.source_format,
        current_version_id=version_id,
        created_at=origin.created_at,
        updated_at=origin.created_at,
        grants=tuple(grants),
        file_bytes=file.size,
    )
    version = DocumentVersion(
        id=version_id,
        document_id=document.id,
        creator=origin.creator,
        created_at=origin.created_at,
        source_format=file.source_format,
        file_name=file.name,
        size=file.size,
        content_hash=content_hash,
        processing_status=status,
    )
    return document, version


async def update(
    tx: Transaction, request: UpdateDocumentRequest, caller: Caller, now: int, quota: Quota
) -> Document:
    """Change what the request sets and return the document; a request that sets nothing changes nothing.

    Raises:
        RpcError: NOT_FOUND, PERMISSION_DENIED, FAILED_PRECONDITION if it is in the trash, or
            RESOURCE_EXHAUSTED (QUOTA_EXCEEDED) beyond the quota of its organization.
    """
    document, role = await visible(tx, request.document_id, caller)
    if not may_update(role):
        raise permission_denied(f"document {request.document_id} is not yours to change")
    if document.trashed_at is not None:
        raise failed_precondition(f"document {request.document_id} is in the trash")
    changed = document
    if request.has_field("title"):
        changed = replace(changed, title=request.title)
    if request.has_field("description"):
        changed = replace(changed, description=request.description or None)
    if changed is document:
        return document
    growth = document_size(changed) - document_size(document)
    if quota.size and growth > 0:
        quota.check(await tx.documents.held(document.organization_id), growth, count=0)
    return await _put(tx, changed, now)


async def trash(tx: Transaction, document_id: str, caller: Caller, now: int) -> None:
    """Move a document to the trash, make it private and drop its grants, unless it is there already.

    Raises:
        RpcError: NOT_FOUND or PERMISSION_DENIED.
    """
    document = await _trashable(tx, document_id, caller)
    if document.trashed_at is None:
        changed = replace(document, trashed_at=now, access_level=AccessLevel.PRIVATE, grants=())
        await _put(tx, changed, now)


async def untrash(tx: Transaction, document_id: str, caller: Caller, now: int) -> None:
    """Take a document out of the trash, if it is there.

    Raises:
        RpcError: NOT_FOUND or PERMISSION_DENIED.
    """
    document = await _trashable(tx, document_id, caller)
    if document.trashed_at is not None:
        await _put(tx, replace(document, trashed_at=None), now)


async def visible(tx: Transaction, document_id: str, caller: Caller) -> tuple[Document, DocumentRole]:
    """Return a document on which the caller has a role, and the role.

    Raises:
        RpcError: NOT_FOUND without a role; INVALID_ARGUMENT if the id can be no document's.
    """
    document = await tx.documents.get(_uuid(document_id))
    role = _role(document, caller)
    if document is None or role is None:
        raise not_found("document", document_id)
    return document, role


async def shown(tx: Transaction, document_id: str, caller: Caller) -> tuple[Document, str | None]:
    """Return a document on which the caller has a role, and the name of whoever created it, if any is left.

    Raises:
        RpcError: As of `visible`.
    """
    found = await tx.documents.shown(_uuid(document_id))
    if found is None or _role(found[0], caller) is None:
        raise not_found("document", document_id)
    return found


def _uuid(document_id: str) -> str:
    try:
        return typeid.decode("doc", document_id)
    except typeid.TypeIdError as error:
        raise invalid_field("document_id", str(error), Reason.INVALID_ID_FORMAT) from None


def _role(document: Document | None, caller: Caller) -> DocumentRole | None:
    if document is None:
        return None
    return role_of(document, caller.subject.id, caller.organization_id, administrator=caller.administrator)


async def _trashable(tx: Transaction, document_id: str, caller: Caller) -> Document:
    document, _ = await visible(tx, document_id, caller)
    if not may_trash(document, caller.id, caller.organization_id, administrator=caller.administrator):
        raise permission_denied(f"document {document_id} is not yours to move to the trash or back")
    return document


async def _put(tx: Transaction, changed: Document, now: int) -> Document:
    changed = replace(changed, updated_at=now, version=changed.version + 1)
    await tx.documents.put(changed)
    return changed
