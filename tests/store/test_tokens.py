"""Tokens by digest and in pages."""

from __future__ import annotations

import pytest

from store.builders import (
    ORGANIZATION,
    OTHER_ORGANIZATION,
    delete,
    put,
    service_account,
    subject,
    token,
    user,
    uuid,
)
from store.naive import token_pages
from triptych.store.base import Credential, Store, Transaction
from triptych.store.errors import AlreadyExistsError
from triptych.store.queries import Position, TokenQuery
from triptych_api.gitpod.v1.identity_pb import Principal


async def listed(store: Store, *owners: int, now: int = 0, size: int = 2) -> list[int]:
    """Return the numbers of the tokens of these owners, of everybody if there are none, from all pages."""
    owner_ids = tuple(map(uuid, owners)) or None
    query = TokenQuery(organization_id=ORGANIZATION, owner_ids=owner_ids, now=now)
    async with store.read() as tx:
        return [int(each.id[:8], 16) for each in await token_pages(tx, query, size)]


async def test_a_token_is_found_by_its_digest_with_its_owner(store: Store) -> None:
    await put(store, "users", user(1))
    await put(store, "service_accounts", service_account(3))
    bots = token(3, owner=subject(3, Principal.SERVICE_ACCOUNT))
    await put(store, "tokens", token(1), token(2, owner=2), bots)
    assert await store.credential(token(1).digest) == Credential(token(1), user(1))
    assert await store.credential(token(2).digest) == Credential(token(2, owner=2), None)
    assert await store.credential(bots.digest) == Credential(bots, service_account(3))
    assert await store.credential(bytes(32)) is None


async def test_the_digest_follows_changes(store: Store) -> None:
    await put(store, "tokens", token(1), token(2))
    await put(store, "tokens", token(1, digest=b"other"))
    await delete(store, "tokens", uuid(2))
    assert await store.credential(token(1).digest) is None
    assert await store.credential(token(2).digest) is None
    assert await store.credential(b"other") == Credential(token(1, digest=b"other"), None)


async def test_no_two_tokens_have_one_digest(store: Store) -> None:
    await put(store, "tokens", token(1), token(2))

    async def body(tx: Transaction) -> None:
        for write in (tx.tokens.add, tx.tokens.put):
            with pytest.raises(AlreadyExistsError) as raised:
                await write(token(4), token(3, digest=token(1).digest))
            assert (raised.value.table, raised.value.field, raised.value.id) == ("tokens", "digest", uuid(3))
        with pytest.raises(AlreadyExistsError):
            await tx.tokens.put(token(2, digest=token(1).digest))
        await tx.tokens.put(token(1, description="kept"))

    await store.write(body)
    assert await listed(store) == [2, 1]
    assert await store.credential(token(1).digest) == Credential(token(1, description="kept"), None)


async def test_last_uses_are_noted_where_they_are_later(store: Store) -> None:
    await put(store, "tokens", token(1), token(2, last_used=5), token(3, last_used=5))
    version = store.credentials.version
    await store.note_uses({uuid(1): 4, uuid(2): 4, uuid(3): 6, uuid(9): 7})
    await store.note_uses({})
    assert store.credentials.version == version, "no change of a token"
    async with store.read() as tx:
        found = await tx.tokens.get_many(map(uuid, (1, 2, 3, 9)))
    assert {id: each.last_used for id, each in found.items()} == {uuid(1): 4, uuid(2): 5, uuid(3): 6}


async def test_credentials_have_a_new_version_after_each_change(store: Store) -> None:
    seen = {store.credentials.version}
    for change in (
        put(store, "tokens", token(1)),
        put(store, "tokens", token(1, description="changed")),
        put(store, "users", user(1)),
        put(store, "service_accounts", service_account(2)),
        delete(store, "tokens", uuid(1)),
        delete(store, "users", uuid(1)),
    ):
        await change
        assert store.credentials.version not in seen
        seen.add(store.credentials.version)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
async def test_pages_are_newest_first(store: Store, size: int) -> None:
    created = {1: 50, 2: 70, 3: 50, 4: 10, 5: 50, 6: 90}
    await put(store, "tokens", *(token(number, created_at=at) for number, at in created.items()))
    assert await listed(store, size=size) == [6, 2, 5, 3, 1, 4]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
async def test_those_of_several_owners_are_merged(store: Store, size: int) -> None:
    await put(store, "tokens", *(token(number, owner=number % 4) for number in range(1, 13)))
    assert await listed(store, 1, size=size) == [9, 5, 1]
    assert await listed(store, 1, 3, size=size) == [11, 9, 7, 5, 3, 1]
    assert await listed(store, 1, 3, 3, 1, size=size) == [11, 9, 7, 5, 3, 1]
    assert await listed(store, 8, size=size) == []


async def test_no_owner_is_nobody(store: Store) -> None:
    await put(store, "tokens", token(1))
    query = TokenQuery(organization_id=ORGANIZATION, owner_ids=(), now=0)
    async with store.read() as tx:
        assert await tx.tokens.page(query, None, 10) == []


async def test_other_organizations_are_left_out(store: Store) -> None:
    await put(store, "tokens", token(1), token(2, organization_id=OTHER_ORGANIZATION))
    assert await listed(store) == [1]
    assert await listed(store, 1) == [1]


@pytest.mark.parametrize("owners", [(), (1,), (1, 2)])
@pytest.mark.parametrize("size", [1, 3, 100])
async def test_expired_ones_are_left_out(store: Store, owners: tuple[int, ...], size: int) -> None:
    await put(
        store,
        "tokens",
        token(1, expires_at=100),
        token(2, expires_at=101),
        token(3),
        token(4, expires_at=99),
        token(5, expires_at=10**20),  # past the year 5000: more than 64 bits
    )
    assert await listed(store, *owners, now=100, size=size) == [5, 3, 2]
    assert await listed(store, *owners, now=10**20, size=size) == [3]


async def test_many_expired_ones_leave_full_pages(store: Store) -> None:
    numbers = range(1, 200)
    await put(store, "tokens", *(token(each, expires_at=1 if each % 20 else None) for each in numbers))
    assert await listed(store, now=1, size=4) == [180, 160, 140, 120, 100, 80, 60, 40, 20]


async def test_pages_follow_changes(store: Store) -> None:
    await put(store, "tokens", token(1), token(2), token(3))
    await put(store, "tokens", token(1, created_at=9, last_used=5), token(2, owner=2))
    await delete(store, "tokens", uuid(3))
    assert await listed(store) == [1, 2]
    assert await listed(store, 1) == [1]
    assert await listed(store, 2) == [2]


async def test_a_page_follows_a_row_that_is_gone(store: Store) -> None:
    await put(store, "tokens", *map(token, (1, 2, 4, 5)))
    query = TokenQuery(organization_id=ORGANIZATION, owner_ids=None, now=0)
    async with store.read() as tx:
        page = await tx.tokens.page(query, Position(3, uuid(3)), 10)
        assert page == [token(2), token(1)]
        assert await tx.tokens.page(query, Position(4, uuid(4)), 1) == [token(2)]
