"""The first administrator, and the groups of a member."""

from __future__ import annotations

from store.builders import OTHER_ORGANIZATION, administrator, delete, group, put, undone, user, uuid
from triptych.store.base import Store, Transaction
from triptych.store.records import Role
from triptych_api.gitpod.v1.user_pb import UserStatus


async def first_administrator(store: Store) -> str | None:
    async with store.read() as tx:
        found = await tx.users.first_active_administrator()
    return None if found is None else found.id


async def test_without_an_active_administrator_there_is_none(store: Store) -> None:
    assert await first_administrator(store) is None
    await put(store, "users", user(1), administrator(2, UserStatus.SUSPENDED))
    assert await first_administrator(store) is None


async def test_the_first_administrator_is_the_one_put_first(store: Store) -> None:
    await put(store, "users", user(1), administrator(3), administrator(2))
    assert await first_administrator(store) == uuid(3)


async def test_any_organization_counts(store: Store) -> None:
    await put(store, "users", user(5, organization_id=OTHER_ORGANIZATION, role=Role.ADMINISTRATOR))
    assert await first_administrator(store) == uuid(5)


async def test_a_user_keeps_the_place_when_replaced(store: Store) -> None:
    await put(store, "users", user(1), administrator(2), administrator(3))
    await put(store, "users", administrator(2, UserStatus.SUSPENDED))
    assert await first_administrator(store) == uuid(3)
    await put(store, "users", administrator(2))
    assert await first_administrator(store) == uuid(2)
    await put(store, "users", administrator(1))
    assert await first_administrator(store) == uuid(1)


async def test_a_user_that_was_deleted_comes_back_last(store: Store) -> None:
    await put(store, "users", administrator(1), administrator(2))
    await delete(store, "users", uuid(1))
    assert await first_administrator(store) == uuid(2)
    await put(store, "users", administrator(1))
    assert await first_administrator(store) == uuid(2)


async def test_a_deletion_that_is_undone_keeps_the_place(store: Store) -> None:
    await put(store, "users", administrator(1), administrator(2))

    async def replace(tx: Transaction) -> None:
        await tx.users.delete(uuid(1))
        await tx.users.put(administrator(1, UserStatus.SUSPENDED))
        await tx.users.delete(uuid(1))
        await tx.users.put(administrator(1))

    await undone(store, replace)
    assert await first_administrator(store) == uuid(1)

    async def supersede(tx: Transaction) -> None:
        await tx.users.put(administrator(3))
        await tx.users.delete(uuid(1), uuid(2))

    await undone(store, supersede)
    await delete(store, "users", uuid(1))
    assert await first_administrator(store) == uuid(2)


async def groups_of(store: Store, member: int) -> frozenset[str]:
    async with store.read() as tx:
        return await tx.groups.of_member(uuid(member))


async def test_groups_are_found_by_member(store: Store) -> None:
    await put(store, "groups", group(11, 1, 2), group(12, 2, 3), group(13))
    assert await groups_of(store, 1) == {uuid(11)}
    assert await groups_of(store, 2) == {uuid(11), uuid(12)}
    assert await groups_of(store, 4) == frozenset()


async def test_groups_by_member_follow_changes(store: Store) -> None:
    await put(store, "groups", group(11, 1, 2))
    await put(store, "groups", group(11, 2, 3))
    assert await groups_of(store, 1) == frozenset()
    assert await groups_of(store, 3) == {uuid(11)}
    found = await groups_of(store, 2)
    await delete(store, "groups", uuid(11))
    assert await groups_of(store, 2) == frozenset()
    assert found == {uuid(11)}, "an answer is a copy"
