"""Documents whose versions are known, as an export tells them: made as they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from protobuf.wkt import Timestamp

from triptych.clock import instant
from triptych.errors import invalid_field
from triptych.seed.references import References
from triptych.store.records import Document, DocumentVersion, Grant, Origin
from triptych.users.subjects import reference
from triptych_api.factify.api.v1beta.document_pb import AccessLevel, ProcessingStatus
from triptych_api.triptych.seed.v1.seed_pb import SeedDocument, SeedDocumentVersion


def restored(
    references: References, message: SeedDocument, origin: Origin, grants: Sequence[Grant]
) -> tuple[Document, Mapping[str, DocumentVersion]]:
    """Return a document and the versions that its message tells, by the fields of their ids.

    Args:
        references: What the document refers to; it was looked up.
        message: The document; `current` is set.
        origin: Its id, its owner and when it was created.
        grants: With whom it is shared.

    Raises:
        RpcError: A creator does not exist, or the content is given as anything but bytes.
    """
    told = message.current
    if told is None or message.content is None or message.content.field != "data":
        raise invalid_field("data", "must be given with `current`")
    current = _version(references, "current", told, origin.id)
    creator = origin.creator
    if message.creator_id:
        creator = reference(references.subject("creator_id", message.creator_id))
    document = Document(
        id=origin.id,
        organization_id=origin.organization_id,
        owner=origin.creator,
        creator=creator,
        title=message.title,
        description=message.description or None,
        access_level=message.access_level or AccessLevel.ORGANIZATION,
        processing_status=current.processing_status,
        source_format=current.source_format,
        current_version_id=current.id,
        created_at=origin.created_at,
        updated_at=origin.created_at if message.updated_at is None else instant(message.updated_at),
        trashed_at=None if message.trashed_at is None else instant(message.trashed_at),
        is_demo=message.is_demo,
        grants=tuple(grants),
        file_bytes=told.size + sum(each.size for each in message.versions),
        version=message.version or 1,
    )
    versions = {"current.id": current}
    for index, each in enumerate(message.versions):
        versions[f"versions[{index}].id"] = _version(references, f"versions[{index}]", each, origin.id)
    return document, versions


def _version(
    references: References, field: str, message: SeedDocumentVersion, document_id: str
) -> DocumentVersion:
    creator = references.subject(f"{field}.creator_id", message.creator_id)
    return DocumentVersion(
        id=message.id.lower(),
        document_id=document_id,
        creator=reference(creator),
        created_at=instant(message.created_at or Timestamp()),
        source_format=message.source_format,
        file_name=message.file_name,
        size=message.size,
        title=message.title if message.has_field("title") else None,
        description=message.description if message.has_field("description") else None,
        content_hash=message.content_hash,
        processing_status=message.status or ProcessingStatus.PROCESSING,
    )
