"""What a client does against the running server: every protocol, in a coroutine and in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc
import pytest
from connectrpc.method import StreamType
from protobuf.wkt import StringValue

from client.clients import method
from conftest import Server
from support.world import World
from triptych_api.factify.api.v1beta.document_service_pb import GetDocumentRequest, ListDocumentsRequest
from triptych_api.gitpod.v1.environment_initializer_pb import EnvironmentInitializer
from triptych_api.gitpod.v1.pagination_pb import PaginationRequest
from triptych_api.gitpod.v1.project_service_pb import (
    CreateProjectRequest,
    DeleteProjectRequest,
    GetProjectRequest,
    ListProjectsRequest,
)
from triptych_api.gitpod.v1.user_service_pb import GetUserRequest
from triptych_client import (
    ApiError,
    AsyncClient,
    DataLossError,
    DeadlineExceededError,
    ErrorCode,
    InvalidArgumentError,
    Metadata,
    NotFoundError,
    UnauthenticatedError,
)

A_UUID = "must be a UUID such as 01970000-0000-7000-8000-000000000063"


def new_project(name: str = "site") -> CreateProjectRequest:
    return CreateProjectRequest(name=name, initializer=EnvironmentInitializer())


async def test_each_service_answers(client: Any, organization: World) -> None:
    ada = organization.users["ada"]
    assert (await client.users.get_authenticated_user()).user.id == ada.id
    assert (await client.users.get_user(GetUserRequest(user_id=ada.id))).user.name == "ada"
    created = (await client.projects.create_project(new_project())).project
    assert (await client.projects.get_project(GetProjectRequest(project_id=created.id))).project == created
    await client.projects.delete_project(DeleteProjectRequest(project_id=created.id))
    document = await organization.document(ada, title="plan")
    request = GetDocumentRequest(document_id=document)
    assert (await client.documents.get_document(request)).document.title == "plan"


async def test_items_come_page_after_page(client: Any, organization: World) -> None:
    ada = organization.users["ada"]
    names = [f"project {number}" for number in range(5)]
    for name in names:
        await client.projects.create_project(new_project(name))
        await organization.document(ada, title=name)
    projects = [p.metadata.name async for p in client.projects.iter_projects(page_size=2)]
    assert sorted(projects) == names
    documents = client.documents.iter_documents(ListDocumentsRequest(sort="name"), page_size=2)
    assert [document.title async for document in documents] == names
    tokens = [token async for token in client.users.iter_personal_access_tokens(page_size=1)]
    assert [token.user_id for token in tokens] == [ada.id]


async def test_iterating_leaves_the_request_and_begins_where_it_says(client: Any) -> None:
    for number in range(4):
        await client.projects.create_project(new_project(str(number)))
    request = ListProjectsRequest(pagination=PaginationRequest(page_size=2))
    page = await client.projects.list_projects(request)
    assert page.pagination is not None
    rest = ListProjectsRequest(pagination=PaginationRequest(page_size=2, token=page.pagination.next_token))
    seen = {project.id for project in page.projects}
    assert len(seen) == 2
    assert len({p.id async for p in client.projects.iter_projects(rest, page_size=1)} - seen) == 2
    assert rest == ListProjectsRequest(
        pagination=PaginationRequest(page_size=2, token=page.pagination.next_token)
    )


async def test_an_error_has_its_class_code_details_and_request_id(client: Any) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        await client.projects.get_project(GetProjectRequest(project_id="x"), headers={"x-request-id": "mine"})
    error = caught.value
    assert error.code is ErrorCode.INVALID_ARGUMENT
    assert [(v.field, v.description) for v in error.violations] == [("project_id", A_UUID)]
    assert error.reason == "INVALID_ID_FORMAT"
    assert error.request_id == "mine"
    assert [detail.desc().name for detail in error.details] == ["BadRequest", "ErrorInfo"]
    assert str(error) == f"invalid_argument: project_id: {A_UUID}"
    with pytest.raises(NotFoundError) as missing:
        await client.users.get_user(GetUserRequest(user_id="11111111-1111-4111-8111-111111111111"))
    assert missing.value.violations == ()
    assert missing.value.retry_after is None


async def test_headers_of_a_call_count_more_than_those_of_the_client(client: Any) -> None:
    with pytest.raises(UnauthenticatedError) as caught:
        await client.users.get_authenticated_user(headers={"Authorization": "Bearer wrong"})
    assert "wrong" not in repr(caught.value)
    metadata = Metadata()
    request = StringValue(value="x")
    await client.calls.unary(method("Unary"), request, headers={"x-ask": "why"}, metadata=metadata)
    assert metadata.get("x-echo") == "why"


async def test_every_code_has_its_class(client: Any) -> None:
    for code in ErrorCode:
        request = StringValue(value=f"code:{code.value}")
        with pytest.raises(ApiError) as caught:
            await client.calls.unary(method("Unary"), request, timeout=float("inf"))
        assert caught.value.code is code
        assert caught.value.__class__.__name__.removesuffix("Error").lower() == code.value.replace("_", "")


async def test_calls_at_once_keep_their_answers_apart(client: Any) -> None:
    async def ask(number: int) -> tuple[str, str | None]:
        metadata, text = Metadata(), str(number)
        answer = await client.calls.unary(
            method("Unary"), StringValue(value=text), headers={"x-ask": text}, metadata=metadata
        )
        return answer.value, metadata.get("x-echo")

    answers = await asyncio.gather(*(ask(number) for number in range(40)))
    assert answers == [(str(number), str(number)) for number in range(40)]


async def test_a_deadline_ends_a_call(client: Any) -> None:
    with pytest.raises(DeadlineExceededError):
        await client.calls.unary(method("Unary"), StringValue(value="sleep"), timeout=0.05)
    with pytest.raises(DeadlineExceededError, match="before the request was sent"):
        await client.users.get_authenticated_user(timeout=0)


async def test_all_kinds_of_calls(client: Any) -> None:
    async def letters() -> AsyncIterator[StringValue]:
        for letter in "abc":
            yield StringValue(value=letter)

    joining = method("ClientStreaming", StreamType.CLIENT_STREAM)
    assert (await client.calls.client_stream(joining, letters())).value == "a,b,c"
    splitting = method("ServerStreaming", StreamType.SERVER_STREAM)
    split = client.calls.server_stream(splitting, StringValue(value="xyz"))
    assert [answer.value async for answer in split] == ["x", "y", "z"]
    echo = method("BidiStreaming", StreamType.BIDI_STREAM)
    assert [answer.value async for answer in client.calls.bidi_stream(echo, letters())] == ["A", "B", "C"]


async def test_a_stream_that_fails_gives_what_came_before(client: Any) -> None:
    splitting = method("ServerStreaming", StreamType.SERVER_STREAM)
    answers = client.calls.server_stream(splitting, StringValue(value="ab!"))
    assert [(await anext(answers)).value for _ in range(3)] == ["a", "b", "!"]
    with pytest.raises(DataLossError):
        await anext(answers)


async def test_a_stream_can_be_left_early(server: Server) -> None:
    splitting = method("ServerStreaming", StreamType.SERVER_STREAM)
    async with AsyncClient(server.http) as client:
        stream = client.calls.server_stream(splitting, StringValue(value="abc"))
        async with aclosing(stream):
            assert (await anext(stream)).value == "a"
        with pytest.raises(StopAsyncIteration):
            await anext(stream)


async def test_a_task_that_ends_is_not_an_error_of_the_call(server: Server) -> None:
    async with AsyncClient(server.http) as client:
        request = StringValue(value="sleep")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.calls.unary(method("Unary"), request, timeout=float("inf"))
        call = asyncio.create_task(client.calls.unary(method("Unary"), request))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call


async def test_a_channel_outlives_its_client(server: Server, token: str) -> None:
    async with grpc.aio.insecure_channel(server.grpc) as channel:
        for _ in range(2):
            async with AsyncClient(channel=channel, token=token) as client:
                assert (await client.users.get_authenticated_user()).user is not None


async def test_a_safe_call_can_be_a_get(server: Server) -> None:
    async with AsyncClient(server.http) as client:
        answer = await client.calls.unary(method("Unary"), StringValue(value="got"), use_get=True)
        assert answer.value == "got"
