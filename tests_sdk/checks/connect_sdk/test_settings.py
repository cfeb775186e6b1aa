"""How a client is told where the server is and who it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clients import Api
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from gitpod.v1.user_pb2 import GetAuthenticatedUserRequest
from ona_sdk import MissingAPIKeyError, OnaClient, create_client, create_client_from_env
from served import ADA, ADMIN_TOKEN, MAX, MEMBER_TOKEN, URL


def caller(client: OnaClient) -> str:
    """Return the id of whom the client calls as."""
    return str(client.services.user.get_authenticated_user(GetAuthenticatedUserRequest()).user.id)


@pytest.mark.parametrize("suffix", ["", "/", "/api", "/api/"])
async def test_base_urls(connect: Callable[..., Api], suffix: str) -> None:
    # Base URLs that end with a slash give paths with two of them.
    api = connect(ADMIN_TOKEN, URL + suffix)
    assert (await api.user.get_authenticated_user(GetAuthenticatedUserRequest())).user.id == ADA


def test_environment_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONA_BASE_URL", URL + "/api")
    monkeypatch.setenv("GITPOD_BASE_URL", "http://127.0.0.1:1")
    with pytest.raises(MissingAPIKeyError):
        create_client_from_env()
    monkeypatch.setenv("GITPOD_API_KEY", MEMBER_TOKEN)
    assert caller(create_client_from_env()) == MAX
    monkeypatch.setenv("ONA_API_KEY", ADMIN_TOKEN)
    assert caller(create_client_from_env()) == ADA


def test_a_client_without_a_token() -> None:
    with pytest.raises(ConnectError) as caught:
        caller(create_client(base_url=URL))
    assert caught.value.code is Code.UNAUTHENTICATED


def test_a_client_with_a_time_out_and_a_name() -> None:
    assert caller(OnaClient(ADMIN_TOKEN, URL, timeout=30, user_agent="checks/1")) == ADA
