"""Lists of documents: what a request asks for, and the page that answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from operator import itemgetter
from typing import Any, Final, Literal

from triptych.clock import instant
from triptych.codec.composed import fitting
from triptych.codec.parts import Part
from triptych.documents import typeid
from triptych.documents.permissions import audiences
from triptych.errors import Reason, invalid_field
from triptych.paging import Scalar
from triptych.rpc.call import Caller
from triptych.store.base import Transaction
from triptych.store.queries import DocumentDetails, DocumentPosition, DocumentQuery, DocumentSort
from triptych.store.records import Document, SubjectRef
from triptych_api.factify.api.v1beta.document_pb import DocumentOwnership, DocumentTrashState
from triptych_api.factify.api.v1beta.document_service_pb import ListDocumentsRequest
from triptych_api.gitpod.v1.identity_pb import Principal

_DEFAULT_SORT: Final = "-created_at"
_SORT_NAMES: Final = {sort: sort.value for sort in DocumentSort}
_SORTS: Final = {
    sign + name: (sort, descending)
    for sort, name in _SORT_NAMES.items()
    for sign, descending in (("", False), ("-", True))
}


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
        if self.position is None:
            return [direction]
        key, id = self.position.key, self.position.id
        if key is None:
            return [direction, id]
        return [direction, id, *key] if isinstance(key, tuple) else [direction, id, key]

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
    """A page.

    Attributes:
        rows: The documents, and where they stand.
        before: Whether there are more before it.
        after: Whether there are more after it.
        backwards: Whether it was read backwards: then what does not fit is left out at its beginning.
        details: What is shown with the documents.
    """

    rows: Sequence[tuple[Document, DocumentPosition]]
    before: bool
    after: bool
    backwards: bool
    details: DocumentDetails

    @property
    def documents(self) -> Sequence[Document]:
        """The documents."""
        return list(map(itemgetter(0), self.rows))

    @property
    def previous(self) -> Cursor | None:
        """Where the page before it ends; None if there is none."""
        return Cursor(self.rows[0][1] if self.rows else None, backwards=True) if self.before else None

    @property
    def next(self) -> Cursor | None:
        """Where the page after it begins; None if there is none."""
        return Cursor(self.rows[-1][1] if self.rows else None, backwards=False) if self.after else None

    def fitting(self, columns: Sequence[Sequence[Part]], limit: int) -> slice:
        """Return which rows fit into a reply of so many bytes, given the parts of their messages."""
        if self.backwards:
            return slice(-fitting([column[::-1] for column in columns], limit) if self.rows else 0, None)
        return slice(0, fitting(columns, limit))

    def cut(self, fits: slice) -> DocumentPage:
        """Return a page of some of its rows."""
        if self.backwards:
            return replace(self, rows=self.rows[fits], before=True)
        return replace(self, rows=self.rows[fits], after=True)


def query_of(request: ListDocumentsRequest, caller: Caller) -> DocumentQuery:
    """Return what a request asks for.

    Raises:
        RpcError: INVALID_ARGUMENT if an id can be nobody's.
    """
    created = request.created
    sort, descending = _SORTS[request.sort or _DEFAULT_SORT]
    return DocumentQuery(
        audiences=audiences(caller.subject.id, caller.organization_id, administrator=caller.administrator),
        viewer_id=caller.subject.id,
        created_after=None if created is None or created.after is None else instant(created.after),
        created_before=None if created is None or created.before is None else instant(created.before),
        creators=tuple(map(_subject, count(), request.created_by_id)),
        access_levels=tuple(request.access_level),
        processing_statuses=tuple(request.processing_status),
        owned=_only(request.ownership, DocumentOwnership.OWNED),
        trashed=_only(request.trash_state or [DocumentTrashState.ACTIVE], DocumentTrashState.TRASHED),
        organization_id=caller.organization_id if request.organization_scope else "",
        query=request.query,
        title_contains=request.title_contains,
        description_contains=request.description_contains,
        source_formats=tuple(request.source_format),
        sort=sort,
        descending=descending,
    )


def fingerprint(query: DocumentQuery) -> bytes:
    """Return what page tokens are bound to beside the caller: the filters, however often or in which order.

    What the caller may see is no filter: a token survives that the caller becomes an administrator.
    """
    return repr(
        (
            query.viewer_id,
            query.created_after,
            query.created_before,
            sorted({(each.id, int(each.principal)) for each in query.creators}) if query.creators else (),
            sorted(set(map(int, query.access_levels))),
            sorted(set(map(int, query.processing_statuses))),
            query.owned,
            query.trashed,
            query.organization_id,
            query.query,
            query.title_contains,
            query.description_contains,
            sorted(set(query.source_formats)),
            _SORT_NAMES[query.sort],
            query.descending,
        )
    ).encode()


async def read_page(tx: Transaction, query: DocumentQuery, cursor: Cursor, size: int) -> DocumentPage:
    """Return a page of up to `size` documents."""
    if cursor.backwards:
        rows, behind, details = await tx.documents.page(query, cursor.position, size + 1, backwards=True)
        if rows:
            return DocumentPage(
                rows[-size:], before=len(rows) > size, after=behind, backwards=True, details=details
            )
        cursor = BEGINNING  # what was before the position is gone: the list begins here
    rows, behind, details = await tx.documents.page(query, cursor.position, size + 1)
    return DocumentPage(rows[:size], before=behind, after=len(rows) > size, backwards=False, details=details)


def _subject(index: int, id: str) -> SubjectRef:
    prefix: Literal["user", "bot"] = "user" if id.startswith("user_") else "bot"
    try:
        uuid = typeid.decode(prefix, id)
    except typeid.TypeIdError as error:
        raise invalid_field(f"created_by_id[{index}]", str(error), Reason.INVALID_ID_FORMAT) from None
    return SubjectRef(uuid, Principal.USER if prefix == "user" else Principal.SERVICE_ACCOUNT)


def _only(given: Sequence[int], wanted: int) -> bool | None:
    """Return whether one of two states is asked for, or the other; None for both and for none."""
    found = set(given)
    return wanted in found if len(found) == 1 else None
