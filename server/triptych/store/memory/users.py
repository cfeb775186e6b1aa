"""Users, and the groups that they are in."""

from __future__ import annotations

from functools import partial

from sortedcontainers import SortedDict

from triptych.store.memory.index import Changes, Postings
from triptych.store.memory.table import MemoryTable, Rows
from triptych.store.records import Group, Role, User
from triptych_api.gitpod.v1.user_pb import UserStatus


class SeniorityIndex:
    """Which user was put first, and the active administrators in that order."""

    def __init__(self) -> None:
        self._next = 0
        self._ranks: dict[str, int] = {}
        self._administrators: SortedDict = SortedDict()

    def change(self, before: User | None, after: User | None) -> None:
        """Note a change of a user. One who was added comes last; one who was replaced keeps the place."""
        if before is not None:
            self._administrators.pop(self._ranks[before.id], None)
            if after is None:
                del self._ranks[before.id]
        if after is not None:
            if before is None:
                self._ranks[after.id] = self._next
                self._next += 1
            self._enrol(after)

    def rank(self, id: str) -> int:
        """Return the place of a user that there is."""
        return self._ranks[id]

    def set_rank(self, user: User, rank: int) -> None:
        """Give a user that there is a place that is free."""
        self._administrators.pop(self._ranks[user.id], None)
        self._ranks[user.id] = rank
        self._enrol(user)

    def first_administrator(self) -> str | None:
        """Return the id of the first active administrator, or None."""
        if not self._administrators:
            return None
        id: str = self._administrators.peekitem(0)[1]
        return id

    def _enrol(self, user: User) -> None:
        if user.role is Role.ADMINISTRATOR and user.status == UserStatus.ACTIVE:
            self._administrators[self._ranks[user.id]] = user.id


class UserRows(Rows[User]):
    """Users, and their index."""

    __slots__ = ("seniority",)

    def __init__(self, changes: Changes) -> None:
        self.seniority = SeniorityIndex()
        super().__init__("users", (self.seniority, changes))


class MemoryUsers(MemoryTable[User]):
    """Users, for one transaction."""

    __slots__ = ()

    _rows: UserRows

    async def delete(self, *ids: str) -> int:
        """Remove users; return how many there were.

        Raises:
            ReadOnlyError: The transaction is for reading only.
        """
        undo = self._work.undo_log()
        seniority = self._rows.seniority
        for user in (await self.get_many(ids)).values():
            # undone last: put back, the user would otherwise be the newest
            undo.append(partial(seniority.set_rank, user, seniority.rank(user.id)))
        return await super().delete(*ids)

    async def first_active_administrator(self) -> User | None:
        """Return the active administrator that was put first, of any organization, or None."""
        self._work.check_open()
        id = self._rows.seniority.first_administrator()
        return None if id is None else self._rows.records[id]


class GroupRows(Rows[Group]):
    """Groups, and their index."""

    __slots__ = ("by_member",)

    def __init__(self) -> None:
        self.by_member = Postings[Group](lambda group: group.member_ids)
        super().__init__("groups", (self.by_member,))


class MemoryGroups(MemoryTable[Group]):
    """Groups, for one transaction."""

    __slots__ = ()

    _rows: GroupRows

    async def of_member(self, member_id: str) -> frozenset[str]:
        """Return the ids of the groups that the user or service account is in."""
        self._work.check_open()
        return frozenset(self._rows.by_member.ids(member_id))
