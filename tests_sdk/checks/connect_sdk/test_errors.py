"""The error that each code becomes, in calls of services and in the SDK's workflows."""

from __future__ import annotations

import socket
from collections.abc import Callable

import ona_sdk
import pytest
from clients import Api, failure
from connectrpc.code import Code
from gitpod.v1 import project_pb2 as pb
from gitpod.v1.user_pb2 import CreatePersonalAccessTokenRequest, GetAuthenticatedUserRequest, GetUserRequest
from google.protobuf.duration_pb2 import Duration
from ona_sdk.errors import map_error
from served import ABSENT, ADMIN_TOKEN, ENGINE, MAX, STATUSES, URL, sent

WORKFLOW_CLASSES = {
    "invalid_argument": ona_sdk.ValidationError,
    "failed_precondition": ona_sdk.EnvironmentPolicyError,
    "unauthenticated": ona_sdk.AuthenticationRequiredError,
    "permission_denied": ona_sdk.PermissionDeniedError,
    "not_found": ona_sdk.NotFoundError,
    "resource_exhausted": ona_sdk.RateLimitedError,
    "unimplemented": ona_sdk.CapabilityUnavailableError,
    "unavailable": ona_sdk.UnavailableError,
    "deadline_exceeded": ona_sdk.DeadlineExceededError,
}


@pytest.mark.parametrize("code", STATUSES)
async def test_each_code(ada: Api, code: str) -> None:
    error = await failure(ada.user.echo(f"code:{code}", headers=sent(1, code)))
    assert (error.code, error.code.value) == (Code[code.upper()], code)
    assert error.message == "as asked for"
    assert [detail.type_name for detail in error.details] == ["google.rpc.ErrorInfo"]
    assert type(map_error("operation", error)) is WORKFLOW_CLASSES.get(code, ona_sdk.SDKError)


async def test_what_works_is_sent_once(ada: Api) -> None:
    assert await ada.user.echo("Größe", headers=sent(1, "echo")) == "Größe"


async def test_invalid_argument(ada: Api) -> None:
    error = await failure(ada.project.create_project(pb.CreateProjectRequest(name="", initializer={})))
    assert error.code is Code.INVALID_ARGUMENT
    assert "name" in error.message
    assert [detail.type_name for detail in error.details] == ["google.rpc.BadRequest", "google.rpc.ErrorInfo"]


async def test_unauthenticated(connect: Callable[..., Api], ada: Api) -> None:
    request = CreatePersonalAccessTokenRequest(user_id=MAX, valid_for=Duration(nanos=1))
    expired = (await ada.user.create_personal_access_token(request)).token
    for token in (None, "none of ours", expired):
        error = await failure(connect(token).user.get_authenticated_user(GetAuthenticatedUserRequest()))
        assert error.code is Code.UNAUTHENTICATED


async def test_permission_denied(max: Api) -> None:
    for response in (
        max.project.delete_project(pb.DeleteProjectRequest(project_id=ENGINE)),
        max.project.update_project(pb.UpdateProjectRequest(project_id=ENGINE, name="x")),
    ):
        assert (await failure(response)).code is Code.PERMISSION_DENIED


async def test_not_found(ada: Api) -> None:
    from_environment = pb.CreateProjectFromEnvironmentRequest(name="p", environment_id=ABSENT)
    for response in (
        ada.user.get_user(GetUserRequest(user_id=ABSENT)),
        ada.project.get_project(pb.GetProjectRequest(project_id=ABSENT)),
        ada.project.create_project_from_environment(from_environment),
    ):
        assert (await failure(response)).code is Code.NOT_FOUND


async def test_what_is_not_served(ada: Api) -> None:
    error = await failure(ada.project.list_project_policies(pb.ListProjectPoliciesRequest(project_id=ENGINE)))
    assert error.code is Code.UNIMPLEMENTED


def test_a_workflow_that_is_not_served() -> None:
    client = ona_sdk.create_client(api_key=ADMIN_TOKEN, base_url=URL)
    with pytest.raises(ona_sdk.CapabilityUnavailableError):
        client.environments().get(ABSENT)


async def test_a_deadline(ada: Api) -> None:
    assert (await failure(ada.user.echo("sleep", timeout_ms=200))).code is Code.DEADLINE_EXCEEDED


async def test_nobody_listens(connect: Callable[..., Api]) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        api = connect(ADMIN_TOKEN, f"http://127.0.0.1:{bound.getsockname()[1]}")
        error = await failure(api.user.get_authenticated_user(GetAuthenticatedUserRequest()))
    assert error.code is Code.UNAVAILABLE
