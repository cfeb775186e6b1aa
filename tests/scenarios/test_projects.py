"""Projects one at a time, over every transport and every store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from support.api import Api
from support.failures import fails
from support.world import World
from triptych_api.gitpod.v1.identity_pb import Principal
from triptych_api.gitpod.v1.project_pb import ProjectPhase

ABSENT = "00000000-0000-4000-8000-000000000000"
GIT = {"specs": [{"git": {"remote_uri": "https://example.org/team/site.git", "target_mode": 3}}]}


async def create(api: Api, **fields: Any) -> Any:
    """Create a project and return it."""
    return (await api.CreateProject(**{"name": "site", "initializer": GIT, **fields})).project


async def test_a_project_is_created_with_its_defaults_and_read_back(world: World, max: Api) -> None:
    me = world.users["max"]
    created = await create(
        max,
        devcontainer_file_path=".devcontainer/devcontainer.json",
        automations_file_path=".automations.yaml",
        technical_description="long text",
        prebuild_configuration={"enabled": True, "trigger": {"daily_schedule": {"hour_utc": 23}}},
    )
    assert UUID(created.id).version == 7
    assert created.metadata.name == "site"
    assert created.metadata.organization_id == world.organization_id
    assert (created.metadata.creator.id, created.metadata.creator.principal) == (me.id, Principal.USER)
    assert created.metadata.created_at == created.metadata.updated_at
    assert created.initializer.specs[0].git.remote_uri == "https://example.org/team/site.git"
    assert created.prebuild_configuration.timeout.ToSeconds() == 3600
    assert created.prebuild_configuration.executor.id == me.id
    assert created.prebuild_configuration.trigger.daily_schedule.hour_utc == 23
    assert created.desired_phase == ProjectPhase.ACTIVE
    assert created.HasField("environment_class")
    assert not created.environment_classes
    assert created.technical_description == "long text"
    read = (await max.GetProject(project_id=created.id.upper())).project
    assert not read.technical_description
    read.technical_description = "long text"
    assert read == created


async def test_names_need_not_be_unique(max: Api) -> None:
    assert (await create(max)).id < (await create(max)).id


async def test_a_project_without_prebuilds_has_no_configuration(max: Api) -> None:
    created = await create(max, initializer={})
    assert not created.HasField("prebuild_configuration")
    assert created.HasField("initializer")


@pytest.mark.parametrize(
    ("fields", "violations"),
    [
        ({"name": ""}, ["name"]),
        ({"name": "x" * 81}, ["name"]),
        ({"initializer": None}, ["initializer"]),
        ({"name": "", "initializer": None}, ["name", "initializer"]),
        ({"devcontainer_file_path": "/etc/passwd"}, ["devcontainer_file_path"]),
        ({"automations_file_path": "/x"}, ["automations_file_path"]),
        ({"technical_description": "x" * 8193}, ["technical_description"]),
        ({"initializer": {"specs": [{}]}}, ["initializer.specs[0].spec"]),
        (
            {"initializer": {"specs": [{"context_url": {"url": "no uri"}}]}},
            ["initializer.specs[0].context_url.url"],
        ),
        ({"prebuild_configuration": {"timeout": {"seconds": 299}}}, ["prebuild_configuration.timeout"]),
        (
            {"prebuild_configuration": {"timeout": {"seconds": 7200, "nanos": 1}}},
            ["prebuild_configuration.timeout"],
        ),
        (
            {"prebuild_configuration": {"trigger": {"daily_schedule": {"hour_utc": 24}}}},
            ["prebuild_configuration.trigger.daily_schedule.hour_utc"],
        ),
        (
            {"prebuild_configuration": {"environment_class_ids": ["x"]}},
            ["prebuild_configuration.environment_class_ids[0]"],
        ),
        (
            {"prebuild_configuration": {"executor": {"id": "x"}}},
            ["prebuild_configuration.executor.id"],
        ),
    ],
)
async def test_what_breaks_a_rule_is_named(max: Api, fields: dict[str, Any], violations: list[str]) -> None:
    error = await fails("invalid_argument", create(max, **fields))
    assert list(error.violations) == violations
    assert error.detail_types == ["google.rpc.BadRequest", "google.rpc.ErrorInfo"]
    assert all(path in error.message for path in violations)
    assert not (await max.ListProjects()).projects


@pytest.mark.parametrize("length", [1, 80])
async def test_names_are_counted_in_characters(max: Api, length: int) -> None:
    assert (await create(max, name="\U0001f600" * length)).metadata.name == "\U0001f600" * length


async def test_what_a_project_names_must_exist(
    world: World, max: Api, other_world: Callable[[], Awaitable[World]]
) -> None:
    own = await world.environment_class()
    stranger = await other_world()
    foreign = await stranger.environment_class()
    configuration = {"environment_class_ids": [own.id], "executor": {"id": world.users["mia"].id}}
    created = await create(max, prebuild_configuration=configuration)
    assert created.prebuild_configuration.executor.principal == Principal.USER
    for bad in (
        {"environment_class_ids": [foreign.id]},
        {"executor": {"id": stranger.users["ada"].id}},
        {"executor": {"id": world.users["mia"].id, "principal": Principal.SERVICE_ACCOUNT}},
        {"executor": {"id": world.users["mia"].id, "principal": Principal.RUNNER}},
    ):
        await fails("failed_precondition", create(max, prebuild_configuration=bad))


async def test_an_environment_is_a_template(
    world: World, max: Api, other_world: Callable[[], Awaitable[World]]
) -> None:
    environment_class = await world.environment_class()
    environment = await world.environment(
        world.users["mia"],
        environment_class_id=environment_class.id,
        devcontainer_file_path="dev.json",
        automations_file_path="auto.yaml",
    )
    made = (
        await max.CreateProjectFromEnvironment(name="copy", environment_id=environment.id.upper())
    ).project
    assert made.environment_class.environment_class_id == environment_class.id
    assert [item.environment_class_id for item in made.environment_classes] == [environment_class.id]
    assert (made.devcontainer_file_path, made.automations_file_path) == ("dev.json", "auto.yaml")
    local = await world.environment(world.users["mia"])
    made = (await max.CreateProjectFromEnvironment(name="copy", environment_id=local.id)).project
    assert made.environment_class.local_runner
    stranger = await other_world()
    foreign = await stranger.environment(stranger.users["ada"])
    for id in (foreign.id, ABSENT):
        await fails("not_found", max.CreateProjectFromEnvironment(name="copy", environment_id=id))


async def test_an_update_changes_what_it_sets_and_nothing_else(max: Api) -> None:
    before = await create(max, technical_description="text", devcontainer_file_path="a.json")
    editors = {"editors": {"intellij": {"versions": ["2025.1"]}, "goland": {}}}
    after = (await max.UpdateProject(project_id=before.id, recommended_editors=editors)).project
    assert dict(after.recommended_editors.editors).keys() == {"intellij", "goland"}
    assert after.metadata.updated_at.ToNanoseconds() > before.metadata.updated_at.ToNanoseconds()
    after.metadata.updated_at.CopyFrom(before.metadata.updated_at)
    after.ClearField("recommended_editors")
    assert after == before


async def test_an_update_replaces_messages_and_clears_with_empty_values(max: Api) -> None:
    before = await create(
        max,
        technical_description="text",
        devcontainer_file_path="a.json",
        prebuild_configuration={"enabled": True, "timeout": {"seconds": 600}},
    )
    await max.UpdateProject(project_id=before.id, recommended_editors={"editors": {"vscode": {}}})
    after = (
        await max.UpdateProject(
            project_id=before.id,
            name="renamed",
            initializer={},
            devcontainer_file_path="",
            technical_description="",
            prebuild_configuration={"enabled": False},
            recommended_editors={},
        )
    ).project
    assert after.metadata.name == "renamed"
    assert not after.initializer.specs
    assert not after.devcontainer_file_path
    assert not after.technical_description
    assert not after.prebuild_configuration.enabled
    assert after.prebuild_configuration.timeout.ToSeconds() == 3600
    assert not after.recommended_editors.editors
    read = (await max.GetProject(project_id=before.id)).project
    assert read == after


async def test_a_refused_update_changes_nothing(max: Api) -> None:
    before = (await max.GetProject(project_id=(await create(max)).id)).project
    bad = {"name": "renamed", "prebuild_configuration": {"environment_class_ids": [ABSENT]}}
    await fails("failed_precondition", max.UpdateProject(project_id=before.id, **bad))
    await fails("invalid_argument", max.UpdateProject(project_id=before.id, name=""))
    assert (await max.GetProject(project_id=before.id)).project == before


async def test_who_may_change_and_delete(world: World, ada: Api, max: Api, mia: Api) -> None:
    project = await create(max)
    await fails("permission_denied", mia.UpdateProject(project_id=project.id, name="x"))
    await fails("permission_denied", mia.DeleteProject(project_id=project.id))
    await ada.UpdateProject(project_id=project.id, name="by ada")
    assert (await mia.GetProject(project_id=project.id)).project.metadata.name == "by ada"
    await ada.DeleteProject(project_id=project.id)
    for call in (
        max.GetProject(project_id=project.id),
        max.UpdateProject(project_id=project.id, name="x"),
        max.DeleteProject(project_id=project.id),
    ):
        await fails("not_found", call)


async def test_groups_with_a_role_may_change(world: World, max: Api, mia: Api) -> None:
    group = await world.group(world.users["mia"])
    project = await create(max)

    async def change(**fields: frozenset[str]) -> None:
        async with world.store.read() as tx:
            record = await tx.projects.get(project.id)
        assert record is not None
        await world.put("projects", replace(record, version=record.version + 1, **fields))

    await change(editor_group_ids=frozenset({group.id}))
    await mia.UpdateProject(project_id=project.id, name="by mia")
    await fails("permission_denied", mia.DeleteProject(project_id=project.id))
    await change(admin_group_ids=frozenset({group.id}))
    await mia.DeleteProject(project_id=project.id)


async def test_other_organizations_see_nothing(max: Api, other_world: Callable[[], Awaitable[World]]) -> None:
    project = await create(max)
    stranger = await other_world()
    ada = await stranger.as_(stranger.users["ada"])
    for call in (
        ada.GetProject(project_id=project.id),
        ada.UpdateProject(project_id=project.id, name="x"),
        ada.DeleteProject(project_id=project.id),
    ):
        await fails("not_found", call)
    assert not (await ada.ListProjects()).projects


async def test_who_uses_a_project(world: World, max: Api) -> None:
    project = await create(max)
    users = [await world.user(f"user-{number}") for number in range(12)]
    for number, user in enumerate(users):
        await world.environment(user, project_id=project.id, created_at=world.clock.now() + number)
    await world.environment(users[0], project_id=project.id, created_at=world.clock.now() + 100)
    used_by = (await max.GetProject(project_id=project.id)).project.used_by
    assert used_by.total_subjects == 12
    assert [subject.id for subject in used_by.subjects] == [
        users[0].id,
        *(user.id for user in users[:2:-1]),
    ]
    assert (await max.ListProjects()).projects[0].used_by == used_by


async def test_a_read_only_token_changes_no_project(world: World, max: Api) -> None:
    project = await create(max)
    reader = await world.as_(world.users["max"], read_only=True)
    for call in (
        create(reader),
        reader.CreateProjects(projects=[{"name": ""}]),
        reader.UpdateProject(project_id=project.id, name="x"),
        reader.UpdateProjects(projects=[{"project_id": project.id, "name": "x"}]),
        reader.DeleteProject(project_id=project.id),
        reader.DeleteProjects(project_ids=[project.id]),
    ):
        await fails("permission_denied", call)
    assert (await reader.GetProject(project_id=project.id)).project.metadata.name == "site"
