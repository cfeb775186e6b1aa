"""The cost of a page: of the page, not of the collection. Counted, not timed.

Ids are strings that count how often they are compared or looked up: nothing can be examined, sorted or
searched for without one or the other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from store.builders import (
    LOCAL_CLASS,
    ORGANIZATION,
    make_popular,
    project,
    project_class,
    put,
    subject,
    token,
    uuid,
)
from triptych.store.base import Transaction
from triptych.store.memory import MemoryStore
from triptych.store.queries import Position, ProjectQuery, ProjectSort, TokenQuery

pytestmark = pytest.mark.long

SMALL, LARGE = 200, 6_000
RARE = 5  # how many records the sparse filters match, whatever the size
PAGE = 25


class Id(str):
    """An id that counts what is done with any of them."""

    __slots__ = ()
    uses = 0

    def __hash__(self) -> int:
        Id.uses += 1
        return super().__hash__()

    def __eq__(self, other: object) -> bool:
        Id.uses += 1
        return super().__eq__(other)

    def __lt__(self, other: str) -> bool:
        Id.uses += 1
        return super().__lt__(other)

    def __gt__(self, other: str) -> bool:
        Id.uses += 1
        return super().__gt__(other)


async def filled(size: int) -> MemoryStore:
    store = MemoryStore()
    every = size // RARE
    for number in range(size):
        rare, odd = number % every == 0, number % 2
        each = project(
            number,
            "needle in straw" if rare else "straw",
            f"https://e.org/{'odd' if odd else 'even'}.git",
            "https://e.org/rare.git" if rare else "https://e.org/common.git",
            creator=subject(1 if rare else 2 + odd),
            environment_classes=(project_class(uuid(0xB1)) if odd else LOCAL_CLASS,),
        )
        await put(store, "projects", replace(each, id=Id(each.id)))
        # Most have expired, and those that have not are the oldest: the worst case.
        other = token(number, number % 3, expires_at=None if number < RARE * 3 else 1)
        await put(store, "tokens", replace(other, id=Id(other.id)))
    await make_popular(store, {Id(uuid(each)): each % 7 for each in range(size)})
    return store


@pytest.fixture(scope="module")
async def stores() -> tuple[MemoryStore, MemoryStore]:
    return await filled(SMALL), await filled(LARGE)


async def cost(store: MemoryStore, question: Callable[[Transaction], Awaitable[Any]]) -> tuple[int, Any]:
    """Return how often ids were used to answer, and the answer."""
    async with store.read() as tx:
        before = Id.uses
        answer = await question(tx)
        return Id.uses - before, answer


FILTERS: Mapping[str, Mapping[str, Any]] = {
    "none": {},
    "ids": {"project_ids": tuple(map(uuid, range(PAGE)))},
    "search, dense": {"search": "STRAW"},
    "search, dense and short": {"search": "s"},
    "search, half": {"search": "even"},
    "search, sparse": {"search": "in straw"},
    "search, id": {"search": uuid(7)},
    "search, ids of all": {"search": "0000"},
    "search, nothing": {"search": "wa"},
    "runner": {"runner_ids": (uuid(0xB1),)},
    "kinds": {"runner_kinds": (LOCAL_CLASS.runner_kind, project_class("x").runner_kind)},
    "uri, half": {"spec_remote_uris": ("https://e.org/odd.git",)},
    "uri, sparse": {"spec_remote_uris": ("https://e.org/rare.git",)},
    "creator, half": {"creator_ids": (uuid(2),)},
    "creator, sparse": {"creator_ids": (uuid(1),)},
    "creators": {"creator_ids": (uuid(1), uuid(2), uuid(3))},
    "dense and dense": {"search": "straw", "creator_ids": (uuid(2),)},
    "dense and sparse": {"search": "needle", "runner_ids": (uuid(0xB1),)},
}


@pytest.mark.parametrize("after", [None, Position(3, uuid(SMALL // 2))])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", ProjectSort)
@pytest.mark.parametrize("name", FILTERS)
async def test_a_page_of_many_costs_what_one_of_few_does(
    stores: tuple[MemoryStore, MemoryStore],
    name: str,
    sort: ProjectSort,
    descending: bool,
    after: Position | None,
) -> None:
    query = ProjectQuery(organization_id=ORGANIZATION, sort=sort, descending=descending, **FILTERS[name])
    small, _ = await cost(stores[0], lambda tx: tx.projects.page(query, after, PAGE))
    large, page = await cost(stores[1], lambda tx: tx.projects.page(query, after, PAGE))
    assert large <= 2 * small + 60, "60: what binary searches take"
    assert large < 30 * PAGE
    assert len({each.id for each, _ in page.rows}) == len(page.rows)


@pytest.mark.parametrize("name", FILTERS)
async def test_counting_costs_what_the_limit_allows(
    stores: tuple[MemoryStore, MemoryStore], name: str
) -> None:
    query = ProjectQuery(organization_id=ORGANIZATION, **FILTERS[name])
    small, _ = await cost(stores[0], lambda tx: tx.projects.count(query, 50))
    large, _ = await cost(stores[1], lambda tx: tx.projects.count(query, 50))
    assert large <= 2 * small + 60


@pytest.mark.parametrize("owner_ids", [None, (uuid(1),), (uuid(0), uuid(1), uuid(2))])
async def test_expired_tokens_cost_nothing(
    stores: tuple[MemoryStore, MemoryStore], owner_ids: tuple[str, ...] | None
) -> None:
    query = TokenQuery(organization_id=ORGANIZATION, owner_ids=owner_ids, now=5)
    small, expected = await cost(stores[0], lambda tx: tx.tokens.page(query, None, PAGE))
    large, page = await cost(stores[1], lambda tx: tx.tokens.page(query, None, PAGE))
    assert page == expected
    assert len(page) == (RARE if owner_ids == (uuid(1),) else 3 * RARE)
    assert large <= 2 * small + 60


async def test_counting_ids_counts(stores: tuple[MemoryStore, MemoryStore]) -> None:
    async def everything(tx: Transaction) -> object:
        return (await tx.projects.page(ProjectQuery(organization_id=ORGANIZATION), None, LARGE)).rows

    assert (await cost(stores[1], everything))[0] >= LARGE
