"""What a caller may change of projects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from triptych.errors import permission_denied
from triptych.rpc.call import Caller
from triptych.store.base import Transaction
from triptych.store.records import Project


@dataclass(frozen=True, slots=True)
class Rights:
    """What a caller may change.

    Attributes:
        caller: The caller.
        group_ids: The groups that the caller is in, unless that does not matter.
    """

    caller: Caller
    group_ids: frozenset[str]

    @classmethod
    async def of(cls, tx: Transaction, caller: Caller, projects: Iterable[Project]) -> Rights:
        """Return the rights of a caller on projects."""
        member_id = member_of_groups(caller, projects)
        return cls(caller, await tx.groups.of_member(member_id) if member_id else frozenset())

    def check(self, project: Project, group_ids: frozenset[str]) -> None:
        """Refuse whoever is no administrator, did not create the project, and is in none of the groups.

        Raises:
            RpcError: PERMISSION_DENIED.
        """
        caller = self.caller
        if not (caller.administrator or caller.id == project.creator.id or group_ids & self.group_ids):
            raise permission_denied(f"project {project.id} is not yours to change")


def member_of_groups(caller: Caller, projects: Iterable[Project]) -> str:
    """Return the id of a caller, or nothing if it does not matter for the projects which groups he is in."""
    matters = not caller.administrator and any(
        each.creator.id != caller.id and (each.admin_group_ids or each.editor_group_ids) for each in projects
    )
    return caller.id if matters else ""
