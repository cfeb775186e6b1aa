"""Documents: by id, and in pages of what a viewer gets listed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain
from typing import Any

from sortedcontainers import SortedList

from triptych.store.memory.document_order import order, walk
from triptych.store.memory.document_rows import (
    DocumentRows,
    ViewRows,
    last_grants,
    name_key,
)
from triptych.store.memory.index import Postings
from triptych.store.memory.plan import Filter, find_page, in_any
from triptych.store.memory.table import MemoryTable
from triptych.store.memory.texts import either
from triptych.store.memory.transaction import UnitOfWork
from triptych.store.queries import DocumentPosition, DocumentQuery, DocumentSort, fold_text
from triptych.store.records import Document, view_id

Key = Callable[[str], Any]


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
        visible = self._visible(query)
        key = self._key(query)
        following = self._following(query, start, key, backwards)
        along = order(following, key, start, descending=query.descending, backwards=backwards)
        ids = list(find_page(along, [visible, *self._filters(query)], limit))
        if backwards:
            ids.reverse()
        return [(self._rows.records[id], DocumentPosition(key(id), id)) for id in ids]

    def _visible(self, query: DocumentQuery) -> Filter:
        rows = self._rows
        own = rows.organizations if query.administrator else rows.shared
        return in_any([own.ids(query.organization_id), *self._personal(query)])

    def _personal(self, query: DocumentQuery) -> list[AbstractSet[str]]:
        """Return what the viewer sees whatever organization it belongs to."""
        rows = self._rows
        return [
            rows.owners.ids(query.viewer_id),
            rows.recipients.ids(query.viewer_id),
            rows.recipients.ids(query.organization_id),
        ]

    def _key(self, query: DocumentQuery) -> Key:
        records, views, viewer_id = self._rows.records, self._views.records, query.viewer_id

        def viewed_at(id: str) -> int | None:
            view = views.get(view_id(id, viewer_id))
            return view.viewed_at if view else None

        keys: dict[DocumentSort, Key] = {
            DocumentSort.CREATED_AT: lambda id: records[id].created_at,
            DocumentSort.UPDATED_AT: lambda id: records[id].updated_at,
            DocumentSort.NAME: lambda id: name_key(records[id]),
            DocumentSort.LAST_VIEWED_AT: viewed_at,
            DocumentSort.LAST_SHARED_AT: lambda id: last_grants(records[id]).get(viewer_id),
        }
        return keys[query.sort]

    def _following(
        self,
        query: DocumentQuery,
        start: DocumentPosition | None,
        key: Key,
        backwards: bool,
    ) -> Iterator[str]:
        rows = self._rows
        personal: set[str] = set().union(*self._personal(query))
        foreign = [id for id in personal if self._is_foreign(id, query)]
        index = rows.sorted.get(query.sort)
        valued: list[SortedList] = []
        absent: list[SortedList] = []
        if index is not None:
            valued = [index.values(query.organization_id), SortedList((key(id), id) for id in foreign)]
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

    def _is_foreign(self, id: str, query: DocumentQuery) -> bool:
        return self._rows.records[id].organization_id != query.organization_id

    def _filters(self, query: DocumentQuery) -> Iterator[Filter]:
        rows = self._rows
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
                yield in_any(postings.ids(value) for value in set(values))
        owned = rows.owners.ids(query.viewer_id)
        if query.owned is True:
            yield in_any([owned])
        elif query.owned is False:
            yield _unindexed(lambda id: id not in owned)
        if query.query:
            text = fold_text(query.query)
            yield either(rows.titles.filter(text), rows.descriptions.filter(text))
        if query.title_contains:
            yield rows.titles.filter(fold_text(query.title_contains))
        if query.description_contains:
            yield rows.descriptions.filter(fold_text(query.description_contains))
        if query.created_after is not None or query.created_before is not None:
            yield _unindexed(lambda id: self._is_created_between(id, query))

    def _is_created_between(self, id: str, query: DocumentQuery) -> bool:
        created_at = self._rows.records[id].created_at
        after, before = query.created_after, query.created_before
        return (after is None or created_at >= after) and (before is None or created_at <= before)


def _unindexed(passes: Callable[[str], bool]) -> Filter:
    """Return a filter that can tell, but not find, what passes; visibility always finds candidates."""
    return Filter(sys.maxsize, lambda: (), passes)
