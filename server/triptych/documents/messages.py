"""The messages of documents: kept in parts for what is read, built anew for what is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Final, NamedTuple

from triptych.clock import timestamp
from triptych.codec.kept import KeptParts, Shelf
from triptych.codec.parts import Composition, Part
from triptych.documents import typeid
from triptych.documents.permissions import STANDINGS, permission_set, shared_at, standings
from triptych.rpc.call import Caller
from triptych.store.base import Transaction
from triptych.store.records import Document, SubjectRef
from triptych_api.factify.api.v1beta import document_pb
from triptych_api.gitpod.v1.identity_pb import Principal

DOCUMENT: Final = Composition(
    document_pb.Document, "created_by", "permission_set", "last_viewed_at", "shared_at"
)
_ID: Final = attrgetter("id")


class _Creator(NamedTuple):
    subject: SubjectRef
    name: str


class DocumentMessages:
    """Builds messages, and keeps the parts of those that were asked for last.

    What depends on the caller, and the name of the creator, which may change, are parts of their own.
    """

    def __init__(self, kept: KeptParts, public_url: str) -> None:
        self._public_url = public_url.rstrip("/")
        self._documents = Shelf[Document](kept, lambda record: DOCUMENT.rest(self._rest(record)))
        self._creators = Shelf[_Creator](kept, lambda value: DOCUMENT.field("created_by", _created_by(value)))
        self._views = Shelf[int](kept, lambda at: DOCUMENT.field("last_viewed_at", timestamp(at)))
        self._shares = Shelf[int](kept, lambda at: DOCUMENT.field("shared_at", timestamp(at)))
        self._permissions = {
            standing: DOCUMENT.field("permission_set", permission_set(standing.role, trash=standing.trash))
            for standing in STANDINGS
        }

    async def changed(self, tx: Transaction, document: Document, caller: Caller) -> document_pb.Document:
        """Return the message for a caller of a document that the transaction changed."""
        details = await tx.documents.details((document,), caller.id)
        message = self._rest(document)
        message.created_by = _created_by(_creator(document.creator, details.names))
        viewer = (caller.id, caller.organization_id)
        [standing] = standings((document,), *viewer, administrator=caller.administrator)
        message.permission_set = permission_set(standing.role, trash=standing.trash)
        shared = shared_at(document, caller.id)
        message.shared_at = None if shared is None else timestamp(shared)
        viewed_at = details.viewed_at.get(document.id)
        message.last_viewed_at = None if viewed_at is None else timestamp(viewed_at)
        return message

    def parts(
        self, documents: Sequence[Document], names: Mapping[str, str], caller: Caller
    ) -> list[Sequence[Part]]:
        """Return the columns of what `Composed` takes, but for `last_viewed_at`.

        Args:
            documents: The documents, as a transaction read them that only reads.
            names: The names of those who created them, by id; those of nobody are left out.
            caller: Who gets them.
        """
        viewer_id, organization_id = caller.subject.id, caller.organization_id
        roles = standings(documents, viewer_id, organization_id, administrator=caller.administrator)
        creators = _creators(documents, names)
        created_by = dict(zip(creators, self._creators.of_values(creators, creators.values()), strict=True))
        columns: list[Sequence[Part]] = [
            self._documents.of_records(documents),
            [created_by[document.creator.id] for document in documents],
            list(map(self._permissions.__getitem__, roles)),
        ]
        shared = [shared_at(document, viewer_id) if document.grants else None for document in documents]
        if shared.count(None) < len(shared):
            columns.append(self._shares.of_values(shared, shared))
        return columns

    def last_views(self, documents: Sequence[Document], viewed_at: Mapping[str, int]) -> Sequence[Part]:
        """Return the column of `last_viewed_at`."""
        views = list(map(viewed_at.get, map(_ID, documents)))
        return self._views.of_values(views, views)

    def _rest(self, document: Document) -> document_pb.Document:
        return document_pb.Document(
            id=typeid.encode("doc", document.id),
            url=f"{self._public_url}/d/{typeid.suffix(document.id)}",
            title=document.title,
            description=document.description,
            access_level=document.access_level,
            processing_status=document.processing_status,
            created_at=timestamp(document.created_at),
            current_version=document_pb.VersionRef(id=typeid.encode("ver", document.current_version_id)),
            updated_at=timestamp(document.updated_at),
            trashed_at=None if document.trashed_at is None else timestamp(document.trashed_at),
            general_access=document.access_level,
            is_demo=document.is_demo,
            owner_organization_id=typeid.encode("org", document.organization_id),
            source_format=document.source_format,
        )


def _created_by(creator: _Creator) -> document_pb.Subject:
    is_user = creator.subject.principal == Principal.USER
    return document_pb.Subject(
        id=typeid.encode("user" if is_user else "bot", creator.subject.id),
        type=document_pb.SubjectType.USER if is_user else document_pb.SubjectType.BOT,
        name=creator.name,
    )


def _creators(documents: Sequence[Document], names: Mapping[str, str]) -> Mapping[str, _Creator]:
    """Return who created the documents, by id."""
    subjects = {document.creator.id: document.creator for document in documents}
    return {id: _creator(subject, names) for id, subject in subjects.items()}


def _creator(subject: SubjectRef, names: Mapping[str, str]) -> _Creator:
    """Return who created a document: no name is left of those that were deleted."""
    kind = "user" if subject.principal == Principal.USER else "bot"
    name = names.get(subject.id)
    return _Creator(subject, f"deleted {kind}" if name is None else name or f"unnamed {kind}")
