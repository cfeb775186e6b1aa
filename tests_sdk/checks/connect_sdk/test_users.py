"""Users and tokens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clients import Api, failure, pages
from connectrpc.code import Code
from gitpod.v1.identity_pb2 import PRINCIPAL_USER
from gitpod.v1.project_pb2 import CreateProjectRequest, ListProjectsRequest
from gitpod.v1.user_pb2 import (
    USER_STATUS_ACTIVE,
    CreatePersonalAccessTokenRequest,
    DeletePersonalAccessTokenRequest,
    GetAuthenticatedUserRequest,
    GetPersonalAccessTokenRequest,
    GetUserRequest,
    ListPersonalAccessTokensRequest,
)
from google.protobuf.duration_pb2 import Duration
from served import ADA, MAX, PAGE_SIZES, READ_ONLY_TOKEN, unique


async def create(api: Api, **fields: Any) -> tuple[str, Any]:
    """Create a token of the member; return its secret and what is listed of it."""
    fields = {"user_id": MAX, "description": unique("token"), **fields}
    secret = (await api.user.create_personal_access_token(CreatePersonalAccessTokenRequest(**fields))).token
    return secret, next(pat for pat in await listed(api) if pat.description == fields["description"])


async def listed(api: Api, size: int = 0, **filter: Any) -> list[Any]:
    """Return the tokens of all pages."""
    request = ListPersonalAccessTokensRequest(filter=filter)
    responses = await pages(api.user.list_personal_access_tokens, request, size)
    return [pat for response in responses for pat in response.personal_access_tokens]


async def test_get_authenticated_user(ada: Api) -> None:
    user = (await ada.user.get_authenticated_user(GetAuthenticatedUserRequest())).user
    assert (user.id, user.name, user.email) == (ADA, "Ada Lovelace", "ada@example.org")
    assert user.status == USER_STATUS_ACTIVE
    assert user.created_at.ToDatetime(UTC) == datetime(2025, 1, 6, 9, tzinfo=UTC)


async def test_get_user(ada: Api) -> None:
    user = (await ada.user.get_user(GetUserRequest(user_id=MAX))).user
    assert (user.id, user.name) == (MAX, "Max Planck")
    assert user.organization_id


async def test_create_and_get_personal_access_token(max: Api) -> None:
    _, made = await create(max, valid_for=Duration(seconds=2_592_000), read_only=True)
    pat = (
        await max.user.get_personal_access_token(
            GetPersonalAccessTokenRequest(personal_access_token_id=made.id)
        )
    ).pat
    assert pat == made
    assert (pat.user_id, pat.read_only) == (MAX, True)
    assert (pat.creator.id, pat.creator.principal) == (MAX, PRINCIPAL_USER)
    assert pat.expires_at.ToDatetime(UTC) - pat.created_at.ToDatetime(UTC) == timedelta(days=30)
    assert not pat.HasField("last_used")


async def test_a_created_token_works_until_it_is_deleted(connect: Callable[..., Api], max: Api) -> None:
    secret, pat = await create(max)
    api = connect(secret)
    assert (await api.user.get_authenticated_user(GetAuthenticatedUserRequest())).user.id == MAX
    await max.user.delete_personal_access_token(
        DeletePersonalAccessTokenRequest(personal_access_token_id=pat.id)
    )
    error = await failure(api.user.get_authenticated_user(GetAuthenticatedUserRequest()))
    assert error.code is Code.UNAUTHENTICATED
    request = GetPersonalAccessTokenRequest(personal_access_token_id=pat.id)
    assert (await failure(max.user.get_personal_access_token(request))).code is Code.NOT_FOUND


@pytest.mark.parametrize("size", PAGE_SIZES)
async def test_list_personal_access_tokens_to_the_end(max: Api, size: int) -> None:
    made = [(await create(max))[1].id for _ in range(5)]
    ids = [pat.id for pat in await listed(max, size)]
    assert ids[:5] == made[::-1]
    assert len(set(ids)) == len(ids)
    for id in made:
        await max.user.delete_personal_access_token(
            DeletePersonalAccessTokenRequest(personal_access_token_id=id)
        )


async def test_list_personal_access_tokens_by_owner(ada: Api, max: Api) -> None:
    _, made = await create(max)
    for api, owner, found in ((ada, MAX, True), (ada, ADA, False), (max, MAX, True), (max, ADA, False)):
        pats = await listed(api, user_ids=[owner])
        assert {pat.user_id for pat in pats} <= {owner}
        assert (made in pats) == found


async def test_a_read_only_token_reads_and_changes_nothing(connect: Callable[..., Api]) -> None:
    api = connect(READ_ONLY_TOKEN)
    assert (await api.user.get_authenticated_user(GetAuthenticatedUserRequest())).user.id == MAX
    assert (await api.project.list_projects(ListProjectsRequest())).projects
    assert any(pat.read_only for pat in await listed(api))
    error = await failure(api.project.create_project(CreateProjectRequest(name="p", initializer={})))
    assert error.code is Code.PERMISSION_DENIED
    error = await failure(
        api.user.create_personal_access_token(CreatePersonalAccessTokenRequest(user_id=MAX))
    )
    assert error.code is Code.PERMISSION_DENIED
