"""Projects: by id, and in pages of any filter and order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import repeat

from triptych.store.memory.environments import UsageIndex
from triptych.store.memory.index import HeldIndex, Postings, SortedIndex
from triptych.store.memory.plan import Filter, Order, Rank, count, find_page, in_any, positions
from triptych.store.memory.popularity import PopularityIndex
from triptych.store.memory.search import SearchIndex
from triptych.store.memory.table import MemoryTable, Rows
from triptych.store.memory.transaction import UnitOfWork
from triptych.store.queries import Held, Position, ProjectQuery, ProjectSlice, ProjectSort, UsedBy
from triptych.store.records import Project
from triptych.store.sizes import project_size
from triptych.store.texts import remote_uris


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
            "projects",
            (
                self.ids,
                self.held,
                self.popularity,
                self.search,
                self.creators,
                self.runners,
                self.runner_kinds,
                self.uris,
            ),
        )

    def set_popularity(self, scores: Mapping[str, int]) -> None:
        """Set the popularity of the projects by id, and of all others to 0; ids of no project are ignored."""
        for id in self.popularity.scored().difference(scores):
            self.set_score(id, 0)
        for id, score in scores.items():
            self.set_score(id, score)

    def set_score(self, id: str, score: int) -> Callable[[], None] | None:
        """Set the popularity of a project; return what undoes it, or None if nothing changed."""
        project = self.records.get(id)
        before = self.popularity.score(id)
        if project is None or score == before:
            return None
        self.popularity.set_score(project, score)
        return partial(self.popularity.set_score, project, before)


class MemoryProjects(MemoryTable[Project]):
    """Projects, for one transaction."""

    __slots__ = ("_usage",)

    _rows: ProjectRows

    def __init__(self, rows: ProjectRows, usage: UsageIndex, work: UnitOfWork) -> None:
        self._rows = rows
        self._work = work
        self._usage = usage

    async def delete(self, *ids: str) -> int:
        """Remove projects and their scores; return how many there were.

        Raises:
            ReadOnlyError: The transaction is for reading only.
        """
        undo = self._work.undo_log()
        for id in ids:
            if (restore := self._rows.set_score(id, 0)) is not None:
                undo.append(restore)
        return await super().delete(*ids)

    async def shown(self, ids: Sequence[str]) -> Mapping[str, tuple[Project, UsedBy]]:
        """Return projects as they are shown, by id: each with who has environments made from it."""
        if not self._work.open:
            self._work.check_open()
        find, found = self._rows.records.get, {}
        for id, used_by in self._usage.used_by(ids).items():
            project = find(id)
            if project is not None:
                found[id] = (project, used_by)
        return found

    async def page(self, query: ProjectQuery, after: Position | None, limit: int) -> ProjectSlice:
        """Return up to `limit` projects that follow `after`, as they are shown."""
        if not self._work.open:
            self._work.check_open()
        rows = self._rows
        ids = await find_page(self._work.lock, self._order(query, after), self._filters(query), limit)
        if query.sort is ProjectSort.ID:
            found = positions(Position, zip(repeat(0), ids, strict=False))
        else:
            found = rows.popularity.positions(ids)
        projects = list(zip(map(rows.records.__getitem__, ids), found, strict=True))
        return ProjectSlice(projects, self._usage.used_by(ids))

    async def count(self, query: ProjectQuery, limit: int) -> int:
        """Return how many projects match, at most `limit`."""
        self._work.check_open()
        filters = self._filters(query)
        if filters:
            return await count(self._work.lock, filters, limit)
        return min(limit, len(self._rows.ids.values(query.organization_id)))

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
