"""What a list of documents is made of: ranges of indexes that hold what may be seen, and filters.

What a viewer sees is a union of ranges, each in the order of the list: of an organization (all, or what is
not private), of an owner, of those to whom documents were granted. A document may be in several. What is in
the trash stands apart in each index, so that a list of either is a range, and one of both is two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import Any, Final

from triptych.store.queries import DocumentDetails, DocumentQuery, DocumentSort, Reach, fold_text
from triptych.store.sql.instants import NANOS_SUFFIX, join, split
from triptych.store.sql.shapes import DOCUMENTS, Row
from triptych.store.sql.statements import (
    Bound,
    Candidates,
    Dialect,
    Listing,
    Range,
    Sql,
    alternative,
    conjunction,
    contains,
    equal,
    one_of,
    put_together,
)
from triptych.store.sql.table import selected
from triptych_api.factify.api.v1beta.document_pb import AccessLevel, ProcessingStatus
from triptych_api.gitpod.v1.identity_pb import Principal

_KEYS: Final[dict[DocumentSort | None, tuple[str, ...]]] = {
    DocumentSort.CREATED_AT: ("created_at", "created_at_nanos"),
    DocumentSort.UPDATED_AT: ("updated_at", "updated_at_nanos"),
    DocumentSort.NAME: ("title_folded", "title"),
    None: (),
}
_INDEXES: Final[dict[DocumentSort | None, str]] = {
    DocumentSort.CREATED_AT: "created",
    DocumentSort.UPDATED_AT: "updated",
    DocumentSort.NAME: "named",
    None: "ids",
}
_USER: Final = int(Principal.USER)
SHOWN: Final = f"""
    {selected(DOCUMENTS, "d")},
    CASE WHEN d.creator_principal = {_USER} THEN (SELECT u.name FROM users u WHERE u.id = d.creator_id)
    ELSE (SELECT s.name FROM service_accounts s WHERE s.id = d.creator_id) END"""
"""The columns of a document `d`, and the name of whoever created it: NULL if that is nobody's any more."""

# What `details` reads of the rows.
_LISTED: Final = f"{SHOWN}, seen.viewed_at, seen.viewed_at{NANOS_SUFFIX}"
_SEEN: Final = "LEFT JOIN views seen ON seen.id = d.id || ?"
_ROW: Final = "d.rowid"
_NAME: Final = len(DOCUMENTS.mapper.columns)
_CREATOR: Final = [column.name for column in DOCUMENTS.mapper.columns].index("creator_id")
_VIEWERS_SORTS: Final = (DocumentSort.LAST_VIEWED_AT, DocumentSort.LAST_SHARED_AT)


@lru_cache(maxsize=500)
def listings(dialect: Dialect, query: DocumentQuery) -> tuple[Listing, Listing | None]:
    """Return the documents that have a value to sort by, and those that have none, which come after.

    None if all of them have one.
    """
    sees = _Sees(dialect, query)
    if query.sort not in _VIEWERS_SORTS:
        return sees.along(query.sort), None
    if query.sort is DocumentSort.LAST_VIEWED_AT:
        mine = equal("v.viewer_id", query.viewer_id)
        keys = ("v.viewed_at", "v.viewed_at_nanos", "v.document_id")
        of_viewer = Range("views v", "views_viewed", (mine,), keys, "documents d", "d.id = v.document_id")
        valued = Sql("SELECT 1 FROM views v WHERE v.id = d.id || ?", (f"/{query.viewer_id}",))
    else:
        mine = equal("g.recipient_id", query.viewer_id)
        keys = ("g.granted_at", "g.granted_at_nanos", "g.document_id")
        of_viewer = Range(
            "document_grants g",
            "document_grants_granted",
            (mine,),
            keys,
            "documents d",
            "d.id = g.document_id",
        )
        valued = put_together("SELECT 1 FROM document_grants g WHERE g.document_id = d.id AND", mine)
    absent = put_together("NOT EXISTS (", valued, ")")
    return sees.of_viewer(of_viewer), sees.along(None, absent)


def details(rows: Iterable[Row]) -> DocumentDetails:
    """Return what rows of these lists tell beside the documents."""
    names: dict[str, str] = {}
    viewed_at: dict[str, int] = {}
    for row in rows:
        name, seconds, nanos = row[_NAME : _NAME + 3]
        if name is not None:
            names[row[_CREATOR]] = name
        if seconds is not None:
            viewed_at[row[-1]] = join(seconds, nanos)
    return DocumentDetails(names, viewed_at)


class _Sees:
    """What a query lists, in whichever order."""

    def __init__(self, dialect: Dialect, query: DocumentQuery) -> None:
        self._dialect = dialect
        self._query = query
        self._trash = (False, True) if query.trashed is None else (query.trashed,)
        ids: dict[Reach, list[str]] = {reach: [] for reach in Reach}
        for reach, id in dict.fromkeys(query.audiences):
            ids[reach].append(id)
        self._administered = ids[Reach.ADMINISTRATOR]
        self._open = [id for id in ids[Reach.OPEN] if id not in self._administered]
        self._users = ids[Reach.USER]
        self._recipients = list(dict.fromkeys((*ids[Reach.USER], *ids[Reach.ORGANIZATION])))
        self.filters, self.candidates = _filters(dialect, query)
        self._seen = Sql(_SEEN, (f"/{query.viewer_id}",))

    def along(self, sort: DocumentSort | None, *conditions: Sql) -> Listing:
        """Return the list in an order that is no matter of the viewer; None is by id."""
        keys = tuple(f"d.{key}" for key in (*_KEYS[sort], "id"))
        # What the ranges keep by themselves.
        kept = self._in_trash()
        if sort is DocumentSort.CREATED_AT:
            kept += [bound.condition() for bound in _created(self._query, "d")]
        return Listing(
            columns=Sql(_LISTED),
            table="documents d",
            id="d.id",
            row=_ROW,
            shown_with=self._seen,
            ranges=tuple(self._ranges(sort)),
            visible=conjunction([self._visible(), *kept]),
            filters=(*self.filters, *conditions),
            keys=keys,
            candidates=self.candidates,
            descending=self._query.descending,
        )

    def of_viewer(self, range: Range) -> Listing:
        """Return the list along what a viewer viewed, or was given."""
        return Listing(
            columns=Sql(_LISTED),
            table="documents d",
            id="d.id",
            row=_ROW,
            shown_with=self._seen,
            ranges=(range,),
            visible=self._visible(),
            filters=(self._visible(), *self._in_trash(), *self.filters),
            keys=range.keys,
            gathers=False,
            descending=self._query.descending,
        )

    def _in_trash(self) -> list[Sql]:
        return [equal("d.is_trashed", self._query.trashed)] if self._query.trashed is not None else []

    def _ranges(self, sort: DocumentSort | None) -> Iterator[Range]:
        index, query = _INDEXES[sort], self._query
        only_owned = query.owned is True and query.viewer_id in self._users
        for trashed in self._trash:
            yield from self._organization_ranges(sort, trashed) if not only_owned else ()
            for user_id in [query.viewer_id] if only_owned else self._users:
                where = [equal("d.owner_id", user_id), equal("d.is_trashed", trashed)]
                yield self._range(sort, "d", "documents d", f"documents_owned_{index}", where)
            for recipient_id in () if only_owned else self._recipients:
                where = [equal("g.recipient_id", recipient_id), equal("g.is_trashed", trashed)]
                yield self._range(sort, "g", "document_grants g", f"document_grants_{index}", where)

    def _organization_ranges(self, sort: DocumentSort | None, trashed: bool) -> Iterator[Range]:
        levels = self._query.access_levels
        privacies = [
            private
            for private in (False, True)
            if not levels or any((level == AccessLevel.PRIVATE) is private for level in levels)
        ]
        wanted = self._query.organization_id
        seen = [
            *product(self._administered, privacies),
            *product(self._open, [p for p in privacies if not p]),
        ]
        for organization_id, private in seen:
            if wanted in ("", organization_id):
                where = [
                    equal("d.organization_id", organization_id),
                    equal("d.is_private", private),
                    equal("d.is_trashed", trashed),
                ]
                yield self._range(sort, "d", "documents d", f"documents_{_INDEXES[sort]}", where)

    def _range(
        self, sort: DocumentSort | None, alias: str, source: str, index: str, where: Sequence[Sql]
    ) -> Range:
        id = "id" if alias == "d" else "document_id"
        return Range(
            source,
            index,
            tuple(where),
            tuple(f"{alias}.{key}" for key in (*_KEYS[sort], id)),
            joined="" if alias == "d" else "documents d",
            joined_by="" if alias == "d" else "d.id = g.document_id",
            bounds=_created(self._query, alias) if sort is DocumentSort.CREATED_AT else (),
        )

    def _visible(self) -> Sql:
        dialect = self._dialect
        ways = [equal("d.organization_id", id) for id in self._administered]
        ways += [
            conjunction([equal("d.organization_id", id), equal("d.is_private", False)]) for id in self._open
        ]
        if self._users:
            ways.append(one_of(dialect, "d.owner_id", self._users))
        if self._recipients:
            granted = one_of(dialect, "r.recipient_id", self._recipients)
            ways.append(
                put_together(
                    "EXISTS (SELECT 1 FROM document_grants r WHERE r.document_id = d.id AND", granted, ")"
                )
            )
        return alternative(ways) if ways else Sql("1 = 0")


def _created(query: DocumentQuery, alias: str) -> tuple[Bound, ...]:
    keys = (f"{alias}.created_at", f"{alias}.created_at_nanos")
    bounds = ((">=", query.created_after), ("<=", query.created_before))
    return tuple(Bound(keys, operator, split(instant)) for operator, instant in bounds if instant is not None)


def _filters(dialect: Dialect, query: DocumentQuery) -> tuple[tuple[Sql, ...], tuple[Candidates, ...]]:
    filters: list[Sql] = []
    candidates: list[Candidates | None] = []

    def choose(column: str, values: Sequence[Any], type: str = "text") -> Sql | None:
        if not values:
            return None
        filters.append(one_of(dialect, column, values, type))
        return filters[-1]

    if query.sort is not DocumentSort.CREATED_AT:
        filters += [bound.condition() for bound in _created(query, "d")]
    if query.creators:
        filters.append(
            alternative(
                conjunction(
                    [equal("d.creator_id", each.id), equal("d.creator_principal", int(each.principal))]
                )
                for each in dict.fromkeys(query.creators)
            )
        )
        ids = one_of(dialect, "d.creator_id", [each.id for each in query.creators])
        candidates.append(Candidates("documents d", "documents_creators", (ids,), _ROW))
    choose("d.access_level", [int(each) for each in query.access_levels], "integer")
    statuses = [int(each) for each in query.processing_statuses]
    chosen = choose("d.processing_status", statuses, "integer")
    if chosen is not None and ProcessingStatus.READY not in statuses:
        # The index is of these alone.
        rare = Sql(f"d.processing_status <> {int(ProcessingStatus.READY)}")
        candidates.append(Candidates("documents d", "documents_statuses", (rare, chosen), _ROW))
    chosen = choose("d.source_format", query.source_formats)
    if chosen is not None:
        candidates.append(Candidates("documents d", "documents_formats", (chosen,), _ROW))
    if query.organization_id:
        filters.append(equal("d.organization_id", query.organization_id))
    if query.owned is not None:
        filters.append(Sql(f"d.owner_id {'=' if query.owned else '<>'} ?", (query.viewer_id,)))
    if query.owned:
        candidates.append(Candidates("documents d", "documents_owned_ids", (filters[-1],), _ROW))
    for text, columns in (
        (query.query, ("title_folded", "description_folded")),
        (query.title_contains, ("title_folded",)),
        (query.description_contains, ("description_folded",)),
    ):
        if text:
            folded = fold_text(text)
            filters.append(contains(dialect, [f"d.{column}" for column in columns], folded))
            if "\0" not in folded:
                candidates.append(dialect.document_search(columns, folded))
    return tuple(filters), tuple(each for each in candidates if each is not None)
