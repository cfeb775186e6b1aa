"""Records as the messages of gitpod.v1."""

from __future__ import annotations

from typing import Literal

from protobuf import Oneof

from triptych.clock import timestamp
from triptych.store import records
from triptych.store.queries import UsedBy
from triptych_api.gitpod.v1.identity_pb import Subject
from triptych_api.gitpod.v1.personal_access_token_pb import PersonalAccessToken
from triptych_api.gitpod.v1.project_pb import Project, ProjectEnvironmentClass, ProjectMetadata, ProjectPhase
from triptych_api.gitpod.v1.user_pb import User


def user(record: records.User) -> User:
    """Return a user's profile."""
    return User(
        id=record.id,
        organization_id=record.organization_id,
        name=record.name,
        avatar_url=record.avatar_url,
        created_at=timestamp(record.created_at),
        status=record.status,
        email=record.email,
    )


def subject(reference: records.SubjectRef) -> Subject:
    """Return whoever acts."""
    return Subject(id=reference.id, principal=reference.principal)


def personal_access_token(record: records.Token, last_used: int | None) -> PersonalAccessToken:
    """Return what is known of a token."""
    return PersonalAccessToken(
        id=record.id,
        user_id=record.owner.id,
        description=record.description,
        creator=subject(record.creator),
        created_at=timestamp(record.created_at),
        expires_at=None if record.expires_at is None else timestamp(record.expires_at),
        last_used=None if last_used is None else timestamp(last_used),
        read_only=record.read_only,
    )


def project(record: records.Project, used_by: UsedBy, *, technical_description: bool = False) -> Project:
    """Return a project, with its technical description or, as by default, without."""
    classes = [_environment_class(item) for item in record.environment_classes]
    return Project(
        id=record.id,
        metadata=ProjectMetadata(
            organization_id=record.organization_id,
            name=record.name,
            creator=subject(record.creator),
            created_at=timestamp(record.created_at),
            updated_at=timestamp(record.updated_at),
        ),
        initializer=record.initializer,
        environment_class=classes[0] if classes else ProjectEnvironmentClass(),
        devcontainer_file_path=record.devcontainer_file_path,
        used_by=Project.UsedBy(
            total_subjects=used_by.total, subjects=[subject(user) for user in used_by.latest]
        ),
        automations_file_path=record.automations_file_path,
        technical_description=record.technical_description if technical_description else "",
        prebuild_configuration=record.prebuild_configuration,
        desired_phase=ProjectPhase.ACTIVE,
        environment_classes=classes,
        recommended_editors=record.recommended_editors,
    )


def _environment_class(item: records.ProjectClass) -> ProjectEnvironmentClass:
    where: Oneof[Literal["local_runner"], bool] | Oneof[Literal["environment_class_id"], str]
    if item.environment_class_id:
        where = Oneof[Literal["environment_class_id"], str]("environment_class_id", item.environment_class_id)
    else:
        where = Oneof[Literal["local_runner"], bool]("local_runner", True)
    return ProjectEnvironmentClass(environment_class=where, order=item.order)
