"""What documents cost the memory store: to find a page, to keep, and others while one is looked for."""

from __future__ import annotations

import asyncio
import gc
import random
import tracemalloc
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from store.builders import ORGANIZATION, document, organization, put, subject, uuid
from store.test_memory_cost import Id
from triptych.store.memory import MemoryStore
from triptych.store.memory.plan import TURN_ROWS
from triptych.store.queries import Audience, DocumentPosition, DocumentQuery, DocumentSort, Reach
from triptych.store.records import Document, DocumentRole, Grant, View
from triptych_api.factify.api.v1beta.document_pb import AccessLevel

pytestmark = pytest.mark.long

SMALL, LARGE = 1_000, 8_000
RARE = 5
PAGE = 26
OWNER = uuid(1)  # of every document
MEMBER = (
    Audience(Reach.OPEN, ORGANIZATION),
    Audience(Reach.USER, OWNER),
    Audience(Reach.ORGANIZATION, ORGANIZATION),
)
ADMINISTRATOR = (Audience(Reach.ADMINISTRATOR, ORGANIZATION), *MEMBER[1:])


def chance(number: int, what: str) -> float:
    """Return what is random, but always the same for a number."""
    return random.Random(f"{number} {what}").random()


def numbered(number: int, size: int) -> Document:
    """Return one of so many documents: some filters match half of them, some a few whatever the size."""
    rare = number % (size // RARE) == 0
    return replace(
        document(number, "a needle" if rare else f"straw {number % 7}"),
        id=Id(uuid(number)),
        creator=subject(2 if chance(number, "creator") < 0.5 else 3),
        description="here and there" if rare else None,
        source_format="pdf" if rare else "csv",
        access_level=AccessLevel.PRIVATE if chance(number, "level") < 0.5 else AccessLevel.ORGANIZATION,
        updated_at=number * 7919 % size,
        trashed_at=5 if rare else None,
        grants=(Grant(recipient_id=OWNER, role=DocumentRole.VIEWER, granted_at=number),)
        if chance(number, "grants") < 0.7
        else (),
    )


async def filled(size: int) -> MemoryStore:
    store = MemoryStore()
    await put(store, "documents", *(numbered(number, size) for number in range(size)))
    await put(
        store,
        "views",
        *(View(Id(uuid(number)), OWNER, number) for number in range(size) if number * 2654435761 >> 9 & 1),
    )
    return store


@pytest.fixture(scope="module")
async def stores() -> tuple[MemoryStore, MemoryStore]:
    return await filled(SMALL), await filled(LARGE)


FILTERS: Mapping[str, Mapping[str, Any]] = {
    "none": {},
    "owned": {"owned": True},
    "owned by others": {"owned": False, "viewer_id": uuid(9)},
    "organization": {"organization_id": ORGANIZATION},
    "creator, half": {"creators": (subject(2),)},
    "level, half": {"access_levels": (AccessLevel.PRIVATE,)},
    "levels": {"access_levels": tuple(AccessLevel)},
    "format, sparse": {"source_formats": ("pdf",), "trashed": None},
    "trash": {"trashed": True},
    "trash and the rest": {"trashed": None},
    "title, dense": {"title_contains": "STRAW"},
    "title, dense and short": {"title_contains": "st"},
    "title, sparse": {"title_contains": "needle", "trashed": None},
    "description, sparse": {"description_contains": "and there", "trashed": None},
    "text, sparse": {"query": "here", "trashed": None},
    "text, nothing": {"query": "nowhere"},
    "created, a few": {"created_after": 100, "created_before": 120},
    "created, all but a few": {"created_after": 20},
}


async def cost(
    store: MemoryStore, query: DocumentQuery, start: DocumentPosition | None, backwards: bool
) -> int:
    async with store.read() as tx:
        before = Id.uses
        page = await tx.documents.page(query, start, PAGE, backwards=backwards)
        assert len({each.id for each, _ in page.rows}) == len(page.rows)
        return Id.uses - before


def middle(sort: DocumentSort, size: int) -> DocumentPosition:
    """Return the position in the middle of the list."""
    number = size // 2
    if sort is DocumentSort.NAME:
        return DocumentPosition(("straw 3", "straw 3"), uuid(number))
    return DocumentPosition(number, uuid(number))


@pytest.mark.parametrize("audiences", [MEMBER, ADMINISTRATOR], ids=["member", "administrator"])
@pytest.mark.parametrize("sort", DocumentSort)
@pytest.mark.parametrize("name", FILTERS)
async def test_a_page_of_many_costs_what_one_of_few_does(
    stores: tuple[MemoryStore, MemoryStore],
    name: str,
    sort: DocumentSort,
    audiences: tuple[Audience, ...],
) -> None:
    fields = {"viewer_id": OWNER, **FILTERS[name]}
    for descending in (False, True):
        query = DocumentQuery(audiences=audiences, sort=sort, descending=descending, **fields)
        for from_middle, backwards in ((False, False), (False, True), (True, False), (True, True)):
            small, large = [
                await cost(store, query, middle(sort, size) if from_middle else None, backwards)
                for store, size in zip(stores, (SMALL, LARGE), strict=True)
            ]
            assert large <= 3 * small + 600, "hits come sooner or later; 600: what binary searches take"
            assert large < LARGE, "a look at each would be many times that"


async def test_a_document_takes_at_most_4_kilobytes() -> None:
    """Titles of 40 characters, descriptions of 100, in words."""
    dice = random.Random(1)
    words = ["".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=dice.randint(3, 9))) for _ in range(2000)]

    def text(length: int) -> str:
        return " ".join(dice.choices(words, k=length // 4))[:length]

    def made(number: int) -> Document:
        return replace(
            document(number, text(40)),
            description=text(100),
            owner=subject(dice.randrange(10)),
            created_at=10**18 + number,
            updated_at=10**18 - number,
        )

    count = 5_000
    store = MemoryStore()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for start in range(0, count, 500):
            await put(store, "documents", *map(made, range(start, start + 500)))
        gc.collect()
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert 1000 < taken / count <= 4096


NOTHING = DocumentQuery(audiences=MEMBER, viewer_id=OWNER, query="zq")  # too short to be looked up


async def scan(store: MemoryStore) -> int:
    """Look at every document, and find none."""
    async with store.read() as tx:
        return len((await tx.documents.page(NOTHING, None, PAGE)).rows)


async def test_long_scans_let_others_run(stores: tuple[MemoryStore, MemoryStore]) -> None:
    store = stores[1]
    scanning = asyncio.create_task(scan(store))
    turns = read = 0
    writer = None
    while not scanning.done():
        await asyncio.sleep(0)
        turns += 1
        if turns == 3:
            writer = asyncio.create_task(put(store, "organizations", organization(1)))
        if writer is not None and not scanning.done():
            async with store.read() as tx:  # it does not wait for the writer, who has to wait for the scan
                assert await tx.organizations.get(uuid(1)) is None
            read += not scanning.done()
    assert turns >= LARGE // 2 // TURN_ROWS, "half of them may be seen"
    assert read >= turns - 4
    assert await scanning == 0
    assert writer is not None
    await asyncio.wait_for(writer, 5)


async def test_scans_one_after_the_other_do_not_starve_a_writer(
    stores: tuple[MemoryStore, MemoryStore],
) -> None:
    store = stores[1]
    scans = [asyncio.create_task(scan(store))]
    await asyncio.sleep(0)
    writer = asyncio.create_task(put(store, "organizations", organization(2)))
    turns = 0
    while not writer.done():
        scans.append(asyncio.create_task(scan(store)))
        await asyncio.sleep(0)
        turns += 1
        assert turns < 10 * LARGE // TURN_ROWS
    await asyncio.gather(*scans)
