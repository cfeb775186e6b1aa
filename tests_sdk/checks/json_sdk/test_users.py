"""Users and tokens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clients import collected, create_token, done
from gitpod import NotFoundError, PermissionDeniedError
from served import ADA, MAX, PAGE_SIZES, READ_ONLY_TOKEN, unique


async def token(client: Any, **fields: Any) -> Any:
    """Create a token of the member and return what is listed of it."""
    description = unique("token")
    await create_token(client, MAX, description=description, **fields)
    return next(pat for pat in await collected(client.users.pats.list()) if pat.description == description)


@pytest.mark.parametrize("arguments", [{}, {"empty": True}])
async def test_get_authenticated_user(ada: Any, arguments: dict[str, Any]) -> None:
    user = (await done(ada.users.get_authenticated_user(**arguments))).user
    assert (user.id, user.name, user.email) == (ADA, "Ada Lovelace", "ada@example.org")
    assert user.status == "USER_STATUS_ACTIVE"
    assert user.created_at == datetime(2025, 1, 6, 9, tzinfo=UTC)


async def test_get_user(ada: Any) -> None:
    user = (await done(ada.users.get_user(user_id=MAX))).user
    assert (user.id, user.name) == (MAX, "Max Planck")
    assert user.organization_id


async def test_get_personal_access_token(max: Any) -> None:
    made = await token(max, readOnly=True)
    pat = (await done(max.users.pats.get(personal_access_token_id=made.id))).pat
    assert (pat.id, pat.user_id, pat.description, pat.read_only) == (made.id, MAX, made.description, True)
    assert (pat.creator.id, pat.creator.principal) == (MAX, "PRINCIPAL_USER")
    assert pat.created_at.utcoffset() == timedelta()
    assert pat.expires_at - pat.created_at == timedelta(days=30)
    assert pat.last_used is None


async def test_delete_personal_access_token(max: Any) -> None:
    made = await token(max)
    assert await done(max.users.pats.delete(personal_access_token_id=made.id)) == {}
    with pytest.raises(NotFoundError):
        await done(max.users.pats.get(personal_access_token_id=made.id))


async def test_a_created_token_works(connect: Callable[..., Any], max: Any) -> None:
    client = connect(bearer_token=await create_token(max, MAX, validFor="3600s"))
    assert (await done(client.users.get_authenticated_user())).user.id == MAX


@pytest.mark.parametrize("size", PAGE_SIZES)
async def test_list_personal_access_tokens_to_the_end(max: Any, size: int) -> None:
    made = [(await token(max)).id for _ in range(5)]
    for arguments in ({"page_size": size}, {"pagination": {"page_size": size}}):
        listed = [pat.id for pat in await collected(max.users.pats.list(**arguments))]
        assert listed[:5] == made[::-1]
        assert len(set(listed)) == len(listed)
    for id in made:
        await done(max.users.pats.delete(personal_access_token_id=id))


async def test_list_personal_access_tokens_by_owner(ada: Any, max: Any) -> None:
    made = await token(max)
    for client, owner, found in ((ada, MAX, True), (ada, ADA, False), (max, MAX, True), (max, ADA, False)):
        pats = await collected(client.users.pats.list(filter={"user_ids": [owner]}))
        assert {pat.user_id for pat in pats} <= {owner}
        assert (made.id in [pat.id for pat in pats]) == found


async def test_a_read_only_token_reads_and_changes_nothing(connect: Callable[..., Any]) -> None:
    client = connect(bearer_token=READ_ONLY_TOKEN)
    assert (await done(client.users.get_authenticated_user())).user.id == MAX
    assert await collected(client.projects.list())
    assert True in [pat.read_only for pat in await collected(client.users.pats.list())]
    with pytest.raises(PermissionDeniedError):
        await done(client.projects.create(name="p", initializer={"specs": []}))
    with pytest.raises(PermissionDeniedError):
        await create_token(client, MAX)
