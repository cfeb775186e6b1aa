"""Scores of projects, which are not part of them, and the order that they make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, repeat

from sortedcontainers import SortedDict, SortedList

from triptych.store.memory.plan import positions
from triptych.store.queries import Position
from triptych.store.records import Project


class PopularityIndex:
    """The scores, and the ids by organization and score: so that ties go the same way in both orders."""

    def __init__(self) -> None:
        self._scores: dict[str, int] = {}  # those that are not 0
        self._ids: dict[str, SortedDict] = {}

    def change(self, before: Project | None, after: Project | None) -> None:
        """Note a change of a project; its score stays."""
        if before is not None and after is not None and before.organization_id == after.organization_id:
            return
        if before is not None:
            self._remove(before)
        if after is not None:
            self._add(after)

    def scored(self) -> set[str]:
        """Return the ids whose score is not 0."""
        return set(self._scores)

    def score(self, id: str) -> int:
        """Return the score of a project."""
        return self._scores.get(id, 0)

    def positions(self, ids: Sequence[str]) -> list[Position]:
        """Return the positions of projects in this order."""
        keys = zip(map(self._scores.get, ids, repeat(0)), ids, strict=True)
        return positions(Position, keys)

    def set_score(self, project: Project, score: int) -> None:
        """Give a project that there is a score."""
        self._remove(project)
        if score:
            self._scores[project.id] = score
        else:
            self._scores.pop(project.id, None)
        self._add(project)

    def following(self, organization_id: str, after: Position | None, descending: bool) -> Iterator[str]:
        """Return the ids by score, those of one score newest first, found as they are asked for."""
        ids_by_score = self._ids.get(organization_id)
        if ids_by_score is None:
            return iter(())
        ties: Iterator[str] = iter(())
        if after is None:
            scores = ids_by_score.irange(reverse=descending)
        else:
            tied = ids_by_score.get(after.key)
            if tied:
                ties = tied.irange(maximum=after.id, inclusive=(True, False), reverse=True)
            if descending:
                scores = ids_by_score.irange(maximum=after.key, inclusive=(True, False), reverse=True)
            else:
                scores = ids_by_score.irange(minimum=after.key, inclusive=(False, True))
        others = map(reversed, map(ids_by_score.__getitem__, scores))
        return chain(ties, chain.from_iterable(others))

    def _add(self, project: Project) -> None:
        ids_by_score = self._ids.setdefault(project.organization_id, SortedDict())
        score = self.score(project.id)
        ids = ids_by_score.get(score)
        if ids is None:
            ids = ids_by_score[score] = SortedList()
        ids.add(project.id)

    def _remove(self, project: Project) -> None:
        ids_by_score = self._ids[project.organization_id]
        score = self.score(project.id)
        ids = ids_by_score[score]
        ids.remove(project.id)
        if not ids:
            del ids_by_score[score]
        if not ids_by_score:
            del self._ids[project.organization_id]
