"""Bulk changes of projects, over every transport and every store."""

from __future__ import annotations

from typing import Any

import pytest

from support.api import Api
from support.failures import fails
from support.world import World

ABSENT = "00000000-0000-4000-8000-000000000000"
NO_UUID = "c1f23g7d-5d78-430e-b5b7-e0949c6eb158"


async def create(api: Api, name: str = "site") -> str:
    """Create a project and return its id."""
    return (await api.CreateProject(name=name, initializer={})).project.id


async def single_error(call: Any) -> str:
    """Return the message that the single rpc gives."""
    try:
        await call
    except Exception as error:
        return error.message  # type: ignore[attr-defined]
    raise AssertionError("the call succeeded")


async def test_creating_many_succeeds_in_part(max: Api) -> None:
    items = [
        {"name": "one", "initializer": {}, "technical_description": "text"},
        {"name": "", "initializer": {}},
        {"name": "no initializer"},
        {
            "name": "prebuild",
            "initializer": {},
            "prebuild_configuration": {"environment_class_ids": [ABSENT]},
        },
        {"name": "two", "initializer": {}},
    ]
    response = await max.CreateProjects(projects=items)
    assert [project.metadata.name for project in response.created_projects] == ["one", "two"]
    assert response.created_projects[0].technical_description == "text"
    failures = [(failure.index, failure.name) for failure in response.failed_projects]
    assert failures == [(1, ""), (2, "no initializer"), (3, "prebuild")]
    for failure in response.failed_projects:
        assert failure.error == await single_error(max.CreateProject(**items[failure.index]))
    assert {project.id for project in (await max.ListProjects()).projects} == {
        project.id for project in response.created_projects
    }


async def test_updating_many_applies_in_order(max: Api, mia: Api) -> None:
    own, foreign = await create(max), await create(mia)
    response = await max.UpdateProjects(
        projects=[
            {"project_id": own, "name": "first"},
            {"project_id": foreign, "name": "x"},
            {"project_id": NO_UUID, "name": "x"},
            {"project_id": ABSENT, "name": "x"},
            {"project_id": own, "name": "second"},
        ]
    )
    assert [project.metadata.name for project in response.updated_projects] == ["first", "second"]
    failures = [(failure.index, failure.project_id) for failure in response.failed_projects]
    assert failures == [(1, foreign), (2, NO_UUID), (3, ABSENT)]
    for failure in response.failed_projects:
        single = await single_error(max.UpdateProject(project_id=failure.project_id, name="x"))
        assert failure.error == single
    assert (await max.GetProject(project_id=own)).project.metadata.name == "second"


async def test_deleting_many_fails_item_by_item(max: Api, mia: Api) -> None:
    own, foreign = await create(max), await create(mia)
    response = await max.DeleteProjects(project_ids=[own, NO_UUID, own, foreign])
    assert list(response.deleted_project_ids) == [own]
    failures = [(failure.index, failure.project_id) for failure in response.failed_projects]
    assert failures == [(1, NO_UUID), (2, own), (3, foreign)]
    for failure in response.failed_projects:
        single = await single_error(max.DeleteProject(project_id=failure.project_id))
        assert failure.error == single
    await fails("not_found", max.GetProject(project_id=own))
    assert (await max.GetProject(project_id=foreign)).project.id == foreign


@pytest.mark.parametrize("count", [0, 101])
async def test_the_number_of_items_is_bounded(max: Api, count: int) -> None:
    for call, field in (
        (max.CreateProjects(projects=[{"name": "p", "initializer": {}}] * count), "projects"),
        (max.UpdateProjects(projects=[{"project_id": ABSENT}] * count), "projects"),
        (max.DeleteProjects(project_ids=[ABSENT] * count), "project_ids"),
    ):
        error = await fails("invalid_argument", call)
        assert list(error.violations) == [field]
    assert not (await max.ListProjects()).projects


async def test_one_hundred_items_are_fine(world: World, max: Api) -> None:
    items = [{"name": f"p{number}", "initializer": {}} for number in range(100)]
    response = await max.CreateProjects(projects=items)
    assert len(response.created_projects) == 100
    ids = [project.id for project in response.created_projects]
    assert ids == sorted(ids)
    response = await max.DeleteProjects(project_ids=ids)
    assert list(response.deleted_project_ids) == ids
