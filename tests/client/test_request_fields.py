"""Requests from their fields by name, from messages, or from both; what is neither is told so."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from support.world import World
from triptych_api.factify.api.v1beta.document_pb import AccessLevel
from triptych_api.factify.api.v1beta.document_service_pb import ListDocumentsRequest, TimestampFilter
from triptych_api.gitpod.v1.environment_initializer_pb import EnvironmentInitializer
from triptych_api.gitpod.v1.project_service_pb import GetProjectRequest, ListProjectsRequest
from triptych_client import AsyncClient, Client, InvalidArgumentError
from triptych_client._generated.document_service import LIST_DOCUMENTS
from triptych_client._generated.project_service import GET_PROJECT
from triptych_client.request_fields import request_of

SERVICES = ("users", "projects", "documents")


async def test_fields_by_name(client: Any) -> None:
    projects = client.projects
    made = await projects.create_project(name="Engine", initializer=EnvironmentInitializer())
    id = made.project.id
    await projects.create_project(name="Handbook", initializer=EnvironmentInitializer())
    assert (await projects.get_project(project_id=id)).project.metadata.name == "Engine"
    await projects.update_project(project_id=id, devcontainer_file_path="a.json")
    changed = await projects.update_project(project_id=id, devcontainer_file_path="")
    assert (changed.project.metadata.name, changed.project.devcontainer_file_path) == ("Engine", "")
    assert [each.id async for each in projects.iter_projects(search="engine", page_size=1)] == [id]
    assert [each.id async for each in projects.iter_projects(project_ids=(id,))] == [id]
    assert len((await projects.list_projects(project_ids=[id])).projects) == 1
    with pytest.raises(InvalidArgumentError, match="project_id"):
        await projects.get_project(project_id="engine")


async def test_times_of_python_are_taken(client: Any, organization: World) -> None:
    user = (await client.users.get_authenticated_user()).user
    made = await client.users.create_personal_access_token(user_id=user.id, valid_for=timedelta(hours=1))
    assert made.token
    ada = organization.users["ada"]
    id = await organization.document(ada)
    past, future = datetime(2000, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
    documents = client.documents
    found = [each.id async for each in documents.iter_documents(created_after=past, created_before=future)]
    assert found == [id]
    assert [each async for each in documents.iter_documents(created_after=future)] == []
    assert [each async for each in documents.iter_documents(access_level=[AccessLevel.PUBLIC])] == []


async def test_fields_beside_a_message_change_a_copy_of_it(client: Any) -> None:
    for name in ("Engine", "Handbook"):
        await client.projects.create_project(name=name, initializer=EnvironmentInitializer())
    base = ListProjectsRequest(filter=ListProjectsRequest.Filter(search="engine"))
    found = [each.metadata.name async for each in client.projects.iter_projects(base, search="hand")]
    assert found == ["Handbook"]
    assert base == ListProjectsRequest(filter=ListProjectsRequest.Filter(search="engine"))
    own = ListProjectsRequest.Filter(search="engine")
    found = [each.metadata.name async for each in client.projects.iter_projects(filter=own)]
    assert found == ["Engine"]


@pytest.mark.parametrize(
    ("service", "name", "positional", "named", "told"),
    [
        (
            "projects",
            "get_project",
            ["01970000-0000-7000-8000-000000000063"],
            {},
            "request must be a GetProjectRequest, not a string; fields are given by name, as project_id=...",
        ),
        (
            "projects",
            "get_project",
            [ListProjectsRequest()],
            {},
            "request must be a GetProjectRequest, not a ListProjectsRequest; fields are given by name",
        ),
        ("projects", "iter_projects", ["engine"], {}, "request must be a ListProjectsRequest, not a string"),
        ("users", "get_authenticated_user", ["ada"], {}, "a GetAuthenticatedUserRequest, not a string"),
        ("projects", "get_project", [], {}, "a GetProjectRequest is missing, or its fields by name, as"),
        ("projects", "get_project", [], {"project_id": 7}, "project_id must be of type str, not an int"),
        (
            "projects",
            "delete_projects",
            [],
            {"project_ids": "abc"},
            "project_ids must be a list, not",
        ),
        ("projects", "delete_projects", [], {"project_ids": [7]}, r"project_ids\[0\] must be of type str"),
        ("projects", "create_project", [], {"initializer": "x"}, "type EnvironmentInitializer, not a string"),
        ("documents", "create_document", [], {"access_level": "private"}, "AccessLevel, not a string"),
        ("documents", "create_document", [], {"payload": "text"}, "payload must be of type bytes, not a str"),
        ("documents", "list_documents", [], {"page_size": "5"}, "page_size must be of type int, not a str"),
        (
            "documents",
            "iter_documents",
            [],
            {"created_after": datetime(2025, 1, 1)},  # noqa: DTZ001
            "must have a time zone",
        ),
    ],
)
async def test_what_is_neither_is_told(
    service: str, name: str, positional: list[Any], named: dict[str, Any], told: str
) -> None:
    with Client(token="x") as waiting, pytest.raises(TypeError, match=told):
        getattr(getattr(waiting, service), name)(*positional, **named)
    async with AsyncClient(token="x") as client:
        with pytest.raises(TypeError, match=told):
            await getattr(getattr(client, service), name)(*positional, **named)


async def test_calls_of_any_rpc_take_messages_only() -> None:
    text: Any = "engine"
    with Client(token="x") as waiting:
        with pytest.raises(TypeError, match="request must be a GetProjectRequest, not a string"):
            waiting.calls.unary(GET_PROJECT, text)
        with pytest.raises(TypeError, match="request must be a ListDocumentsRequest"):
            waiting.calls.server_stream(LIST_DOCUMENTS, text)
    async with AsyncClient(token="x") as client:
        with pytest.raises(TypeError, match="request must be a GetProjectRequest, not a string"):
            await client.calls.unary(GET_PROJECT, text)
        with pytest.raises(TypeError, match="request must be a ListDocumentsRequest"):
            client.calls.server_stream(LIST_DOCUMENTS, text)


@pytest.mark.parametrize("service", SERVICES)
def test_both_clients_have_the_same_typed_arguments(service: str) -> None:
    with Client(token="x") as client:
        waiting = type(getattr(client, service))
    of_tasks = type(getattr(AsyncClient(token="x"), service))
    methods = [name for name in dir(waiting) if not name.startswith("_")]
    assert methods == [name for name in dir(of_tasks) if not name.startswith("_")]
    for name in methods:
        arguments = inspect.signature(getattr(waiting, name)).parameters
        assert arguments == inspect.signature(getattr(of_tasks, name)).parameters
        assert all(each.annotation != "Any" for each in arguments.values() if each.name != "self")


def test_a_request_that_is_given_alone_is_sent_as_it_is() -> None:
    request = ListDocumentsRequest(created=TimestampFilter())
    assert request_of(ListDocumentsRequest, request, {"query": None}, may_be_empty=True) is request
    assert request_of(GetProjectRequest, None, {"project_id": ""}, may_be_empty=False) == GetProjectRequest()
