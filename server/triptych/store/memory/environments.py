"""Environments: by id, and what they say of projects."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Mapping

from triptych.store.memory.index import SortedIndex
from triptych.store.memory.table import Rows
from triptych.store.queries import UNUSED, UsedBy
from triptych.store.records import Environment, SubjectRef
from triptych_api.gitpod.v1.identity_pb import Principal

_LATEST_USERS = 10
_ALL = "all"


class UsageIndex:
    """For each project, the users who made environments from it, by the latest environment of each."""

    def __init__(self) -> None:
        # Sorted by creation. Ids make the tuples distinct, so that subjects are never compared.
        self._made: dict[tuple[str, SubjectRef], list[tuple[int, str]]] = {}
        self._users: dict[str, list[tuple[int, str, SubjectRef]]] = {}
        self._told: dict[str, UsedBy] = {}  # what was asked for since the last change of the project's users

    def change(self, before: Environment | None, after: Environment | None) -> None:
        """Note a change of an environment."""
        if before is not None and _is_use(before):
            self._remove(before)
        if after is not None and _is_use(after):
            self._add(after)

    def used_by(self, project_ids: Iterable[str]) -> dict[str, UsedBy]:
        """Return who has environments that were made from each of the projects."""
        told, used, found = self._told, self._users, {}
        for project_id in project_ids:
            used_by = told.get(project_id, UNUSED)
            if used_by is UNUSED and project_id in used:
                users = used[project_id]
                latest = tuple([user for _, _, user in users[: -_LATEST_USERS - 1 : -1]])
                used_by = told[project_id] = UsedBy(len(users), latest)
            found[project_id] = used_by
        return found

    def _add(self, environment: Environment) -> None:
        project_id, user = environment.project_id, environment.creator
        self._told.pop(project_id, None)
        made = self._made.setdefault((project_id, user), [])
        users = self._users.setdefault(project_id, [])
        if made:
            del users[bisect_left(users, (*made[-1], user))]
        insort(made, (environment.created_at, environment.id))
        insort(users, (*made[-1], user))

    def _remove(self, environment: Environment) -> None:
        project_id, user = environment.project_id, environment.creator
        self._told.pop(project_id, None)
        made = self._made[project_id, user]
        users = self._users[project_id]
        del users[bisect_left(users, (*made[-1], user))]
        del made[bisect_left(made, (environment.created_at, environment.id))]
        if made:
            insort(users, (*made[-1], user))
        else:
            del self._made[project_id, user]
        if not users:
            del self._users[project_id]


def _is_use(environment: Environment) -> bool:
    return bool(environment.project_id) and environment.creator.principal is Principal.USER


class EnvironmentRows(Rows[Environment]):
    """Environments, and their indexes."""

    __slots__ = ("by_creation", "usage")

    def __init__(self) -> None:
        self.usage = UsageIndex()
        self.by_creation = SortedIndex[Environment](
            lambda _: (_ALL,), lambda each: (each.created_at, each.id)
        )
        super().__init__("environments", (self.usage, self.by_creation))

    def created_since(self, instant: int) -> Mapping[str, int]:
        """Return, by project id, how many environments were created at `instant` or later."""
        recent = self.by_creation.values(_ALL).irange((instant,))
        counts = Counter(self.records[id].project_id for _, id in recent)
        del counts[""]  # those that were made from no project
        return counts
