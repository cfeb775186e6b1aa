"""Several projects in one call: some fail, the others do not."""

from __future__ import annotations

from typing import Any

import pytest
from clients import done
from gitpod import BadRequestError
from served import ABSENT, unique

NO_UUID = "c1f23g7d-5d78-430e-b5b7-e0949c6eb158"  # as in the vendor's own examples


async def create(client: Any, *names: str) -> Any:
    """Create projects of those names."""
    projects = [{"name": name, "initializer": {"specs": []}} for name in names]
    return await done(client.projects.bulk_create(projects=projects))


async def test_create_projects(max: Any) -> None:
    names = [unique("a"), unique("b")]
    response = await create(max, names[0], "x" * 81, names[1], "")
    assert [project.metadata.name for project in response.created_projects] == names
    assert [(item.index or 0, item.name or "") for item in response.failed_projects] == [
        (1, "x" * 81),
        (3, ""),
    ]
    assert all("name" in item.error for item in response.failed_projects)


async def test_update_projects(max: Any) -> None:
    made = (await create(max, unique("a"), unique("b"))).created_projects
    items = [
        {"project_id": made[0].id, "name": "new a", "initializer": None},
        {"project_id": ABSENT, "name": "lost"},
        {"project_id": made[1].id, "technical_description": "new"},
        {"project_id": NO_UUID, "name": "wrong"},
    ]
    response = await done(max.projects.bulk_update(projects=items))
    assert [project.id for project in response.updated_projects] == [project.id for project in made]
    assert response.updated_projects[0].metadata.name == "new a"
    failures = [(item.index, item.project_id) for item in response.failed_projects]
    assert failures == [(1, ABSENT), (3, NO_UUID)]
    assert "not found" in response.failed_projects[0].error


async def test_delete_projects(max: Any) -> None:
    ids = [project.id for project in (await create(max, unique("a"), unique("b"))).created_projects]
    response = await done(max.projects.bulk_delete(project_ids=[ids[0], NO_UUID, ids[1], ids[0]]))
    assert response.deleted_project_ids == ids
    assert [(item.index, item.project_id) for item in response.failed_projects] == [(1, NO_UUID), (3, ids[0])]


async def test_nothing_fails(max: Any) -> None:
    response = await create(max, unique("a"))
    assert response.failed_projects == []
    response = await done(max.projects.bulk_delete(project_ids=[response.created_projects[0].id]))
    assert response.failed_projects == []


async def test_the_number_of_items_is_bounded(max: Any) -> None:
    for call, argument, item in (
        (max.projects.bulk_create, "projects", {"name": "p", "initializer": {}}),
        (max.projects.bulk_update, "projects", {"project_id": ABSENT}),
        (max.projects.bulk_delete, "project_ids", ABSENT),
    ):
        for items in ([], [item] * 101):
            with pytest.raises(BadRequestError):
                await done(call(**{argument: items}))
