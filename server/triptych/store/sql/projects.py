"""Projects: by id, and in pages of any filter and order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Final

from triptych.store.queries import Position, ProjectQuery, ProjectSlice, ProjectSort, UsedBy, fold_text
from triptych.store.records import Project
from triptych.store.sql.shapes import PROJECTS, uri_key
from triptych.store.sql.statements import (
    FALSE,
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
from triptych.store.sql.table import SqlTable, selected
from triptych.store.sql.tables import used_by, used_by_columns

# Where a row tells who uses the project: behind the columns of the record.
_USERS: Final = len(PROJECTS.mapper.columns)
_ROW: Final = "p.rowid"
_AFTER_ALL_TEXT: Final = "\U0010ffff"


class SqlProjects(SqlTable[Project]):
    """Projects, for one transaction."""

    __slots__ = ()

    async def shown(self, ids: Sequence[str]) -> Mapping[str, tuple[Project, UsedBy]]:
        """Return projects as they are shown, by id: each with who has environments made from it."""
        dialect, read = self._session.dialect, self._shape.record
        rows = await self._session.rows(put_together(_shown(dialect), one_of(dialect, "p.id", ids)))
        return {row[-3]: (read(row), used_by(row[-2], row[-1])) for row in rows}

    async def page(self, query: ProjectQuery, after: Position | None, limit: int) -> ProjectSlice:
        """Return up to `limit` projects that follow `after`, as they are shown."""
        start: tuple[int | str, ...] | None = None
        sign = -1 if query.sort is ProjectSort.POPULARITY and not query.descending else 1
        if after is not None:
            start = (after.id,) if query.sort is ProjectSort.ID else (sign * after.key, after.id)
        rows = await self._session.listed(_listing(self._session.dialect, query), start, limit)
        read = self._shape.record
        users = {row[-1]: used_by(row[_USERS], row[_USERS + 1]) for row in rows}
        if query.sort is ProjectSort.ID:
            return ProjectSlice([(read(row), Position(0, row[-1])) for row in rows], users)
        return ProjectSlice([(read(row), Position(sign * row[-2], row[-1])) for row in rows], users)

    async def count(self, query: ProjectQuery, limit: int) -> int:
        """Return how many projects match, at most `limit`."""
        listing = _listing(self._session.dialect, query)
        matching = put_together(
            "SELECT count(*) FROM (SELECT 1 FROM projects p WHERE",
            conjunction([listing.visible, *listing.filters]),
            Sql("LIMIT ?", (limit,)),
            ") AS matching",
        )
        [[count]] = await self._session.rows(matching, varies=True)
        return int(count)


@cache
def _shown(dialect: Dialect) -> str:
    users = used_by_columns(dialect, "p.id")
    return f"SELECT {selected(PROJECTS, 'p')}, p.id, {users} FROM projects p WHERE"


@lru_cache(maxsize=500)
def _listing(dialect: Dialect, query: ProjectQuery) -> Listing:
    organization = equal("p.organization_id", query.organization_id)
    descending = True
    keys: tuple[str, ...]
    if query.sort is ProjectSort.ID:
        index, keys, descending = "projects_ids", ("p.id",), query.descending
    elif query.descending:
        index, keys = "projects_popularity", ("p.popularity", "p.id")
    else:
        # Ties go newest first in both orders.
        index, keys = "projects_unpopularity", ("p.unpopularity", "p.id")
    filters, candidates = _filters(dialect, query)
    return Listing(
        columns=Sql(f"{selected(PROJECTS, 'p')}, {used_by_columns(dialect, 'p.id')}"),
        table="projects p",
        id="p.id",
        row=_ROW,
        shown_with=Sql(""),
        ranges=(Range("projects p", index, (organization,), keys),),
        visible=organization,
        filters=tuple(filters),
        keys=keys,
        candidates=tuple(candidates),
        descending=descending,
    )


def _filters(dialect: Dialect, query: ProjectQuery) -> tuple[list[Sql], list[Candidates]]:
    filters: list[Sql] = []
    candidates: list[Candidates] = []
    if query.project_ids:
        filters.append(one_of(dialect, "p.id", query.project_ids))
        candidates.append(Candidates("projects p", "", (filters[-1],), _ROW, few=True))
    if query.creator_ids:
        filters.append(one_of(dialect, "p.creator_id", query.creator_ids))
        organization = equal("p.organization_id", query.organization_id)
        candidates.append(Candidates("projects p", "projects_creators", (organization, filters[-1]), _ROW))
    for kind, values in (
        ("runner", query.runner_ids),
        ("runner_kind", [str(int(each)) for each in query.runner_kinds]),
        ("uri", list(map(uri_key, query.spec_remote_uris))),
    ):
        if values:
            has = conjunction([equal("k.kind", kind), one_of(dialect, "k.value", values)])
            keyed = put_together(
                "EXISTS (SELECT 1 FROM project_keys k WHERE k.project_id = p.id AND", has, ")"
            )
            filters.append(keyed)
            source = put_together("p.id IN (SELECT k.project_id FROM project_keys k WHERE", has, ")")
            candidates.append(Candidates("projects p", "", (source,), _ROW))
    if query.search:
        text = fold_text(query.search)
        matching = put_together(
            "EXISTS (SELECT 1 FROM project_texts t WHERE t.project_id = p.id AND",
            contains(dialect, ["t.text"], text),
            ")",
        )
        id_prefix = Sql("(p.id >= ? AND p.id < ?)", (text, text + _AFTER_ALL_TEXT))
        if "\0" in text:  # which nothing that is kept contains
            return [*filters, FALSE], candidates
        filters.append(alternative([matching, id_prefix]))
        indexed = dialect.project_search(text)
        if indexed is not None:
            prefixed = put_together("SELECT p.id FROM projects p WHERE", id_prefix)
            either = put_together("p.id IN (", indexed, "UNION ALL", prefixed, ")")
            candidates.append(Candidates("projects p", "", (either,), _ROW))
    return filters, candidates
