"""Projects: by id, and in pages of any filter and order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import repeat

from triptych.store.memory.index import HeldIndex, Postings, SortedIndex
from triptych.store.memory.plan import Filter, Order, Rank, count, find_page, in_any, positions
from triptych.store.memory.popularity import PopularityIndex
from triptych.store.memory.search import SearchIndex, remote_uris
from triptych.store.memory.table import MemoryTable, Rows
from triptych.store.queries import Held, Position, ProjectQuery, ProjectSort
from triptych.store.records import Project
from triptych.store.sizes import project_size


class ProjectRows(Rows[Project]):
    """Projects, and an index for each filter and order. Keys are an organization and a value."""

    __slots__ = ("creators", "held", "ids", "popularity", "runner_kinds", "runners", "search", "uris")

    def __init__(self) -> None:
        self.ids = SortedIndex[Project](lambda each: (each.organization_id,), lambda each: each.id)
        self.held = HeldIndex[Project](project_size)
        self.popularity = PopularityIndex()
        self.search = SearchIndex(self.ids)
        self.creators = Postings[Project](lambda each: [(each.organization_id, each.creator.id)])
        self.runners = Postings[Project](
            lambda each: [(each.organization_id, use.runner_id) for use in each.environment_classes]
        )
        self.runner_kinds = Postings[Project](
            lambda each: [(each.organization_id, use.runner_kind) for use in each.environment_classes]
        )
        self.uris = Postings[Project](lambda each: [(each.organization_id, uri) for uri in remote_uris(each)])
        super().__init__(
            (
                self.ids,
                self.held,
                self.popularity,
                self.search,
                self.creators,
                self.runners,
                self.runner_kinds,
                self.uris,
            )
        )


class MemoryProjects(MemoryTable[Project]):
    """Projects, for one transaction."""

    __slots__ = ()

    _rows: ProjectRows

    async def delete(self, id: str) -> bool:
        """Remove the project and its score; tell whether there was one.

        Raises:
            ReadOnlyError: The transaction is for reading only.
        """
        self._work.undo_log()
        self._set_score(id, 0)
        return await super().delete(id)

    async def page(
        self, query: ProjectQuery, after: Position | None, limit: int
    ) -> Sequence[tuple[Project, Position]]:
        """Return up to `limit` projects that follow `after`, each with its position."""
        self._work.check_open()
        rows = self._rows
        ids = find_page(self._order(query, after), self._filters(query), limit)
        if query.sort is ProjectSort.ID:
            found = positions(Position, zip(repeat(0), ids, strict=False))
        else:
            found = rows.popularity.positions(ids)
        return list(zip(map(rows.records.__getitem__, ids), found, strict=True))

    async def count(self, query: ProjectQuery, limit: int) -> int:
        """Return how many projects match, at most `limit`."""
        self._work.check_open()
        filters = self._filters(query)
        if filters:
            return count(filters, limit)
        return min(limit, len(self._rows.ids.values(query.organization_id)))

    async def set_popularity(self, scores: Mapping[str, int]) -> None:
        """Set the popularity of the projects by id, and of all others to 0; ids of no project are ignored.

        Raises:
            ReadOnlyError: The transaction is for reading only.
        """
        self._work.undo_log()
        for id in self._rows.popularity.scored().difference(scores):
            self._set_score(id, 0)
        for id, score in scores.items():
            self._set_score(id, score)

    def _set_score(self, id: str, score: int) -> None:
        popularity = self._rows.popularity
        project = self._rows.records.get(id)
        before = popularity.score(id)
        if project is not None and score != before:
            popularity.set_score(project, score)
            self._work.undo_log().append(partial(popularity.set_score, project, before))

    async def held(self, organization_id: str) -> Held:
        """Return how many projects an organization has, and how large they are together."""
        self._work.check_open()
        return self._rows.held.of(organization_id)

    def _order(self, query: ProjectQuery, after: Position | None) -> Order:
        rows, descending = self._rows, query.descending
        if query.sort is ProjectSort.ID:
            ids = rows.ids.values(query.organization_id)
            start = None if after is None else after.id
            following: Iterator[str] = (
                ids.irange(maximum=start, inclusive=(True, False), reverse=True)
                if descending
                else ids.irange(minimum=start, inclusive=(False, True))
            )
            return Order(following, lambda each: (0, each), None if start is None else (0, start), descending)

        # Ties are newest first either way, so ascending is descending by the negative score.
        sign = 1 if descending else -1
        place: Rank | None = None if after is None else (sign * after.key, after.id)
        return Order(
            rows.popularity.following(query.organization_id, after, descending),
            lambda each: (sign * rows.popularity.score(each), each),
            place,
            descending=True,
        )

    def _filters(self, query: ProjectQuery) -> Sequence[Filter]:
        rows, organization_id = self._rows, query.organization_id
        filters = []
        if query.project_ids:
            found = (rows.records.get(id) for id in query.project_ids)
            own = {each.id for each in found if each and each.organization_id == organization_id}
            filters.append(in_any([own]))
        if query.search:
            filters.append(rows.search.filter(organization_id, query.search))
        for postings, values in (
            (rows.creators, query.creator_ids),
            (rows.runners, query.runner_ids),
            (rows.runner_kinds, query.runner_kinds),
            (rows.uris, query.spec_remote_uris),
        ):
            if values:
                filters.append(in_any(postings.ids((organization_id, value)) for value in set(values)))
        return filters
