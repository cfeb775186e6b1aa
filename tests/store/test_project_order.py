"""Both orders of projects, both ways, page by page."""

from __future__ import annotations

from typing import Any

import pytest

from store.builders import (
    ORGANIZATION,
    OTHER_ORGANIZATION,
    delete,
    project,
    put,
    set_popularity,
    undone,
    uuid,
)
from store.naive import project_pages
from triptych.store.base import Store, Transaction
from triptych.store.queries import Position, ProjectQuery, ProjectSort

SCORES = {1: 5, 2: 0, 3: 9, 4: 5, 5: 0, 6: 5, 7: 2}


def query(sort: ProjectSort, descending: bool = True, **filters: Any) -> ProjectQuery:
    return ProjectQuery(organization_id=ORGANIZATION, sort=sort, descending=descending, **filters)


async def listed(store: Store, query: ProjectQuery, size: int = 3) -> list[int]:
    async with store.read() as tx:
        return [int(each.id[:8], 16) for each, _ in await project_pages(tx, query, size)]


@pytest.fixture
async def filled(store: Store) -> Store:
    await put(store, "projects", *(project(number) for number in (4, 2, 7, 1, 6, 3, 5)))
    await put(store, "projects", project(8, organization_id=OTHER_ORGANIZATION))
    await set_popularity(store, {**SCORES, 8: 7})
    return store


@pytest.mark.parametrize("filters", [{}, {"search": "p"}, {"project_ids": tuple(map(uuid, range(1, 8)))}])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
@pytest.mark.parametrize(
    ("sort", "descending", "expected"),
    [
        (ProjectSort.ID, False, [1, 2, 3, 4, 5, 6, 7]),
        (ProjectSort.ID, True, [7, 6, 5, 4, 3, 2, 1]),
        (ProjectSort.POPULARITY, True, [3, 6, 4, 1, 7, 5, 2]),
        (ProjectSort.POPULARITY, False, [5, 2, 7, 6, 4, 1, 3]),
    ],
)
async def test_orders(
    filled: Store,
    sort: ProjectSort,
    descending: bool,
    expected: list[int],
    size: int,
    filters: dict[str, Any],
) -> None:
    assert await listed(filled, query(sort, descending, **filters), size) == expected


async def test_positions_hold_the_sort_key(filled: Store) -> None:
    async with filled.read() as tx:
        by_popularity = (await tx.projects.page(query(ProjectSort.POPULARITY), None, 10)).rows
        by_id = (await tx.projects.page(query(ProjectSort.ID), None, 10)).rows
    assert [position for _, position in by_popularity] == [
        Position(SCORES[number], uuid(number)) for number in (3, 6, 4, 1, 7, 5, 2)
    ]
    assert [position for _, position in by_id] == [Position(0, uuid(number)) for number in range(7, 0, -1)]


@pytest.mark.parametrize("filters", [{}, {"search": "p"}, {"project_ids": tuple(map(uuid, range(1, 8)))}])
@pytest.mark.parametrize(
    ("sort", "descending", "after", "expected"),
    [
        (ProjectSort.ID, False, Position(0, uuid(3)), [4, 5]),
        (ProjectSort.ID, True, Position(0, uuid(3)), [2, 1]),
        (ProjectSort.POPULARITY, True, Position(5, uuid(5)), [4, 1]),
        (ProjectSort.POPULARITY, False, Position(5, uuid(5)), [4, 1]),
        (ProjectSort.POPULARITY, True, Position(3, uuid(6)), [7, 5]),
        (ProjectSort.POPULARITY, False, Position(3, uuid(6)), [6, 4]),
        (ProjectSort.POPULARITY, True, Position(0, uuid(2)), []),
        (ProjectSort.POPULARITY, False, Position(9, uuid(3)), []),
        (ProjectSort.POPULARITY, True, Position(99, uuid(1)), [3, 6]),
        (ProjectSort.POPULARITY, False, Position(99, uuid(1)), []),
    ],
)
async def test_a_page_follows_a_position_that_no_row_has(
    filled: Store,
    sort: ProjectSort,
    descending: bool,
    after: Position,
    expected: list[int],
    filters: dict[str, Any],
) -> None:
    async with filled.read() as tx:
        page = (await tx.projects.page(query(sort, descending, **filters), after, 2)).rows
    assert [int(each.id[:8], 16) for each, _ in page] == expected


async def test_an_organization_without_projects_has_an_empty_page(store: Store) -> None:
    for sort in ProjectSort:
        for descending in (False, True):
            assert await listed(store, query(sort, descending)) == []


async def test_popularity_is_replaced_as_a_whole(filled: Store) -> None:
    await set_popularity(filled, {2: 1, 5: 0, 99: 50})
    assert await listed(filled, query(ProjectSort.POPULARITY)) == [2, 7, 6, 5, 4, 3, 1]
    await set_popularity(filled, {})
    assert await listed(filled, query(ProjectSort.POPULARITY)) == [7, 6, 5, 4, 3, 2, 1]


async def test_a_score_is_not_of_a_project_that_comes_later(store: Store) -> None:
    await set_popularity(store, {1: 9})
    await put(store, "projects", project(1), project(2))
    assert await listed(store, query(ProjectSort.POPULARITY)) == [2, 1]


async def test_a_project_keeps_its_score_when_replaced(filled: Store) -> None:
    await put(filled, "projects", project(3, "renamed"))
    assert await listed(filled, query(ProjectSort.POPULARITY)) == [3, 6, 4, 1, 7, 5, 2]


async def test_a_project_keeps_its_score_in_another_organization(filled: Store) -> None:
    await put(filled, "projects", project(8), project(3, organization_id=OTHER_ORGANIZATION))
    assert await listed(filled, query(ProjectSort.POPULARITY)) == [8, 6, 4, 1, 7, 5, 2]


async def test_a_project_loses_its_score_when_deleted(filled: Store) -> None:
    await delete(filled, "projects", uuid(3))
    await put(filled, "projects", project(3))
    assert await listed(filled, query(ProjectSort.POPULARITY)) == [6, 4, 1, 7, 5, 3, 2]


async def test_scores_are_undone(filled: Store) -> None:
    before = await listed(filled, query(ProjectSort.POPULARITY))

    async def body(tx: Transaction) -> None:
        await tx.projects.delete(uuid(3), uuid(2))
        await tx.projects.put(project(3), project(9), project(1, organization_id=OTHER_ORGANIZATION))

    await undone(filled, body)
    assert await listed(filled, query(ProjectSort.POPULARITY)) == before
