"""Lists of documents: what a request asks for, and the page that answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from triptych.clock import instant
from triptych.documents import typeid
from triptych.errors import Reason, invalid_field
from triptych.paging import Scalar
from triptych.rpc.call import Caller
from triptych.store.base import DocumentPosition, DocumentQuery, DocumentSort, Transaction
from triptych.store.records import Document, SubjectRef
from triptych_api.factify.api.v1beta.document_pb import DocumentOwnership, DocumentTrashState
from triptych_api.factify.api.v1beta.document_service_pb import ListDocumentsRequest, TimestampFilter
from triptych_api.gitpod.v1.identity_pb import Principal

_DEFAULT_SORT: Final = "-created_at"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: after a position or, backwards, before it.

    A position None is the beginning of the list or, backwards, its end.
    """

    position: DocumentPosition | None
    backwards: bool

    def values(self) -> list[Scalar]:
        """Return what `of` makes the cursor of again."""
        direction = "prev" if self.backwards else "next"
        match self.position:
            case None:
                return [direction]
            case DocumentPosition(None, id):
                return [direction, id]
            case DocumentPosition(int(key), id):
                return [direction, id, key]
            case DocumentPosition((folded, title), id):
                return [direction, id, folded, title]

    @classmethod
    def of(cls, values: Sequence[Any]) -> Cursor:
        """Return the cursor of such values."""
        direction, *rest = values
        match rest:
            case []:
                position = None
            case [id]:
                position = DocumentPosition(None, id)
            case [id, key]:
                position = DocumentPosition(key, id)
            case [id, folded, title]:
                position = DocumentPosition((folded, title), id)
        return cls(position, direction == "prev")


BEGINNING: Final = Cursor(None, backwards=False)


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """A page, and where the ones before and after it begin; None if there are none."""

    documents: Sequence[Document]
    previous: Cursor | None
    next: Cursor | None
