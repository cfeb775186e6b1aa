"""Documents: by id, and in pages of what a viewer gets listed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, Final

from sortedcontainers import SortedList

from triptych.store.memory.document_order import order, walk
from triptych.store.memory.document_rows import (
    DocumentRows,
    ViewRows,
    last_grants,
    name_key,
)
from triptych.store.memory.index import Postings
from triptych.store.memory.plan import Filter, find_page, in_any, positions
from triptych.store.memory.table import MemoryTable
from triptych.store.memory.texts import either
from triptych.store.memory.transaction import UnitOfWork
from triptych.store.queries import DocumentPosition, DocumentQuery, DocumentSort, Held, fold_text
from triptych.store.records import Document, View

Key = Callable[[str], Any]

_CREATED_AT: Final = attrgetter("created_at")
_UPDATED_AT: Final = attrgetter("updated_at")


class MemoryDocuments(MemoryTable[Document]):
    """Documents, for one transaction."""

    __slots__ = ("_views",)

    _rows: DocumentRows

    def __init__(self, rows: DocumentRows, views: ViewRows, work: UnitOfWork) -> None:
        super().__init__(rows, work)
        self._views = views

    async def page(
        self, query: DocumentQuery, start: DocumentPosition | None, limit: int, *, backwards: bool = False
    ) -> Sequence[tuple[Document, DocumentPosition]]:
        """Return up to `limit` documents that follow `start`, or come before it, in order."""
        self._work.check_open()
        key = self._key(query)
        following = self._following(query, start, key, backwards)
        along = order(following, key, start, descending=query.descending, backwards=backwards)
        ids = find_page(along, self._filters(query), limit)
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

    async def held(self, organization_id: str) -> Held:
        """Return how many documents an organization has, and how large they are together."""
        self._work.check_open()
        return self._rows.held.of(organization_id)

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
                return self._views.last.of(viewer_id).get
            case DocumentSort.LAST_SHARED_AT:
                return lambda id: last_grants(records[id]).get(viewer_id)

    def _following(
        self,
        query: DocumentQuery,
        start: DocumentPosition | None,
        key: Key,
        backwards: bool,
    ) -> Iterator[str]:
        rows = self._rows
        foreign = rows.parties.foreign(query.organization_id, (query.viewer_id, query.organization_id))
        index = rows.sorted.get(query.sort)
        absent: list[Sequence[str]] = []
        if index is not None:
            valued = [index.values(query.organization_id)]
            if foreign:
                valued.append(SortedList((key(id), id) for id in foreign))
        else:
            of_viewer = (
                self._views.by_viewer.values(query.viewer_id)
                if query.sort is DocumentSort.LAST_VIEWED_AT
                else rows.grants.values(query.viewer_id)
            )
            valued = [of_viewer]
            absent = [rows.by_id.values(query.organization_id), SortedList(foreign)]
        with_value, without = walk(valued, absent, start, descending=query.descending, backwards=backwards)
        if index is None:
            # Views outlive their documents; and what has a value stands among all documents as well.
            with_value = filter(rows.records.__contains__, with_value)
            without = (id for id in without if key(id) is None)
        return chain(without, with_value) if backwards else chain(with_value, without)

    def _filters(self, query: DocumentQuery) -> list[Filter]:
        rows = self._rows
        own = rows.organizations if query.administrator else rows.shared
        owned = rows.owners.ids(query.viewer_id)
        # What the viewer sees: of the own organization, and whatever it belongs to.
        visible = (
            own.ids(query.organization_id),
            owned,
            rows.recipients.ids(query.viewer_id),
            rows.recipients.ids(query.organization_id),
        )
        filters = [in_any(visible)]
        choices: Sequence[tuple[Postings[Document], Sequence[Hashable]]] = (
            (rows.creators, query.creators),
            (rows.access_levels, query.access_levels),
            (rows.statuses, query.processing_statuses),
            (rows.formats, query.source_formats),
            (rows.trashed, () if query.trashed is None else (query.trashed,)),
            (rows.organizations, (query.organization_id,) if query.organization_only else ()),
        )
        for postings, values in choices:
            if values:
                filters.append(in_any(map(postings.ids, set(values) if len(values) > 1 else values)))
        if query.owned is True:
            filters.append(in_any([owned]))
        elif query.owned is False:
            filters.append(_unindexed(lambda id: id not in owned))
        if query.query:
            text = fold_text(query.query)
            filters.append(either(rows.titles.filter(text), rows.descriptions.filter(text)))
        if query.title_contains:
            filters.append(rows.titles.filter(fold_text(query.title_contains)))
        if query.description_contains:
            filters.append(rows.descriptions.filter(fold_text(query.description_contains)))
        if query.created_after is not None or query.created_before is not None:
            filters.append(_unindexed(lambda id: self._is_created_between(id, query)))
        return filters

    def _is_created_between(self, id: str, query: DocumentQuery) -> bool:
        created_at = self._rows.records[id].created_at
        after, before = query.created_after, query.created_before
        return (after is None or created_at >= after) and (before is None or created_at <= before)


def _unindexed(passes: Callable[[str], bool]) -> Filter:
    """Return a filter that can tell, but not find, what passes; visibility always finds candidates."""
    return Filter(sys.maxsize, lambda: (), passes)


class MemoryViews(MemoryTable[View]):
    """Views, for one transaction."""

    __slots__ = ()

    _rows: ViewRows

    async def viewed_at(self, viewer_id: str, document_ids: Sequence[str]) -> Mapping[str, int]:
        """Return, by document id, when the viewer last viewed which of the documents."""
        self._work.check_open()
        instants, found = self._rows.last.of(viewer_id), {}
        for document_id in document_ids:
            viewed_at = instants.get(document_id)
            if viewed_at is not None:
                found[document_id] = viewed_at
        return found
