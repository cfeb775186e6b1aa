"""One project at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from clients import done
from gitpod import NotFoundError
from served import ADA, ENGINE, ENVIRONMENT, ENVIRONMENT_CLASS, MAX, unique

GIT = {
    "remote_uri": "https://example.org/team/site.git",
    "upstream_remote_uri": "https://example.org/origin/site.git",
    "target_mode": "CLONE_TARGET_MODE_REMOTE_BRANCH",
    "clone_target": "main",
    "checkout_location": "site",
}
FIELDS = {
    "initializer": {"specs": [{"git": GIT}, {"context_url": {"url": "https://example.org/docs"}}]},
    "devcontainer_file_path": ".devcontainer/devcontainer.json",
    "automations_file_path": "automations.yaml",
    "technical_description": "Größe: 1\n" * 9,
    "prebuild_configuration": {
        "enabled": True,
        "enable_jetbrains_warmup": True,
        "environment_class_ids": [ENVIRONMENT_CLASS],
        "timeout": "1800s",
        "trigger": {"daily_schedule": {"hour_utc": 0}},
    },
}


async def create(client: Any, **fields: Any) -> Any:
    """Create a project."""
    created = await done(client.projects.create(name=unique("p"), **{"initializer": {}, **fields}))
    return created.project


async def test_create_project(max: Any) -> None:
    name = unique("site")
    project = (await done(max.projects.create(name=name, **FIELDS))).project
    assert (project.metadata.name, project.metadata.creator.id) == (name, MAX)
    assert project.metadata.created_at.utcoffset() == timedelta()
    assert project.metadata.updated_at == project.metadata.created_at
    assert project.desired_phase == "PROJECT_PHASE_ACTIVE"
    assert project.initializer.specs[0].git.to_dict(use_api_names=False, mode="python") == GIT
    assert project.initializer.specs[1].context_url.url == "https://example.org/docs"
    for field in ("devcontainer_file_path", "automations_file_path", "technical_description"):
        assert getattr(project, field) == FIELDS[field]
    prebuilds = project.prebuild_configuration
    assert (prebuilds.enabled, prebuilds.enable_jetbrains_warmup, prebuilds.timeout) == (True, True, "1800s")
    assert prebuilds.environment_class_ids == [ENVIRONMENT_CLASS]
    assert (prebuilds.executor.id, prebuilds.executor.principal) == (MAX, "PRINCIPAL_USER")
    assert prebuilds.trigger.daily_schedule.hour_utc in (0, None)
    assert project.environment_class.environment_class_id is None
    assert project.environment_classes == []


async def test_get_project(max: Any) -> None:
    created = await create(max, **FIELDS)
    project = (await done(max.projects.retrieve(project_id=created.id))).project
    assert not project.technical_description
    assert project.model_copy(update={"technical_description": created.technical_description}) == created


async def test_get_a_seeded_project(max: Any) -> None:
    project = (await done(max.projects.retrieve(project_id=ENGINE))).project
    assert project.metadata.creator.id == ADA
    assert project.environment_class.environment_class_id == ENVIRONMENT_CLASS
    assert [item.order or 0 for item in project.environment_classes] == [0, 1]
    assert project.recommended_editors.editors["goland"].versions == ["2025.1"]
    assert not project.recommended_editors.editors["vscode"].versions
    assert {subject.id for subject in project.used_by.subjects} == {ADA, MAX}
    assert project.used_by.total_subjects == 2


async def test_update_project_changes_what_is_given(max: Any) -> None:
    created = await create(max, **FIELDS)
    arguments = {"name": unique("q"), "automations_file_path": "", "technical_description": "short"}
    editors = {"editors": {"intellij": {"versions": ["2025.1", "2024.3"]}, "goland": {}}}
    nothing = {"initializer": None, "devcontainer_file_path": None, "prebuild_configuration": None}
    project = (
        await done(
            max.projects.update(project_id=created.id, recommended_editors=editors, **arguments, **nothing)
        )
    ).project
    assert project.metadata.name == arguments["name"]
    assert project.metadata.updated_at > created.metadata.updated_at
    assert not project.automations_file_path
    assert project.technical_description == "short"
    assert project.recommended_editors.editors["intellij"].versions == ["2025.1", "2024.3"]
    for field in nothing:
        assert getattr(project, field) == getattr(created, field)
    cleared = await done(max.projects.update(project_id=created.id, recommended_editors={}))
    assert not (cleared.project.recommended_editors and cleared.project.recommended_editors.editors)


async def test_delete_project(max: Any) -> None:
    created = await create(max)
    assert await done(max.projects.delete(project_id=created.id)) == {}
    for call in (max.projects.retrieve, max.projects.delete):
        with pytest.raises(NotFoundError):
            await done(call(project_id=created.id))


async def test_create_project_from_environment(max: Any) -> None:
    name = unique("copy")
    made = await done(max.projects.create_from_environment(environment_id=ENVIRONMENT, name=name))
    project = made.project
    assert (project.metadata.name, project.metadata.creator.id) == (name, MAX)
    assert project.initializer.specs[0].git.remote_uri.endswith("analytical-engine.git")
    assert project.environment_class.environment_class_id == ENVIRONMENT_CLASS
    assert project.devcontainer_file_path == ".devcontainer/devcontainer.json"
