"""Projects as pydantic models, with the JSON names and values of gitpod.v1."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Model(BaseModel):
    """The base: lowerCamelCase."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Principal(StrEnum):
    UNSPECIFIED = "PRINCIPAL_UNSPECIFIED"
    USER = "PRINCIPAL_USER"
    SERVICE_ACCOUNT = "PRINCIPAL_SERVICE_ACCOUNT"


class ProjectPhase(StrEnum):
    UNSPECIFIED = "PROJECT_PHASE_UNSPECIFIED"
    ACTIVE = "PROJECT_PHASE_ACTIVE"
    DELETED = "PROJECT_PHASE_DELETED"


class CloneTargetMode(StrEnum):
    UNSPECIFIED = "CLONE_TARGET_MODE_UNSPECIFIED"
    REMOTE_HEAD = "CLONE_TARGET_MODE_REMOTE_HEAD"
    REMOTE_COMMIT = "CLONE_TARGET_MODE_REMOTE_COMMIT"
    REMOTE_BRANCH = "CLONE_TARGET_MODE_REMOTE_BRANCH"
    LOCAL_BRANCH = "CLONE_TARGET_MODE_LOCAL_BRANCH"
    REMOTE_TAG = "CLONE_TARGET_MODE_REMOTE_TAG"


class Subject(Model):
    id: str
    principal: Principal


class ProjectMetadata(Model):
    organization_id: str
    name: str
    creator: Subject
    created_at: datetime
    updated_at: datetime


class GitInitializer(Model):
    remote_uri: str
    upstream_remote_uri: str
    target_mode: CloneTargetMode
    clone_target: str
    checkout_location: str


class ContextUrlInitializer(Model):
    url: str


class Spec(Model):
    git: GitInitializer | None = None
    context_url: ContextUrlInitializer | None = None


class EnvironmentInitializer(Model):
    specs: list[Spec]


class ProjectEnvironmentClass(Model):
    local_runner: bool | None = None
    environment_class_id: str | None = None
    order: int


class UsedBy(Model):
    total_subjects: int
    subjects: list[Subject]


class DailySchedule(Model):
    hour_utc: int


class PrebuildTrigger(Model):
    daily_schedule: DailySchedule | None = None


class ProjectPrebuildConfiguration(Model):
    enabled: bool
    environment_class_ids: list[str]
    timeout: str
    trigger: PrebuildTrigger | None = None
    executor: Subject | None = None
    enable_jetbrains_warmup: bool


class EditorVersions(Model):
    versions: list[str]


class RecommendedEditors(Model):
    editors: dict[str, EditorVersions]


class Project(Model):
    id: str
    metadata: ProjectMetadata
    initializer: EnvironmentInitializer
    environment_class: ProjectEnvironmentClass
    devcontainer_file_path: str
    used_by: UsedBy
    automations_file_path: str
    technical_description: str
    prebuild_configuration: ProjectPrebuildConfiguration | None = None
    desired_phase: ProjectPhase
    environment_classes: list[ProjectEnvironmentClass]
    recommended_editors: RecommendedEditors | None = None


class PaginationRequest(Model):
    page_size: int = Field(default=0, ge=0, le=100)
    token: str = ""


class PaginationResponse(Model):
    next_token: str


class GetProjectRequest(Model):
    project_id: UUID


class GetProjectResponse(Model):
    project: Project


class ListProjectsRequest(Model):
    pagination: PaginationRequest | None = None


class ListProjectsResponse(Model):
    pagination: PaginationResponse
    projects: list[Project]
