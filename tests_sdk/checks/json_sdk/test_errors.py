"""The exception that each error becomes."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import gitpod
import pytest
from clients import create_token, done, echo
from served import ABSENT, ENGINE, MAX, STATUSES, sent

CLASSES = {
    400: gitpod.BadRequestError,
    401: gitpod.AuthenticationError,
    403: gitpod.PermissionDeniedError,
    404: gitpod.NotFoundError,
    409: gitpod.ConflictError,
    429: gitpod.RateLimitError,
    499: gitpod.APIStatusError,
}
RETRIED = ["aborted", "unavailable"]
NOT_RETRIED = ["already_exists", "unimplemented", "resource_exhausted"]


async def failure(call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Return the error that a call ends with."""
    with pytest.raises(gitpod.APIError) as caught:
        await done(call(*arguments, **options))
    return caught.value


@pytest.mark.parametrize("code", STATUSES)
async def test_each_code(connect: Callable[..., Any], code: str) -> None:
    error = await failure(echo, connect(max_retries=0), f"code:{code}")
    assert type(error) is CLASSES.get(STATUSES[code], gitpod.InternalServerError)
    assert (error.status_code, error.code) == (STATUSES[code], code)
    assert error.body["message"] == "as asked for"
    assert error.response.headers["content-type"] == "application/json"


@pytest.mark.parametrize("code", NOT_RETRIED)
async def test_what_a_retry_cannot_mend_is_sent_once(ada: Any, code: str) -> None:
    error = await failure(echo, ada, f"code:{code}", headers=sent(1, code))
    assert error.response.headers["x-should-retry"] == "false"
    assert error.request.headers["x-stainless-retry-count"] == "0"


@pytest.mark.parametrize("code", RETRIED)
async def test_what_may_pass_is_sent_again(connect: Callable[..., Any], code: str) -> None:
    error = await failure(echo, connect(max_retries=1), f"code:{code}", headers=sent(2, code))
    assert error.request.headers["x-stainless-retry-count"] == "1"


async def test_bad_request(ada: Any) -> None:
    error = await failure(ada.projects.create, name="", initializer={})
    assert type(error) is gitpod.BadRequestError
    assert "name" in error.body["message"]
    assert [detail["type"] for detail in error.body["details"]] == [
        "google.rpc.BadRequest",
        "google.rpc.ErrorInfo",
    ]


async def test_authentication(connect: Callable[..., Any], ada: Any) -> None:
    secret = await create_token(ada, MAX, validFor="0.000000001s")
    for token in ("none of ours", secret):
        error = await failure(connect(bearer_token=token).users.get_authenticated_user)
        assert type(error) is gitpod.AuthenticationError
        assert error.code == "unauthenticated"


async def test_permission_denied(max: Any) -> None:
    for call, arguments in ((max.projects.delete, {}), (max.projects.update, {"name": "x"})):
        error = await failure(call, project_id=ENGINE, **arguments)
        assert (type(error), error.code) == (gitpod.PermissionDeniedError, "permission_denied")


async def test_not_found(ada: Any) -> None:
    for call, arguments in (
        (ada.users.get_user, {"user_id": ABSENT}),
        (ada.users.pats.get, {"personal_access_token_id": ABSENT}),
        (ada.users.pats.delete, {"personal_access_token_id": ABSENT}),
        (ada.projects.retrieve, {"project_id": ABSENT}),
        (ada.projects.create_from_environment, {"environment_id": ABSENT, "name": "p"}),
    ):
        error = await failure(call, **arguments)
        assert (type(error), error.code) == (gitpod.NotFoundError, "not_found")


async def test_what_is_not_served(ada: Any) -> None:
    for call in (ada.users.dotfiles.get, ada.environments.list):
        error = await failure(call)
        assert (error.status_code, error.code) == (404, "unimplemented")


async def test_a_time_out(connect: Callable[..., Any]) -> None:
    error = await failure(echo, connect(max_retries=0, timeout=0.2), "sleep")
    assert type(error) is gitpod.APITimeoutError


async def test_nobody_listens(connect: Callable[..., Any]) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        error = await failure(connect(base_url=url, max_retries=0).users.get_authenticated_user)
    assert type(error) is gitpod.APIConnectionError
