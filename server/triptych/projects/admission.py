"""Whether a project may be stored: there is a quota, and the reply must have room for it."""

from __future__ import annotations

from triptych.codec.sizes import Room, most_bytes
from triptych.errors import Code, Reason, RpcError
from triptych.projects.messages import changed_project
from triptych.quotas import Quota
from triptych.store.base import Transaction
from triptych.store.records import Project
from triptych.store.sizes import project_size


class Admission:
    """Asks whether projects may be stored, one by one; it is an `Admit` of `triptych.projects.changes`.

    Args:
        tx: Where they would be stored.
        quota: The quota of their organization.
        room: Where their messages go, if there are to be many in one reply.
    """

    def __init__(self, tx: Transaction, quota: Quota, room: Room | None = None) -> None:
        self._tx = tx
        self._quota = quota
        self._room = room

    async def __call__(self, project: Project, before: Project | None) -> None:
        """Let a project be stored in the place of another, or of none.

        Raises:
            RpcError: RESOURCE_EXHAUSTED beyond the quota (QUOTA_EXCEEDED), or if the reply has no room.
        """
        size, count = project_size(project), 1
        if before is not None:
            size, count = size - project_size(before), 0
        self._quota.check(await self._tx.projects.held(project.organization_id), size, count)
        if self._room is not None:
            message = await changed_project(self._tx, project)
            if not self._room.take(most_bytes(message.to_binary(), [message])):
                text = "the reply has no room for the project; ask for fewer at a time"
                raise RpcError(Code.RESOURCE_EXHAUSTED, text, reason=Reason.QUOTA_EXCEEDED)
