"""The messages of projects: kept in parts for what is read, built anew for what is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Final, Literal

from protobuf import Oneof

from triptych.clock import timestamp
from triptych.codec.kept import KeptParts, Shelf
from triptych.codec.parts import Composition, Part
from triptych.store.queries import UNUSED, UsedBy
from triptych.store.records import Project, ProjectClass
from triptych.users.messages import subject
from triptych_api.gitpod.v1 import project_pb

PROJECT: Final = Composition(project_pb.Project, "used_by")
_ID: Final = attrgetter("id")


class ProjectParts:
    """The parts of projects that were asked for last. They leave technical descriptions out."""

    def __init__(self, kept: KeptParts) -> None:
        self._projects = Shelf[Project](kept, lambda record: PROJECT.rest(_rest(record)))
        self._used_by = Shelf[UsedBy](kept, lambda value: PROJECT.field("used_by", _used_by(value)))

    def of(self, projects: Sequence[Project], used_by: Mapping[str, UsedBy]) -> list[list[Part]]:
        """Return the columns of what `Composed` takes, from what a transaction read that only reads."""
        ids = list(map(_ID, projects))
        return [
            self._projects.of_records(projects),
            self._used_by.of_values(ids, map(used_by.__getitem__, ids)),
        ]


def changed_project(record: Project, used_by: UsedBy = UNUSED) -> project_pb.Project:
    """Return the message of a project that was made or changed, with its technical description."""
    message = project_message(record, used_by)
    message.technical_description = record.technical_description
    return message


def project_message(record: Project, used_by: UsedBy) -> project_pb.Project:
    """Return the message of a project, without its technical description."""
    message = _rest(record)
    message.used_by = _used_by(used_by)
    return message


def _rest(record: Project) -> project_pb.Project:
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
        automations_file_path=record.automations_file_path,
        prebuild_configuration=record.prebuild_configuration,
        desired_phase=project_pb.ProjectPhase.ACTIVE,
        environment_classes=classes,
        recommended_editors=record.recommended_editors,
    )


def _used_by(used_by: UsedBy) -> project_pb.Project.UsedBy:
    return project_pb.Project.UsedBy(
        total_subjects=used_by.total, subjects=[subject(user) for user in used_by.latest]
    )


def _environment_class(item: ProjectClass) -> project_pb.ProjectEnvironmentClass:
    where: Oneof[Literal["local_runner"], bool] | Oneof[Literal["environment_class_id"], str]
    if item.environment_class_id:
        where = Oneof[Literal["environment_class_id"], str]("environment_class_id", item.environment_class_id)
    else:
        where = Oneof[Literal["local_runner"], bool]("local_runner", True)
    return project_pb.ProjectEnvironmentClass(environment_class=where, order=item.order)
