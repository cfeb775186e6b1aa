"""Document items as records: of the document, its version and content, and its views."""

from __future__ import annotations

from protobuf.wkt import Timestamp

from triptych.clock import instant
from triptych.documents.background import write_examination
from triptych.documents.changes import add
from triptych.documents.examine import examine
from triptych.documents.files import File
from triptych.seed.items import SeedItem
from triptych.seed.references import subject
from triptych.store.base import Transaction
from triptych.store.records import Document, DocumentRole, Grant, View
from triptych_api.factify.api.v1beta.document_pb import AccessLevel
from triptych_api.triptych.seed.v1.seed_pb import SeedDocument


async def write_document(
    tx: Transaction,
    item: SeedItem,
    message: SeedDocument,
    file: File,
    id: str,
    version_id: str,
    created_at: int,
) -> None:
    """Write a document as if it had been created, and its content been checked.

    Raises:
        SeedError: The owner, a viewer or somebody whom it is shared with does not exist; or one of the latter
            is given twice.
    """
    owner, organization_id = await subject(tx, item, "owner_id", message.owner_id)
    document = Document(
        id=id,
        organization_id=organization_id,
        owner=owner,
        creator=owner,
        title=message.title,
        description=message.description or None,
        access_level=message.access_level or AccessLevel.ORGANIZATION,
        source_format=file.source_format,
        current_version_id=version_id,
        created_at=created_at,
        updated_at=created_at,
        grants=await _grants(tx, item, message, created_at),
    )
    await add(tx, document, file)
    await write_examination(tx, version_id, examine(file.source_format, file.chunks))
    for view in await _views(tx, item, message, id):
        await tx.views.put(view)


async def _views(tx: Transaction, item: SeedItem, message: SeedDocument, document_id: str) -> list[View]:
    views: dict[str, View] = {}
    for index, given in enumerate(message.views):
        field = f"views[{index}].viewer_id"
        viewer, _ = await subject(tx, item, field, given.viewer_id)
        if viewer.id in views:
            raise item.place.error(field, f"{given.viewer_id} is given twice")
        views[viewer.id] = View(document_id, viewer.id, instant(given.viewed_at or Timestamp()))
    return list(views.values())


async def _grants(
    tx: Transaction, item: SeedItem, message: SeedDocument, created_at: int
) -> tuple[Grant, ...]:
    grants: dict[str, Grant] = {}
    for index, given in enumerate(message.grants):
        field = f"grants[{index}].recipient_id"
        id = given.recipient_id.lower()
        found = await tx.users.get(id) or await tx.service_accounts.get(id) or await tx.organizations.get(id)
        if found is None:
            name = f"user, service account or organization {given.recipient_id}"
            raise item.place.error(field, f"no {name} exists")
        if id in grants:
            raise item.place.error(field, f"{given.recipient_id} is given twice")
        granted_at = created_at if given.granted_at is None else instant(given.granted_at)
        grants[id] = Grant(recipient_id=id, role=DocumentRole(given.role), granted_at=granted_at)
    return tuple(grants.values())
