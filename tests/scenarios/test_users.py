"""Users and their tokens, over every transport and every store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from support.api import Api
from support.failures import fails
from support.world import World
from triptych.auth.authenticate import digest
from triptych.clock import DAY
from triptych_api.gitpod.v1.user_pb import UserStatus

ABSENT = "00000000-0000-4000-8000-000000000000"


async def own_token(api: Api, **fields: object) -> tuple[str, object]:
    """Create a token for the caller; return its secret and what List says of it."""
    me = (await api.GetAuthenticatedUser()).user
    secret = (await api.CreatePersonalAccessToken(user_id=me.id, **fields)).token
    listed = (await api.ListPersonalAccessTokens()).personal_access_tokens
    return secret, listed[0]


async def test_the_caller_is_known(world: World, max: Api) -> None:
    user = (await max.GetAuthenticatedUser()).user
    expected = world.users["max"]
    assert (user.id, user.organization_id, user.name) == (expected.id, world.organization_id, "max")
    assert (user.status, user.email) == (UserStatus.ACTIVE, "max@example.org")
    assert user.created_at.ToNanoseconds() == expected.created_at


async def test_a_service_account_has_no_profile(world: World) -> None:
    bot = await world.as_(await world.service_account("bot"))
    await fails("failed_precondition", bot.GetAuthenticatedUser())
    assert (await bot.GetUser(user_id=world.users["ada"].id)).user.name == "ada"


async def test_everyone_sees_the_users_of_the_organization_and_no_others(
    world: World, max: Api, other_world: Callable[[], Awaitable[World]]
) -> None:
    ada = world.users["ada"]
    assert (await max.GetUser(user_id=ada.id.upper())).user.id == ada.id
    stranger = (await other_world()).users["ada"]
    error = await fails("not_found", max.GetUser(user_id=stranger.id))
    assert (error.reason, error.domain) == ("RESOURCE_NOT_FOUND", "triptych")
    await fails("not_found", max.GetUser(user_id=ABSENT))


async def test_a_created_token_works_and_its_secret_is_kept_nowhere(world: World, max: Api) -> None:
    secret, pat = await own_token(max, description="for CI")
    assert len(secret) == 47
    assert secret.startswith("trp_")
    assert secret[4:].isalnum()
    again = Api(world.transport, secret)
    assert (await again.GetAuthenticatedUser()).user.id == world.users["max"].id
    fetched = (await max.GetPersonalAccessToken(personal_access_token_id=pat.id)).pat
    assert (fetched.description, fetched.read_only, fetched.user_id) == (
        "for CI",
        False,
        world.users["max"].id,
    )
    assert fetched.creator.id == world.users["max"].id
    lifetime = fetched.expires_at.ToNanoseconds() - fetched.created_at.ToNanoseconds()
    assert lifetime == 30 * DAY
    assert fetched.last_used.ToNanoseconds() > 0
    credential = await world.store.credential(digest(secret))
    assert credential is not None
    assert secret not in repr(credential.token)


@pytest.mark.parametrize(("seconds", "days"), [(0, 30), (86_400, 1), (90 * 86_400, 90)])
async def test_valid_for_sets_the_lifetime(max: Api, seconds: int, days: int) -> None:
    _, pat = await own_token(max, valid_for={"seconds": seconds})
    assert pat.expires_at.ToNanoseconds() - pat.created_at.ToNanoseconds() == days * DAY


@pytest.mark.parametrize("duration", [{"seconds": 90 * 86_400, "nanos": 1}, {"seconds": -1}])
async def test_valid_for_is_bounded(world: World, max: Api, duration: dict[str, int]) -> None:
    error = await fails(
        "invalid_argument",
        max.CreatePersonalAccessToken(user_id=world.users["max"].id, valid_for=duration),
    )
    assert list(error.violations) == ["valid_for"]


async def test_only_administrators_create_tokens_for_others(
    world: World, ada: Api, max: Api, other_world: Callable[[], Awaitable[World]]
) -> None:
    mia = world.users["mia"]
    await fails("permission_denied", max.CreatePersonalAccessToken(user_id=mia.id))
    secret = (await ada.CreatePersonalAccessToken(user_id=mia.id)).token
    assert (await Api(world.transport, secret).GetAuthenticatedUser()).user.id == mia.id
    bot = await world.service_account("bot")
    await ada.CreatePersonalAccessToken(user_id=bot.id)
    stranger = (await other_world()).users["max"]
    await fails("not_found", ada.CreatePersonalAccessToken(user_id=stranger.id))
    suspended = await world.user("sue", status=UserStatus.SUSPENDED)
    await fails("failed_precondition", ada.CreatePersonalAccessToken(user_id=suspended.id))


async def test_only_administrators_create_tokens_that_outlive_their_own(world: World) -> None:
    for name, may in (("max", False), ("ada", True)):
        owner = world.users[name]
        _, secret = await world.token(owner, expires_in=2 * DAY)
        api = Api(world.transport, secret)
        await api.CreatePersonalAccessToken(user_id=owner.id, valid_for={"seconds": 86_400})
        longer = api.CreatePersonalAccessToken(user_id=owner.id, valid_for={"seconds": 3 * 86_400})
        if may:
            await longer
        else:
            await fails("permission_denied", longer)
        await api.CreatePersonalAccessToken(user_id=owner.id)
        newest = (await api.ListPersonalAccessTokens()).personal_access_tokens[0]
        left = newest.expires_at.ToNanoseconds() - world.clock.now()
        assert (left > 3 * DAY) == may


async def test_tokens_of_others_are_seen_by_administrators_only(world: World, ada: Api, max: Api) -> None:
    pat, _ = await world.token(world.users["mia"])
    await fails("not_found", max.GetPersonalAccessToken(personal_access_token_id=pat.id))
    await fails("not_found", max.DeletePersonalAccessToken(personal_access_token_id=pat.id))
    assert (await ada.GetPersonalAccessToken(personal_access_token_id=pat.id)).pat.id == pat.id
    await ada.DeletePersonalAccessToken(personal_access_token_id=pat.id)
    await fails("not_found", ada.DeletePersonalAccessToken(personal_access_token_id=pat.id))


async def test_lists_are_newest_first_and_filtered_by_what_the_caller_may_see(
    world: World, ada: Api, max: Api
) -> None:
    older, _ = await world.token(world.users["max"])
    newer, _ = await world.token(world.users["max"])
    foreign, _ = await world.token(world.users["mia"])
    own = [pat.id for pat in (await max.ListPersonalAccessTokens()).personal_access_tokens]
    assert own[:2] == [newer.id, older.id]
    assert foreign.id not in own
    everybody = [pat.id for pat in (await ada.ListPersonalAccessTokens()).personal_access_tokens]
    assert everybody[:3] == [foreign.id, newer.id, older.id]
    by_user = {"user_ids": [world.users["mia"].id]}
    listed = (await ada.ListPersonalAccessTokens(filter=by_user)).personal_access_tokens
    assert next(pat.id for pat in listed) == foreign.id
    assert {pat.user_id for pat in listed} == {world.users["mia"].id}
    assert not (await max.ListPersonalAccessTokens(filter=by_user)).personal_access_tokens


async def test_pages_of_tokens_go_to_the_end(world: World, max: Api) -> None:
    made = [(await world.token(world.users["max"]))[0].id for _ in range(7)]
    seen, token = [], ""
    while True:
        page = await max.ListPersonalAccessTokens(pagination={"page_size": 3, "token": token})
        seen += [pat.id for pat in page.personal_access_tokens]
        token = page.pagination.next_token
        if not token:
            break
        assert len(page.personal_access_tokens) == 3
    assert seen[:7] == made[::-1]
    assert len(seen) == len(set(seen)) == 8


async def test_expired_tokens_are_refused_and_unlisted_but_found(world: World, max: Api) -> None:
    pat, secret = await world.token(world.users["max"], expires_in=-1)
    error = await fails("unauthenticated", Api(world.transport, secret).GetAuthenticatedUser())
    assert error.reason == "EXPIRED_API_KEY"
    listed = (await max.ListPersonalAccessTokens()).personal_access_tokens
    assert pat.id not in [item.id for item in listed]
    assert (await max.GetPersonalAccessToken(personal_access_token_id=pat.id)).pat.id == pat.id


async def test_what_is_no_good_token_gets_one_and_the_same_answer(world: World) -> None:
    deleted, secret = await world.token(world.users["max"])
    api = Api(world.transport, secret)
    await api.DeletePersonalAccessToken(personal_access_token_id=deleted.id)
    suspended = await world.user("sue", status=UserStatus.SUSPENDED)
    left = await world.user("lea", status=UserStatus.LEFT)
    bad = [api, Api(world.transport, None), Api(world.transport, "trp_unknown")]
    bad += [await world.as_(suspended), await world.as_(left)]
    bad += [Api(world.transport, None, {"authorization": value}) for value in ("Bearer", "Basic eA==", "x")]
    errors = [await fails("unauthenticated", one.GetAuthenticatedUser()) for one in bad]
    assert len({error.message for error in errors}) == 1
    assert {error.reason for error in errors} == {"MISSING_API_KEY", "INVALID_API_KEY"}


async def test_the_scheme_is_read_without_case_and_the_rest_as_it_is(world: World) -> None:
    secret = f"a token with spaces {world.ids.new()}"
    pat, _ = await world.token(world.users["max"])
    await world.put("tokens", type(pat)(**{**_fields(pat), "digest": digest(secret)}))
    api = Api(world.transport, None, {"authorization": f"bEARER {secret}"})
    assert (await api.GetAuthenticatedUser()).user.id == world.users["max"].id


async def test_a_read_only_token_reads_and_changes_nothing(world: World) -> None:
    reader = await world.as_(world.users["max"], read_only=True)
    me = (await reader.GetAuthenticatedUser()).user
    before = (await reader.ListPersonalAccessTokens()).personal_access_tokens
    assert before[0].read_only
    assert before[0].last_used.ToNanoseconds() > 0
    error = await fails("permission_denied", reader.CreatePersonalAccessToken(user_id=me.id))
    assert error.reason == "INSUFFICIENT_PERMISSIONS"
    await fails("permission_denied", reader.DeletePersonalAccessToken(personal_access_token_id=before[0].id))
    after = (await reader.ListPersonalAccessTokens()).personal_access_tokens
    assert [pat.id for pat in after] == [pat.id for pat in before]


def _fields(record: object) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__slots__}  # type: ignore[attr-defined]
