"""The messages of documents: built once for each version of a document, completed for each caller."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from copy import copy
from typing import Final

from triptych.clock import timestamp
from triptych.documents import typeid
from triptych.documents.permissions import may_trash, permission_set, role_of, shared_at
from triptych.rpc.call import Caller
from triptych.store.base import Transaction
from triptych.store.records import Document, SubjectRef, view_id
from triptych_api.factify.api.v1beta import document_pb
from triptych_api.gitpod.v1.identity_pb import Principal

_KEPT: Final = 4096


class DocumentMessages:
    """Builds messages, and keeps what is the same for everyone of those that were asked for last."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url.rstrip("/")
        self._kept: OrderedDict[str, tuple[Document, str, document_pb.Document]] = OrderedDict()

    async def one(self, tx: Transaction, document: Document, caller: Caller) -> document_pb.Document:
        """Return the message of a document for a caller."""
        return (await self.many(tx, [document], caller))[0]

    async def many(
        self, tx: Transaction, documents: Sequence[Document], caller: Caller
    ) -> list[document_pb.Document]:
        """Return the messages of documents for a caller."""
        names: dict[str, str] = {}
        messages = []
        for document in documents:
            creator = document.creator
            if creator.id not in names:
                names[creator.id] = await _name(tx, creator)
            view = await tx.views.get(view_id(document.id, caller.id))
            message = copy(self._for_everyone(document, names[creator.id]))
            _complete(message, document, caller, view.viewed_at if view else None)
            messages.append(message)
        return messages

    def _for_everyone(self, document: Document, creator_name: str) -> document_pb.Document:
        kept = self._kept.get(document.id)
        if kept is not None and kept[0] is document and kept[1] == creator_name:
            self._kept.move_to_end(document.id)
            return kept[2]
        message = _message(document, creator_name, self._public_url)
        self._kept[document.id] = (document, creator_name, message)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return message


def _message(document: Document, creator_name: str, public_url: str) -> document_pb.Document:
    is_user = document.creator.principal == Principal.USER
    return document_pb.Document(
        id=typeid.encode("doc", document.id),
        url=f"{public_url}/d/{typeid.suffix(document.id)}",
        title=document.title,
        description=document.description,
        access_level=document.access_level,
        processing_status=document.processing_status,
        created_at=timestamp(document.created_at),
        created_by=document_pb.Subject(
            id=typeid.encode("user" if is_user else "bot", document.creator.id),
            type=document_pb.SubjectType.USER if is_user else document_pb.SubjectType.BOT,
            name=creator_name,
        ),
        current_version=document_pb.VersionRef(id=typeid.encode("ver", document.current_version_id)),
        updated_at=timestamp(document.updated_at),
        trashed_at=None if document.trashed_at is None else timestamp(document.trashed_at),
        general_access=document.access_level,
        is_demo=document.is_demo,
        owner_organization_id=typeid.encode("org", document.organization_id),
        source_format=document.source_format,
    )


def _complete(
    message: document_pb.Document, document: Document, caller: Caller, viewed_at: int | None
) -> None:
    """Set what depends on the caller."""
    viewer = (document, caller.id, caller.organization_id)
    role = role_of(*viewer, administrator=caller.administrator)
    trash = may_trash(*viewer, administrator=caller.administrator)
    message.permission_set = permission_set(role, trash=trash)
    shared = shared_at(document, caller.id)
    message.shared_at = None if shared is None else timestamp(shared)
    message.last_viewed_at = None if viewed_at is None else timestamp(viewed_at)


async def _name(tx: Transaction, subject: SubjectRef) -> str:
    """Return the name of whoever created a document; there is none left of those that were deleted."""
    if subject.principal == Principal.USER:
        user = await tx.users.get(subject.id)
        return (user.name or "unnamed user") if user else "deleted user"
    account = await tx.service_accounts.get(subject.id)
    return (account.name or "unnamed bot") if account else "deleted bot"
