"""Documents: by id, and in pages of what may be seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from triptych.store.queries import (
    DocumentDetails,
    DocumentPosition,
    DocumentQuery,
    DocumentSlice,
    DocumentSort,
)
from triptych.store.records import Document, DocumentVersion, view_id
from triptych.store.sql.document_lists import SHOWN, details, listings
from triptych.store.sql.instants import join, split
from triptych.store.sql.session import Session
from triptych.store.sql.shapes import DOCUMENT_VERSIONS, DOCUMENTS, Row
from triptych.store.sql.statements import Sql, one_of, put_together
from triptych.store.sql.table import SqlTable
from triptych_api.gitpod.v1.identity_pb import Principal

_USER: Final = int(Principal.USER)
_BY_ID: Final = f"SELECT {SHOWN} FROM documents d WHERE d.id = ?"


class SqlDocuments(SqlTable[Document]):
    """Documents, for one transaction."""

    __slots__ = ()

    async def create(self, document: Document, version: DocumentVersion) -> None:
        """Add a document together with its first version.

        Raises:
            AlreadyExistsError: There is one of that id already.
        """
        await self._session.insert_pair((DOCUMENT_VERSIONS, version), (DOCUMENTS, document))

    async def shown(self, id: str) -> tuple[Document, str | None] | None:
        """Return a document, and the name of whoever created it: None if that is nobody's any more."""
        rows = await self._session.rows(Sql(_BY_ID, (id,)))
        return (self._shape.record(rows[0]), rows[0][-1]) if rows else None

    async def details(self, documents: Sequence[Document], viewer_id: str) -> DocumentDetails:
        """Return what is shown with documents: the names of their creators, and when the viewer saw them."""
        dialect = self._session.dialect
        creators = {each.creator for each in documents}
        user_ids = [each.id for each in creators if each.principal == _USER]
        account_ids = [each.id for each in creators if each.principal != _USER]
        views = [view_id(each.id, viewer_id) for each in documents]
        nothing = "CAST(NULL AS bigint)"
        statement = put_together(
            f"SELECT id, name, {nothing}, {nothing} FROM users WHERE",
            one_of(dialect, "id", user_ids),
            f"UNION ALL SELECT id, name, {nothing}, {nothing} FROM service_accounts WHERE",
            one_of(dialect, "id", account_ids),
            "UNION ALL SELECT document_id, NULL, viewed_at, viewed_at_nanos FROM views WHERE",
            one_of(dialect, "id", views),
        )
        names: dict[str, str] = {}
        viewed_at: dict[str, int] = {}
        for id, name, seconds, nanos in await self._session.rows(statement):
            if name is None:
                viewed_at[id] = join(seconds, nanos)
            else:
                names[id] = name
        return DocumentDetails(names, viewed_at)

    async def page(
        self, query: DocumentQuery, start: DocumentPosition | None, limit: int, *, backwards: bool = False
    ) -> DocumentSlice:
        """Return up to `limit` documents that follow `start`, or come before it, in order."""
        pages = _Pages(self._session, query)
        rows = await pages.following(start, limit, backwards=backwards)
        behind = False
        if start is not None:
            first = rows[0][1] if rows else None
            behind = bool(await pages.following(first, 1, backwards=bool(rows) and not backwards))
        read = self._shape.record
        found = [(read(row), position) for row, position in (reversed(rows) if backwards else rows)]
        return DocumentSlice(found, behind, details(row for row, _ in rows))


Rows = list[tuple[Row, DocumentPosition]]


class _Pages:
    """The pages of one list: those that have a value to sort by, then those that have none."""

    def __init__(self, session: Session, query: DocumentQuery) -> None:
        self._session = session
        self._by_name = query.sort is DocumentSort.NAME
        self._valued, self._absent = listings(session.dialect, query)

    async def following(self, start: DocumentPosition | None, limit: int, *, backwards: bool) -> Rows:
        """Return up to `limit` documents that follow a place or, backwards, come before it, nearest first."""
        valued_start = absent_start = None
        if start is not None and start.key is None:
            absent_start = (start.id,)
        elif start is not None:
            valued_start = (*self._values(start.key), start.id)
        # Behind a place among those with a value come all without; before one without, all with a value.
        reads_valued = backwards or absent_start is None
        reads_absent = self._absent is not None and (not backwards or valued_start is None)
        rows: Rows = []
        for absent in (True, False) if backwards else (False, True):
            if len(rows) == limit or not (reads_absent if absent else reads_valued):
                continue
            if absent:
                rows += await self._without(absent_start, limit - len(rows), backwards)
            else:
                rows += await self._with(valued_start, limit - len(rows), backwards)
        return rows

    async def _with(self, start: tuple[object, ...] | None, limit: int, backwards: bool) -> Rows:
        found = await self._session.listed(self._valued, start, limit, backwards=backwards)
        if self._by_name:
            return [(row, DocumentPosition((row[-3], row[-2]), row[-1])) for row in found]
        return [(row, DocumentPosition(join(row[-3], row[-2]), row[-1])) for row in found]

    async def _without(self, start: tuple[object, ...] | None, limit: int, backwards: bool) -> Rows:
        if self._absent is None:
            return []
        found = await self._session.listed(self._absent, start, limit, backwards=backwards)
        return [(row, DocumentPosition(None, row[-1])) for row in found]

    def _values(self, key: int | tuple[str, str] | None) -> tuple[object, ...]:
        return split(key) if isinstance(key, int) else key or ()
