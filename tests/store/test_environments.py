"""What environments say of projects."""

from __future__ import annotations

import pytest

from store.builders import ORGANIZATION, delete, environment, project, put, subject, uuid
from triptych.store.base import Store
from triptych.store.queries import ProjectQuery, UsedBy
from triptych_api.gitpod.v1.identity_pb import Principal


async def used_by(store: Store, number: int) -> UsedBy:
    """Return who uses a project, as it is shown and listed."""
    await put(store, "projects", project(number))
    query = ProjectQuery(organization_id=ORGANIZATION)
    async with store.read() as tx:
        _, shown = (await tx.projects.shown([uuid(number)]))[uuid(number)]
        assert (await tx.projects.page(query, None, 100)).used_by[uuid(number)] == shown
    return shown


def users(*numbers: int, total: int | None = None) -> UsedBy:
    return UsedBy(len(numbers) if total is None else total, tuple(map(subject, numbers)))


async def popularity(store: Store, since: int) -> dict[str, int]:
    """Count the popularity, and return what it is of the projects that have some."""
    await store.recount_popularity(since)
    query = ProjectQuery(organization_id=ORGANIZATION)
    async with store.read() as tx:
        rows = (await tx.projects.page(query, None, 100)).rows
    return {position.id: position.key for _, position in rows if position.key}


async def test_users_are_counted_once_and_come_latest_first(store: Store) -> None:
    made_by = [1, 2, 1, 3, 2]
    await put(
        store, "environments", *(environment(10 + at, 5, creator) for at, creator in enumerate(made_by))
    )
    assert await used_by(store, 5) == users(2, 3, 1)


async def test_each_project_that_was_asked_for_is_answered(store: Store) -> None:
    await put(store, "projects", project(5), project(6), project(7))
    await put(store, "environments", environment(11, 5, 1), environment(12, 6, 2), environment(13, None, 3))
    async with store.read() as tx:
        answer = await tx.projects.shown([uuid(6), uuid(7), uuid(5), uuid(8)])
        page = await tx.projects.page(ProjectQuery(organization_id=ORGANIZATION), None, 100)
    assert page.used_by == {uuid(5): users(1), uuid(6): users(2), uuid(7): users()}
    assert {id: used_by for id, (_, used_by) in answer.items()} == page.used_by


@pytest.mark.parametrize("principal", [each for each in Principal if each is not Principal.USER])
async def test_only_users_count(store: Store, principal: Principal) -> None:
    await put(store, "environments", environment(11, 5, creator=subject(1, principal)))
    assert await used_by(store, 5) == users()


async def test_the_ten_latest_are_shown_and_all_are_counted(store: Store) -> None:
    await put(store, "environments", *(environment(100 + each, 5, each) for each in range(1, 14)))
    assert await used_by(store, 5) == users(*range(13, 3, -1), total=13)


async def test_creation_counts_not_the_order_of_writing(store: Store) -> None:
    await put(
        store,
        "environments",
        environment(11, 5, 1, created_at=300),
        environment(12, 5, 2, created_at=100),
        environment(13, 5, 3, created_at=200),
        environment(14, 5, 2, created_at=50),
    )
    assert await used_by(store, 5) == users(1, 3, 2)


async def test_used_by_follows_changes(store: Store) -> None:
    await put(store, "environments", environment(11, 5, 1), environment(12, 5, 2), environment(13, 5, 1))
    await delete(store, "environments", uuid(13))
    assert await used_by(store, 5) == users(2, 1)
    await put(store, "environments", environment(12, 6, 2))
    assert await used_by(store, 5) == users(1)
    assert await used_by(store, 6) == users(2)
    await put(store, "environments", environment(11, 6, 1, created_at=99))
    assert await used_by(store, 5) == users()
    assert await used_by(store, 6) == users(1, 2)


async def test_popularity_counts_environments_by_project(store: Store) -> None:
    await put(store, "projects", *map(project, (5, 6, 7)))
    await put(
        store,
        "environments",
        environment(11, 5, created_at=99),
        environment(12, 5, created_at=100),
        environment(13, 5, created_at=101),
        environment(14, 6, created_at=100, creator=subject(1, Principal.SERVICE_ACCOUNT)),
        environment(15, 7, created_at=98),
        environment(16, None, created_at=102),
        environment(17, 8, created_at=102),
    )
    assert await popularity(store, 100) == {uuid(5): 2, uuid(6): 1}
    assert await popularity(store, 103) == {}


async def test_popularity_follows_changes_when_it_is_counted(store: Store) -> None:
    await put(store, "projects", *map(project, (5, 6, 7)))
    await put(store, "environments", environment(11, 5), environment(12, 5), environment(13, 6))
    assert await popularity(store, 5) == {uuid(5): 2, uuid(6): 1}
    await delete(store, "environments", uuid(11))
    await put(store, "environments", environment(13, 6, created_at=1), environment(12, 7))
    assert await popularity(store, 5) == {uuid(7): 1}
