"""Document items as records: their files, with whom they are shared and who viewed them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from protobuf.wkt import Timestamp

from triptych.clock import instant
from triptych.documents.changes import document_of
from triptych.documents.examine import examine
from triptych.documents.files import File
from triptych.errors import RpcError, invalid_field
from triptych.ids import Ids
from triptych.seed.contents import document_file, version_contents
from triptych.seed.items import SeedItem
from triptych.seed.references import GivenTwiceError, References, refusing
from triptych.seed.versions import restored
from triptych.store.base import Transaction
from triptych.store.errors import AlreadyExistsError
from triptych.store.records import Document, DocumentRole, DocumentVersion, Grant, Origin, View
from triptych.users.subjects import reference
from triptych_api.triptych.seed.v1.seed_pb import SeedDocument

_MOST_HELD: Final = 8 * 1024 * 1024
"""The bytes of contents that are held before all is written that is held."""


class DocumentWriter:
    """Writes documents as if they had been created, and their contents been checked.

    Args:
        tx: Where to write them.
        references: What they refer to; it was looked up.
        ids: Makes the ids that are left out.
        now: When documents were created that do not say so.
        max_upload: The most bytes that the content of a document may have.
    """

    def __init__(self, tx: Transaction, references: References, ids: Ids, now: int, max_upload: int) -> None:
        self._tx = tx
        self._references = references
        self._ids = ids
        self._now = now
        self._max_upload = max_upload
        self._documents: dict[str, tuple[SeedItem, Document]] = {}
        self._versions: dict[str, tuple[SeedItem, DocumentVersion]] = {}
        self._contents: dict[str, Sequence[bytes]] = {}
        self._views: list[View] = []
        self._held = 0

    async def write(self, items: Sequence[SeedItem]) -> None:
        """Write documents.

        Raises:
            SeedError: Somebody whom one names does not exist, or is given twice; or its content cannot be
                used.
            GivenTwiceError: There is a document of an id already.
        """
        for item in items:
            message = item.message
            assert isinstance(message, SeedDocument)  # noqa: S101 # its kind says so
            file = None if message.current else await self._file(item, message)
            origin = refusing(item, self._origin, message, item.id)
            grants = refusing(item, self._grants, message, origin.created_at)
            views = refusing(item, self._views_of, message, origin.id)
            if file is not None:
                document, versions = self._new(message, origin, file, grants)
            else:
                document, versions = refusing(item, restored, self._references, message, origin, grants)
                for id, data in refusing(item, version_contents, message).items():
                    self._keep(id, data)
            self._documents[document.id] = item, document
            self._views += views
            for field, version in versions.items():
                if version.id in self._versions:
                    raise _given_twice(item, field)
                self._versions[version.id] = item, version
            if self._held > _MOST_HELD:
                await self._flush()
        await self._flush()

    async def _flush(self) -> None:
        """Write what is held."""
        documents, versions, contents, views = self._documents, self._versions, self._contents, self._views
        self._documents, self._versions, self._contents, self._views, self._held = {}, {}, {}, [], 0
        try:
            await self._tx.documents.add(*(document for _, document in documents.values()))
        except AlreadyExistsError as error:
            raise GivenTwiceError(documents[error.id][0]) from None
        try:
            await self._tx.document_versions.add(*(version for _, version in versions.values()))
        except AlreadyExistsError as error:
            raise _given_twice(versions[error.id][0], "current.id") from None
        if contents:
            await self._tx.contents.add(contents)
        if views:
            await self._tx.views.add(*views)

    async def _file(self, item: SeedItem, message: SeedDocument) -> File:
        try:
            return await document_file(message, Path(item.place.file).parent, self._max_upload)
        except RpcError as error:
            raise item.place.refusal(error) from None

    def _origin(self, message: SeedDocument, id: str) -> Origin:
        owner = self._references.subject("owner_id", message.owner_id)
        return Origin(
            id=id or self._ids.new(),
            organization_id=owner.organization_id,
            creator=reference(owner),
            created_at=self._now if message.created_at is None else instant(message.created_at),
        )

    def _new(
        self, message: SeedDocument, origin: Origin, file: File, grants: Sequence[Grant]
    ) -> tuple[Document, Mapping[str, DocumentVersion]]:
        document, version = document_of(
            origin,
            self._ids.new(),
            file,
            title=message.title,
            description=message.description,
            access_level=message.access_level,
            grants=grants,
            examination=examine(file.source_format, file.chunks),
        )
        self._keep(version.id, file.chunks)
        return document, {"": version}

    def _keep(self, version_id: str, chunks: Sequence[bytes]) -> None:
        self._contents[version_id] = chunks
        self._held += sum(map(len, chunks))

    def _grants(self, message: SeedDocument, created_at: int) -> list[Grant]:
        if not message.grants:
            return []
        _require_different("grants[{}].recipient_id", [grant.recipient_id for grant in message.grants])
        for index, grant in enumerate(message.grants):
            id = grant.recipient_id.lower()
            if id not in self._references.found.subjects and id not in self._references.organizations:
                text = f"no user, service account or organization {grant.recipient_id} exists"
                raise invalid_field(f"grants[{index}].recipient_id", text)
        return [
            Grant(
                recipient_id=grant.recipient_id.lower(),
                role=DocumentRole(grant.role),
                granted_at=created_at if grant.granted_at is None else instant(grant.granted_at),
            )
            for grant in message.grants
        ]

    def _views_of(self, message: SeedDocument, document_id: str) -> list[View]:
        if not message.views:
            return []
        _require_different("views[{}].viewer_id", [view.viewer_id for view in message.views])
        return [
            View(
                document_id,
                self._references.subject(f"views[{index}].viewer_id", view.viewer_id).id,
                instant(view.viewed_at or Timestamp()),
            )
            for index, view in enumerate(message.views)
        ]


def _require_different(field: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for index, id in enumerate(ids):
        if id.lower() in seen:
            raise invalid_field(field.format(index), f"{id} is given twice")
        seen.add(id.lower())


def _given_twice(item: SeedItem, field: str) -> Exception:
    return item.place.error(field, "another version has the same id")
