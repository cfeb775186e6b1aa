"""Projects, one at a time and several in one call."""

from __future__ import annotations

from typing import Any

from clients import Api, failure
from connectrpc.code import Code
from gitpod.v1 import project_pb2 as pb
from gitpod.v1.environment_pb2 import EnvironmentInitializer
from gitpod.v1.identity_pb2 import PRINCIPAL_USER
from google.protobuf.duration_pb2 import Duration
from served import ADA, ENGINE, ENVIRONMENT, ENVIRONMENT_CLASS, MAX, unique

GIT = {
    "remote_uri": "https://example.org/team/site.git",
    "upstream_remote_uri": "https://example.org/origin/site.git",
    "target_mode": "CLONE_TARGET_MODE_REMOTE_BRANCH",
    "clone_target": "main",
    "checkout_location": "site",
}
INITIALIZER = {"specs": [{"git": GIT}, {"context_url": {"url": "https://example.org/docs"}}]}
PREBUILDS = {
    "enabled": True,
    "enable_jetbrains_warmup": True,
    "environment_class_ids": [ENVIRONMENT_CLASS],
    "timeout": Duration(seconds=1800),
    "trigger": {"daily_schedule": {"hour_utc": 0}},
}
FIELDS = {
    "initializer": INITIALIZER,
    "devcontainer_file_path": ".devcontainer/devcontainer.json",
    "automations_file_path": "automations.yaml",
    "technical_description": "Größe: 1\n" * 9,
    "prebuild_configuration": PREBUILDS,
}


async def create(api: Api, **fields: Any) -> Any:
    """Create a project."""
    request = pb.CreateProjectRequest(**{"name": unique("p"), "initializer": {}, **fields})
    return (await api.project.create_project(request)).project


async def get(api: Api, id: str) -> Any:
    """Get a project."""
    return (await api.project.get_project(pb.GetProjectRequest(project_id=id))).project


async def test_create_and_get_project(max: Api) -> None:
    created = await create(max, **FIELDS)
    assert created.metadata.creator.id == MAX
    assert created.metadata.created_at == created.metadata.updated_at
    assert created.desired_phase == pb.PROJECT_PHASE_ACTIVE
    assert created.initializer == EnvironmentInitializer(**INITIALIZER)
    executor = {"id": MAX, "principal": PRINCIPAL_USER}
    assert created.prebuild_configuration == pb.ProjectPrebuildConfiguration(executor=executor, **PREBUILDS)
    for field in ("devcontainer_file_path", "automations_file_path", "technical_description"):
        assert getattr(created, field) == FIELDS[field]
    project = await get(max, created.id)
    assert not project.technical_description
    created.ClearField("technical_description")
    assert project == created


async def test_get_a_seeded_project(max: Api) -> None:
    project = await get(max, ENGINE)
    assert project.metadata.creator.id == ADA
    assert project.environment_class.environment_class_id == ENVIRONMENT_CLASS
    assert [item.order for item in project.environment_classes] == [0, 1]
    assert set(project.recommended_editors.editors) == {"goland", "vscode"}
    assert ({subject.id for subject in project.used_by.subjects}, project.used_by.total_subjects) == (
        {ADA, MAX},
        2,
    )


async def test_update_project_changes_what_is_given(max: Api) -> None:
    created = await create(max, **FIELDS)
    versions = {"intellij": pb.EditorVersions(versions=["2025.1", "2024.3"]), "goland": pb.EditorVersions()}
    editors = pb.RecommendedEditors(editors=versions)
    fields = {"name": unique("q"), "automations_file_path": "", "recommended_editors": editors}
    request = pb.UpdateProjectRequest(project_id=created.id, **fields)
    project = (await max.project.update_project(request)).project
    assert project.metadata.name == fields["name"]
    assert project.metadata.updated_at.ToNanoseconds() > created.metadata.updated_at.ToNanoseconds()
    assert not project.automations_file_path
    assert project.recommended_editors == editors
    for field in ("initializer", "devcontainer_file_path", "technical_description", "prebuild_configuration"):
        assert getattr(project, field) == getattr(created, field)
    request = pb.UpdateProjectRequest(project_id=created.id, recommended_editors={})
    assert not (await max.project.update_project(request)).project.recommended_editors.editors


async def test_delete_project(max: Api) -> None:
    created = await create(max)
    request = pb.DeleteProjectRequest(project_id=created.id)
    assert await max.project.delete_project(request) == pb.DeleteProjectResponse()
    assert (await failure(max.project.delete_project(request))).code is Code.NOT_FOUND
    assert (await failure(get(max, created.id))).code is Code.NOT_FOUND


async def test_create_project_from_environment(max: Api) -> None:
    name = unique("copy")
    request = pb.CreateProjectFromEnvironmentRequest(name=name, environment_id=ENVIRONMENT)
    project = (await max.project.create_project_from_environment(request)).project
    assert (project.metadata.name, project.metadata.creator.id) == (name, MAX)
    assert project.initializer.specs[0].git.remote_uri.endswith("analytical-engine.git")
    assert project.environment_class.environment_class_id == ENVIRONMENT_CLASS
    assert project.devcontainer_file_path == ".devcontainer/devcontainer.json"
