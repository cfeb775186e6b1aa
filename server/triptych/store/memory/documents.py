"""Documents: by id, and in pages of what a viewer gets listed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any, Final

from triptych.store.memory.document_order import ANY, Span, at_once, rank, walk, walk_ids, walk_viewed
from triptych.store.memory.document_rows import DocumentRows, ViewRows, last_grants, name_key
from triptych.store.memory.index import Postings
from triptych.store.memory.plan import Filter, Order, find_page, in_any, positions, unindexed
from triptych.store.memory.reach import reached, reaches
from triptych.store.memory.table import MemoryTable, Rows
from triptych.store.memory.texts import either
from triptych.store.memory.transaction import UnitOfWork
from triptych.store.queries import (
    DocumentDetails,
    DocumentPosition,
    DocumentQuery,
    DocumentSlice,
    DocumentSort,
    Held,
    Reach,
    fold_text,
)
from triptych.store.records import Document, DocumentVersion, ServiceAccount, SubjectRef, User
from triptych_api.gitpod.v1.identity_pb import Principal

Key = Callable[[str], Any]

_CREATED_AT: Final = attrgetter("created_at")
_UPDATED_AT: Final = attrgetter("updated_at")


class Beside:
    """The tables that documents are shown with."""

    __slots__ = ("service_accounts", "users", "versions", "views")

    def __init__(
        self,
        users: Rows[User],
        service_accounts: Rows[ServiceAccount],
        versions: Rows[DocumentVersion],
        views: ViewRows,
    ) -> None:
        self.users = users
        self.service_accounts = service_accounts
        self.versions = versions
        self.views = views

    def name(self, subject: SubjectRef) -> str | None:
        """Return the name of a user or service account; None if there is none."""
        found = (self.users if subject.principal == Principal.USER else self.service_accounts).records
        record = found.get(subject.id)
        return None if record is None else record.name


class MemoryDocuments(MemoryTable[Document]):
    """Documents, for one transaction."""

    __slots__ = ("_beside",)

    _rows: DocumentRows

    def __init__(self, rows: DocumentRows, beside: Beside, work: UnitOfWork) -> None:
        self._rows = rows
        self._work = work
        self._beside = beside

    async def create(self, document: Document, version: DocumentVersion) -> None:
        """Add a document together with its first version.

        Raises:
            ReadOnlyError: The transaction is for reading only.
            AlreadyExistsError: There is one of that id already.
        """
        async with self._work.savepoint():
            await MemoryTable(self._beside.versions, self._work).add(version)
            await self.add(document)

    async def shown(self, id: str) -> tuple[Document, str | None] | None:
        """Return a document, and the name of whoever created it: None if that is nobody's any more."""
        if not self._work.open:
            self._work.check_open()
        document = self._rows.records.get(id)
        return None if document is None else (document, self._beside.name(document.creator))

    async def details(self, documents: Sequence[Document], viewer_id: str) -> DocumentDetails:
        """Return what is shown with documents: names of creators, and when the viewer saw them."""
        if not self._work.open:
            self._work.check_open()
        return self._details(documents, viewer_id)

    async def page(
        self, query: DocumentQuery, start: DocumentPosition | None, limit: int, *, backwards: bool = False
    ) -> DocumentSlice:
        """Return up to `limit` documents that follow `start`, or come before it, in order."""
        if not self._work.open:
            self._work.check_open()
        rows = await self._page(query, start, limit, backwards)
        behind = False
        if start is not None:
            edge = rows[-1 if backwards else 0][1] if rows else None
            behind = bool(await self._page(query, edge, 1, not backwards))
        return DocumentSlice(rows, behind, self._details(list(map(itemgetter(0), rows)), query.viewer_id))

    async def held(self, organization_id: str) -> Held:
        """Return how many documents an organization has, and how large they are together."""
        self._work.check_open()
        return self._rows.held.of(organization_id)

    def _details(self, documents: Sequence[Document], viewer_id: str) -> DocumentDetails:
        creators = {document.creator.id: document.creator for document in documents}
        names, viewed_at = {}, {}
        for id, subject in creators.items():
            if (name := self._beside.name(subject)) is not None:
                names[id] = name
        instants = self._beside.views.last.of(viewer_id)
        if instants:
            for document in documents:
                if (instant := instants.get(document.id)) is not None:
                    viewed_at[document.id] = instant
        return DocumentDetails(names, viewed_at)

    async def _page(
        self, query: DocumentQuery, start: DocumentPosition | None, limit: int, backwards: bool
    ) -> Sequence[tuple[Document, DocumentPosition]]:
        key = self._key(query)
        filters = self._filters(query)
        if query.sort not in self._rows.sorted:
            filters.append(self._visible(query))
        order = Order(
            # Filters may pass over some.
            self._following(query, start, key, 2 * limit if filters else limit, backwards),
            lambda id: rank(key(id), id, descending=query.descending),
            None if start is None else rank(start.key, start.id, descending=query.descending),
            query.descending != backwards,
            partial(self._holds, query),
        )
        ids = await find_page(self._work.lock, order, filters, limit)
        if backwards:
            ids = ids[::-1]
        documents = list(map(self._rows.records.__getitem__, ids))
        keys: Iterable[Any] = map(key, ids)
        if query.sort is DocumentSort.CREATED_AT:
            keys = map(_CREATED_AT, documents)
        elif query.sort is DocumentSort.UPDATED_AT:
            keys = map(_UPDATED_AT, documents)
        found = positions(DocumentPosition, zip(keys, ids, strict=True))
        return list(zip(documents, found, strict=True))

    def _key(self, query: DocumentQuery) -> Key:
        records, viewer_id = self._rows.records, query.viewer_id
        match query.sort:
            case DocumentSort.CREATED_AT:
                return lambda id: records[id].created_at
            case DocumentSort.UPDATED_AT:
                return lambda id: records[id].updated_at
            case DocumentSort.NAME:
                return lambda id: name_key(records[id])
            case DocumentSort.LAST_VIEWED_AT:
                return self._beside.views.last.of(viewer_id).get
            case DocumentSort.LAST_SHARED_AT:
                return lambda id: last_grants(records[id]).get(viewer_id)

    def _visible(self, query: DocumentQuery) -> Filter:
        """Return the filter that passes what may be seen: for orders that have other documents as well."""
        lists = self._rows.by_id.filled(reached(query.audiences, query.trashed))
        size = sum(map(len, lists))
        return Filter(size, lambda: walk_ids(lists, size), self._holds(query))

    def _holds(self, query: DocumentQuery) -> Callable[[str], bool]:
        """Return what tells whether there is a document that may be seen, in the wanted state of trash."""
        find, reach, trashed = self._rows.records.get, reaches(query.audiences), query.trashed

        def holds(id: str) -> bool:
            document = find(id)
            if document is None or not reach(document):
                return False
            return trashed is None or trashed == (document.trashed_at is not None)

        return holds

    def _following(
        self,
        query: DocumentQuery,
        start: DocumentPosition | None,
        key: Key,
        size: int,
        backwards: bool,
    ) -> Iterator[str]:
        rows, reverse = self._rows, query.descending != backwards
        groups = reached(query.audiences, query.trashed)
        if query.owned and any(each == (Reach.USER, query.viewer_id) for each in query.audiences):
            groups = [each for each in groups if each[:2] == ("owner", query.viewer_id)]
        if (index := rows.sorted.get(query.sort)) is not None:
            span = ANY
            if query.sort is DocumentSort.CREATED_AT and _is_spanned(query):
                span = _span(query)
            return walk(index.filled(groups), start, size, span, reverse=reverse)
        valued = (
            self._beside.views.by_viewer.values(query.viewer_id)
            if query.sort is DocumentSort.LAST_VIEWED_AT
            else rows.grants.values(query.viewer_id)
        )
        absent = rows.by_id.filled(groups)
        with_value, without = walk_viewed(valued, absent, start, size, backwards=backwards, reverse=reverse)
        # Views outlive their documents; and what has a value stands among all documents as well.
        with_value = filter(rows.records.__contains__, with_value)
        without = (id for id in without if key(id) is None)
        return chain(without, with_value) if backwards else chain(with_value, without)

    def _filters(self, query: DocumentQuery) -> list[Filter]:
        rows, records = self._rows, self._rows.records
        filters = []
        choices: Sequence[tuple[Postings[Document], Sequence[Hashable]]] = (
            (rows.creators, query.creators),
            (rows.access_levels, query.access_levels),
            (rows.statuses, query.processing_statuses),
            (rows.formats, query.source_formats),
        )
        for postings, values in choices:
            if values:
                filters.append(in_any(map(postings.ids, set(values) if len(values) > 1 else values)))
        if query.owned is not None:
            viewer_id, owned = query.viewer_id, query.owned
            filters.append(unindexed(lambda id: (records[id].owner.id == viewer_id) is owned))
        if organization_id := query.organization_id:
            filters.append(unindexed(lambda id: records[id].organization_id == organization_id))
        if query.query:
            text = fold_text(query.query)
            filters.append(either(rows.titles.filter(text), rows.descriptions.filter(text)))
        if query.title_contains:
            filters.append(rows.titles.filter(fold_text(query.title_contains)))
        if query.description_contains:
            filters.append(rows.descriptions.filter(fold_text(query.description_contains)))
        if _is_spanned(query):
            filters.append(self._created(query))
        return filters

    def _created(self, query: DocumentQuery) -> Filter:
        """Return the filter that passes what was created in the span of the query."""
        records, span = self._rows.records, _span(query)
        index = self._rows.sorted[DocumentSort.CREATED_AT]
        lists = index.filled(reached(query.audiences, query.trashed))
        least, greatest = span
        size = 0
        for values in lists:
            end = len(values) if greatest is None else values.bisect_left(greatest)
            size += max(0, end - (0 if least is None else values.bisect_left(least)))
        after, before = query.created_after, query.created_before

        def passes(id: str) -> bool:
            created_at = records[id].created_at
            return (after is None or created_at >= after) and (before is None or created_at <= before)

        return Filter(size, lambda: walk(lists, None, at_once(size), span, reverse=False), passes)


def _is_spanned(query: DocumentQuery) -> bool:
    return query.created_after is not None or query.created_before is not None


def _span(query: DocumentQuery) -> Span:
    """Return between which places documents stand that were created when the query says."""
    after, before = query.created_after, query.created_before
    return None if after is None else (after,), None if before is None else (before + 1,)
