"""The life of a project: also run against `triptych serve`."""

from __future__ import annotations

from clients import Api, failure, pages
from connectrpc.code import Code
from gitpod.v1 import project_pb2 as pb
from gitpod.v1.user_pb2 import GetAuthenticatedUserRequest
from served import ADA, SEEDED_PROJECTS, unique


async def test_first_steps(ada: Api) -> None:
    assert (await ada.user.get_authenticated_user(GetAuthenticatedUserRequest())).user.id == ADA
    responses = await pages(ada.project.list_projects, pb.ListProjectsRequest())
    assert {project.id for response in responses for project in response.projects} >= SEEDED_PROJECTS
    created = await ada.project.create_project(pb.CreateProjectRequest(name=unique("p"), initializer={}))
    request = pb.GetProjectRequest(project_id=created.project.id)
    assert (await ada.project.get_project(request)).project.id == created.project.id
    await ada.project.delete_project(pb.DeleteProjectRequest(project_id=created.project.id))
    assert (await failure(ada.project.get_project(request))).code is Code.NOT_FOUND
