"""The messages of projects, built once for each version of a project and of who uses it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from triptych.services import messages
from triptych.store.base import Transaction
from triptych.store.queries import UsedBy
from triptych.store.records import Project
from triptych_api.gitpod.v1 import project_pb

_KEPT: Final = 4096


class ProjectMessages:
    """Builds messages, and keeps the ones that were asked for last.

    What is kept is handed out as it is: nobody changes a message that a service returned.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Project, UsedBy, project_pb.Project]] = OrderedDict()

    async def one(
        self, tx: Transaction, project: Project, *, technical_description: bool = False
    ) -> project_pb.Project:
        """Return the message of a project."""
        used_by = (await tx.environments.used_by([project.id]))[project.id]
        if technical_description:
            return messages.project(project, used_by, technical_description=True)
        return self._message(project, used_by)

    async def many(self, tx: Transaction, projects: Sequence[Project]) -> list[project_pb.Project]:
        """Return the messages of projects, without technical descriptions."""
        used_by = await tx.environments.used_by([project.id for project in projects])
        return [self._message(project, used_by[project.id]) for project in projects]

    def _message(self, project: Project, used_by: UsedBy) -> project_pb.Project:
        kept = self._kept.get(project.id)
        if kept is not None and kept[0] is project and kept[1] == used_by:
            self._kept.move_to_end(project.id)
            return kept[2]
        message = messages.project(project, used_by)
        self._kept[project.id] = (project, used_by, message)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return message
