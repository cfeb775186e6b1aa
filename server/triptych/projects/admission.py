"""Whether projects may be stored: there is a quota, and the reply must have room for them."""

from __future__ import annotations

from triptych.codec.sizes import Room, most_bytes
from triptych.errors import Code, Reason, RpcError
from triptych.quotas import Quota
from triptych.store.base import Transaction
from triptych.store.queries import Held
from triptych.store.records import Project
from triptych.store.sizes import project_size
from triptych_api.gitpod.v1 import project_pb

_NOTHING = Held(0, 0)


class Admission:
    """Asks whether projects may be stored, one by one, and counts those that may.

    Args:
        quota: The quota of their organization.
        held: What the organization has.
        room: Where their messages go, if there are to be many in one reply.
    """

    def __init__(self, quota: Quota, held: Held, room: Room | None = None) -> None:
        self._quota = quota
        self._held = held
        self._room = room

    @classmethod
    async def to(
        cls, tx: Transaction, organization_id: str, quota: Quota, room: Room | None = None
    ) -> Admission:
        """Return the admission to an organization; what it has is asked for only if there is a quota."""
        held = await tx.projects.held(organization_id) if quota.restricts else _NOTHING
        return cls(quota, held, room)

    def check(self, project: Project, before: Project | None, message: project_pb.Project) -> None:
        """Let a project be stored in the place of another, or of none.

        Args:
            project: It.
            before: What it replaces, if anything.
            message: How the reply tells it.

        Raises:
            RpcError: RESOURCE_EXHAUSTED beyond the quota (QUOTA_EXCEEDED), or if the reply has no room.
        """
        size, count = project_size(project), 1
        if before is not None:
            size, count = size - project_size(before), 0
        self._quota.check(self._held, size, count)
        if self._room is not None and not self._room.take(most_bytes(message.to_binary(), [message])):
            text = "the reply has no room for the project; ask for fewer at a time"
            raise RpcError(Code.RESOURCE_EXHAUSTED, text, reason=Reason.QUOTA_EXCEEDED)
        self._held = Held(self._held.count + count, self._held.size + size)
