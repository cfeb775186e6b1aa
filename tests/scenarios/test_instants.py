"""Instants: what precision the server makes, and the whole range of what it keeps, over every transport."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from support.api import Api
from support.failures import fails
from support.world import World
from triptych.clock import timestamp

OVER_REST = True

FIRST = -62_135_596_800 * 10**9  # 0001-01-01T00:00:00Z
LAST = 253_402_300_800 * 10**9 - 1  # 9999-12-31T23:59:59.999999999Z
EDGES = [FIRST, FIRST + 1, -(2**63) - 1, -1, 0, 1, 2**63, LAST - 1, LAST]
REST_SERVES = "factify.api.v1beta"


def instants(message: Message) -> list[int]:
    """Return all instants of a message, those of its parts included."""
    if isinstance(message, Timestamp):
        return [message.ToNanoseconds()]
    found = []
    for field, value in message.ListFields():
        if field.message_type is not None:
            for part in value if field.is_repeated else [value]:
                found += instants(part)
    return found


def bound(instant: int) -> dict[str, int]:
    message = timestamp(instant)
    return {"seconds": message.seconds, "nanos": message.nanos}


async def titles(api: Api, **fields: Any) -> list[str]:
    """Return the titles of all pages of one document."""
    seen, token = [], ""
    while True:
        page = await api.ListDocuments(page_token=token, page_size=1, **fields)
        seen += [document.title for document in page.items]
        if not page.pagination.has_more:
            return seen
        token = page.pagination.next_page_token


async def test_the_server_makes_whole_milliseconds(world: World, max: Api) -> None:
    for title in ("a", "b", "c"):
        created = (await max.CreateDocument(title=title, payload=b"# A", file_name="a.md")).document
    got = (await max.GetDocument(document_id=created.id)).document
    again = (await max.GetDocument(document_id=created.id)).document
    await max.TrashDocument(document_id=created.id)
    trashed = (await max.GetDocument(document_id=created.id)).document
    made = [instant for message in (created, got, again, trashed) for instant in instants(message)]
    assert len(made) >= 4 * 2 + 2
    assert [instant % 1_000_000 for instant in made] == [0] * len(made)


async def test_a_created_at_that_is_read_finds_its_document_as_both_bounds(world: World, max: Api) -> None:
    documents = [
        (await max.CreateDocument(title=f"{number}", payload=b"# A", file_name="a.md")).document
        for number in range(3)
    ]
    for document in documents:
        seen = document.created_at
        for kept in (1_000, 1_000_000):  # what Python and JavaScript keep of the nanoseconds
            cut = bound(seen.ToNanoseconds() // kept * kept)
            assert document.title in await titles(max, created={"after": cut, "before": cut})


@pytest.mark.parametrize("descending", [False, True])
async def test_documents_are_sorted_and_paged_over_the_whole_range(
    world: World, max: Api, descending: bool
) -> None:
    for number, instant in enumerate(EDGES):
        await world.document(world.users["max"], title=f"{number}", created_at=instant, updated_at=instant)
    expected = [f"{number}" for number in range(len(EDGES))]
    for sort in ("created_at", "updated_at"):
        found = await titles(max, sort=f"-{sort}" if descending else sort)
        assert found == (expected[::-1] if descending else expected)


async def test_bounds_over_the_whole_range_to_the_nanosecond(world: World, max: Api) -> None:
    for number, instant in enumerate(EDGES):
        await world.document(world.users["max"], title=f"{number}", created_at=instant)
    for number, instant in enumerate(EDGES):
        at, by = bound(instant), {"sort": "created_at"}
        assert await titles(max, created={"after": at, "before": at}, **by) == [f"{number}"]
        assert len(await titles(max, created={"after": at}, **by)) == len(EDGES) - number
        assert len(await titles(max, created={"before": at}, **by)) == number + 1
    got = await max.ListDocuments(sort="created_at")
    assert [document.created_at.ToNanoseconds() for document in got.items] == EDGES


async def test_tokens_expire_over_the_whole_range(world: World) -> None:
    for expires_at, valid in ((FIRST, False), (-1, False), (LAST, True)):
        token, secret = await world.token(world.users["max"])
        await world.put("tokens", replace(token, expires_at=expires_at))
        call = Api(world.transport, secret).ListDocuments()
        if valid:
            await call
        else:
            await fails("unauthenticated", call)
