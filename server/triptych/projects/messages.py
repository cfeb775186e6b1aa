"""The messages of projects, built once for each version of a project and of who uses it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, Literal

from protobuf import Oneof

from triptych.clock import timestamp
from triptych.store.base import Transaction
from triptych.store.queries import UsedBy
from triptych.store.records import Project, ProjectClass
from triptych.users.messages import subject
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
            return project_message(project, used_by, technical_description=True)
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
        message = project_message(project, used_by)
        self._kept[project.id] = (project, used_by, message)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return message


def project_message(
    record: Project, used_by: UsedBy, *, technical_description: bool = False
) -> project_pb.Project:
    """Return a project, with its technical description or, as by default, without."""
    classes = [_environment_class(item) for item in record.environment_classes]
    return project_pb.Project(
        id=record.id,
        metadata=project_pb.ProjectMetadata(
            organization_id=record.organization_id,
            name=record.name,
            creator=subject(record.creator),
            created_at=timestamp(record.created_at),
            updated_at=timestamp(record.updated_at),
        ),
        initializer=record.initializer,
        environment_class=classes[0] if classes else project_pb.ProjectEnvironmentClass(),
        devcontainer_file_path=record.devcontainer_file_path,
        used_by=project_pb.Project.UsedBy(
            total_subjects=used_by.total, subjects=[subject(user) for user in used_by.latest]
        ),
        automations_file_path=record.automations_file_path,
        technical_description=record.technical_description if technical_description else "",
        prebuild_configuration=record.prebuild_configuration,
        desired_phase=project_pb.ProjectPhase.ACTIVE,
        environment_classes=classes,
        recommended_editors=record.recommended_editors,
    )


def _environment_class(item: ProjectClass) -> project_pb.ProjectEnvironmentClass:
    where: Oneof[Literal["local_runner"], bool] | Oneof[Literal["environment_class_id"], str]
    if item.environment_class_id:
        where = Oneof[Literal["environment_class_id"], str]("environment_class_id", item.environment_class_id)
    else:
        where = Oneof[Literal["local_runner"], bool]("local_runner", True)
    return project_pb.ProjectEnvironmentClass(environment_class=where, order=item.order)
