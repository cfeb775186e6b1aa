"""Lists of documents: filters, sorts, pages both ways and tokens, over every transport and every store."""

from __future__ import annotations

from typing import Any

from support.api import Api
from support.failures import fails
from support.world import World
from triptych.documents import typeid
from triptych.store.records import DocumentRole, Grant
from triptych_api.factify.api.v1beta.document_pb import AccessLevel, ProcessingStatus

OVER_REST = True

PRIVATE, ORGANIZATION = int(AccessLevel.PRIVATE), int(AccessLevel.ORGANIZATION)


def granted(recipient_id: str, at: int) -> tuple[Grant, ...]:
    """Return the grants of a document that is shared once."""
    return (Grant(recipient_id=recipient_id, role=DocumentRole.VIEWER, granted_at=at),)


async def listed(api: Api, **fields: Any) -> list[str]:
    """Return the titles of all pages, there and back again."""
    seen, sizes, token = [], [], ""
    while True:
        page = await api.ListDocuments(page_token=token, **fields)
        seen += [document.title for document in page.items]
        sizes.append([document.title for document in page.items])
        assert page.pagination.has_more == bool(page.pagination.next_page_token)
        if not page.pagination.has_more:
            break
        token = page.pagination.next_page_token
    for expected in sizes[-2::-1]:
        page = await api.ListDocuments(page_token=page.pagination.prev_page_token, **fields)
        assert [document.title for document in page.items] == expected
    assert not page.pagination.prev_page_token
    return seen


async def test_every_filter(world: World, max: Api) -> None:
    me, mia, bot = world.users["max"], world.users["mia"], await world.service_account("bot")
    ready, failed = ProcessingStatus.READY, ProcessingStatus.FAILED
    shared = AccessLevel.ORGANIZATION
    await world.document(me, title="Straße", created_at=100, processing_status=failed)
    await world.document(mia, title="b", description="BUDGET 2026", created_at=200, access_level=shared)
    await world.document(bot, title="c", source_format="csv", created_at=300, access_level=shared)
    by = {"sort": "name"}
    for filter, expected in (
        ({}, ["b", "c", "Straße"]),
        ({"created": {"after": {"nanos": 200}}}, ["b", "c"]),
        ({"created": {"before": {"nanos": 200}}}, ["b", "Straße"]),
        ({"created": {"after": {"nanos": 200}, "before": {"nanos": 200}}}, ["b"]),
        ({"created_by_id": [typeid.encode("user", me.id)]}, ["Straße"]),
        ({"created_by_id": [typeid.encode("bot", bot.id), typeid.encode("user", mia.id)]}, ["b", "c"]),
        ({"created_by_id": [typeid.encode("user", bot.id)]}, []),
        ({"access_level": [PRIVATE]}, ["Straße"]),
        ({"access_level": [PRIVATE, ORGANIZATION]}, ["b", "c", "Straße"]),
        ({"processing_status": [int(failed)]}, ["Straße"]),
        ({"processing_status": [int(ready)]}, ["b", "c"]),
        ({"query": "STRASSE"}, ["Straße"]),
        ({"query": "budget"}, ["b"]),
        ({"query": ""}, ["b", "c", "Straße"]),
        ({"ownership": [1]}, ["Straße"]),
        ({"ownership": [2]}, ["b", "c"]),
        ({"ownership": [1, 2]}, ["b", "c", "Straße"]),
        ({"organization_scope": True}, ["b", "c", "Straße"]),
        ({"title_contains": "ss"}, ["Straße"]),
        ({"description_contains": "2026"}, ["b"]),
        ({"source_format": ["csv"]}, ["c"]),
        ({"source_format": ["csv", "pdf"], "ownership": [2], "title_contains": "B"}, ["b"]),
    ):
        assert await listed(max, **filter, **by) == expected, filter


async def test_every_sort_both_ways_in_pages(world: World, max: Api) -> None:
    me, mia = world.users["max"], world.users["mia"]
    times = {"a": (3, 1, 5), "B": (1, 3, None), "c": (2, 2, 6)}
    documents = {
        title: await world.document(
            mia,
            title=title,
            created_at=created,
            updated_at=updated,
            access_level=AccessLevel.ORGANIZATION,
            grants=granted(me.id, shared) if shared else (),
        )
        for title, (created, updated, shared) in times.items()
    }
    for title in ("c", "a"):
        await max.GetDocument(document_id=documents[title])
    for _ in range(1000):  # views are written in the background
        items = (await max.ListDocuments()).items
        if sum(document.HasField("last_viewed_at") for document in items) == 2:
            break
    for sort, expected in {
        "created_at": ["B", "c", "a"],
        "-created_at": ["a", "c", "B"],
        "": ["a", "c", "B"],
        "updated_at": ["a", "c", "B"],
        "-updated_at": ["B", "c", "a"],
        "name": ["a", "B", "c"],
        "-name": ["c", "B", "a"],
        "last_viewed_at": ["c", "a", "B"],
        "-last_viewed_at": ["a", "c", "B"],
        "last_shared_at": ["a", "c", "B"],
        "-last_shared_at": ["c", "a", "B"],
    }.items():
        for size in (1, 2, 3):
            assert await listed(max, sort=sort, page_size=size) == expected, sort


async def test_a_token_belongs_to_its_query_and_caller(world: World, max: Api, ada: Api) -> None:
    for _ in range(3):
        await world.document(world.users["max"], title="Report")
    query = {"sort": "name", "title_contains": "report"}
    page = await max.ListDocuments(page_size=1, **query)
    token = page.pagination.next_page_token
    assert len((await max.ListDocuments(page_size=5, page_token=token, **query)).items) == 2
    for api, fields in (
        (ada, query),
        (max, {**query, "sort": "-name"}),
        (max, {**query, "title_contains": "r"}),
        (max, {**query, "trash_state": [1, 2]}),
    ):
        error = await fails("invalid_argument", api.ListDocuments(page_token=token, **fields))
        assert error.reason == "INVALID_CURSOR"
        assert list(error.violations) == ["page_token"]


async def test_pages_are_stable_while_rows_come_and_go(world: World, max: Api) -> None:
    documents = [await world.document(world.users["max"], title=str(number)) for number in range(6)]
    first = await max.ListDocuments(page_size=2, sort="created_at")
    await max.TrashDocument(document_id=documents[1])
    await max.TrashDocument(document_id=documents[2])
    await world.document(world.users["max"], title="new")
    token = first.pagination.next_page_token
    second = await max.ListDocuments(page_size=2, sort="created_at", page_token=token)
    assert [document.title for document in second.items] == ["3", "4"]
    token = second.pagination.next_page_token
    third = await max.ListDocuments(page_size=2, sort="created_at", page_token=token)
    assert [document.title for document in third.items] == ["5", "new"]
    token = second.pagination.prev_page_token
    back = await max.ListDocuments(page_size=2, sort="created_at", page_token=token)
    assert [document.title for document in back.items] == ["0"]
