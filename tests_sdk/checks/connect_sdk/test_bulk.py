"""Several projects in one call: some fail, the others do not."""

from __future__ import annotations

from typing import Any

from clients import Api, failure
from connectrpc.code import Code
from gitpod.v1 import project_pb2 as pb
from served import ABSENT, unique

NO_UUID = "c1f23g7d-5d78-430e-b5b7-e0949c6eb158"  # as in the vendor's own examples


async def create(api: Api, *names: str) -> Any:
    """Create projects of those names."""
    projects = [{"name": name, "initializer": {}} for name in names]
    return await api.project.create_projects(pb.CreateProjectsRequest(projects=projects))


async def test_create_projects(max: Api) -> None:
    names = [unique("a"), unique("b")]
    response = await create(max, names[0], "x" * 81, names[1], "")
    assert [project.metadata.name for project in response.created_projects] == names
    assert [(item.index, item.name) for item in response.failed_projects] == [(1, "x" * 81), (3, "")]
    assert all("name" in item.error for item in response.failed_projects)


async def test_update_projects(max: Api) -> None:
    made = (await create(max, unique("a"), unique("b"))).created_projects
    items = [
        {"project_id": made[0].id, "name": "new a"},
        {"project_id": ABSENT, "name": "lost"},
        {"project_id": made[1].id, "technical_description": "new"},
        {"project_id": NO_UUID, "name": "wrong"},
    ]
    response = await max.project.update_projects(pb.UpdateProjectsRequest(projects=items))
    assert [project.id for project in response.updated_projects] == [project.id for project in made]
    assert response.updated_projects[0].metadata.name == "new a"
    failures = [(item.index, item.project_id) for item in response.failed_projects]
    assert failures == [(1, ABSENT), (3, NO_UUID)]
    assert "not found" in response.failed_projects[0].error


async def test_delete_projects(max: Api) -> None:
    ids = [project.id for project in (await create(max, unique("a"), unique("b"))).created_projects]
    request = pb.DeleteProjectsRequest(project_ids=[ids[0], NO_UUID, ids[1], ids[0]])
    response = await max.project.delete_projects(request)
    assert response.deleted_project_ids == ids
    assert [(item.index, item.project_id) for item in response.failed_projects] == [(1, NO_UUID), (3, ids[0])]


async def test_the_number_of_items_is_bounded(max: Api) -> None:
    for number in (0, 101):
        creates = [pb.CreateProjectRequest(name="p", initializer={})] * number
        updates = [pb.UpdateProjectRequest(project_id=ABSENT)] * number
        for response in (
            max.project.create_projects(pb.CreateProjectsRequest(projects=creates)),
            max.project.update_projects(pb.UpdateProjectsRequest(projects=updates)),
            max.project.delete_projects(pb.DeleteProjectsRequest(project_ids=[ABSENT] * number)),
        ):
            assert (await failure(response)).code is Code.INVALID_ARGUMENT
