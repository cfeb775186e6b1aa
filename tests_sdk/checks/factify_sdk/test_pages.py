"""Pages of a list: forwards with `next()`, and back with the token that the SDK does not follow by itself."""

from __future__ import annotations

import pytest
from clients import Documents, failure, listed, pages, told
from served import PAGE_SIZES, unique

SORTS = [
    None,
    "created_at",
    "-created_at",
    "name",
    "-name",
    "updated_at",
    "last_viewed_at",
    "-last_shared_at",
]


@pytest.mark.parametrize("size", PAGE_SIZES)
@pytest.mark.parametrize("sort", SORTS)
async def test_pages_hold_every_document_once(
    max: Documents, seven: tuple[str, list[str]], size: int, sort: str | None
) -> None:
    word, ids = seven
    found = await pages(max, query=word, page_size=size, sort=sort)
    assert [len(page.items) for page in found] == [min(size, 7 - start) for start in range(0, 7, size)]
    assert [page.pagination.has_more for page in found] == [True] * (len(found) - 1) + [False]
    assert found[0].pagination.prev_page_token == found[-1].pagination.next_page_token == ""
    seen = [item.id for page in found for item in page.items]
    assert sorted(seen) == sorted(ids)
    if sort in ("created_at", "name", "updated_at"):
        assert seen == ids
    if sort in (None, "-created_at", "-name"):
        assert seen == ids[::-1]


@pytest.mark.parametrize("size", PAGE_SIZES)
@pytest.mark.parametrize("sort", [None, "name", "-last_viewed_at"])
async def test_and_back_again(
    max: Documents, seven: tuple[str, list[str]], size: int, sort: str | None
) -> None:
    arguments = {"query": seven[0], "page_size": size, "sort": sort}
    forwards = await pages(max, **arguments)
    page = forwards[-1]
    backwards = [page]
    while token := page.pagination.prev_page_token:
        assert len(backwards) <= len(forwards)
        page = (await max.list(page_token=token, **arguments)).result
        backwards.append(page)
    assert [[item.id for item in page.items] for page in backwards[::-1]] == [
        [item.id for item in page.items] for page in forwards
    ]
    assert [page.pagination.has_more for page in backwards[::-1]] == [
        page.pagination.has_more for page in forwards
    ]
    assert await listed(max, page_token=forwards[0].pagination.next_page_token, **arguments) == [
        item.id for page in forwards[1 if len(forwards) > 1 else 0 :] for item in page.items
    ]


async def test_the_page_size_may_change(max: Documents, seven: tuple[str, list[str]]) -> None:
    word, ids = seven
    token = (await max.list(query=word, sort="name", page_size=2)).result.pagination.next_page_token
    assert await listed(max, query=word, sort="name", page_size=3, page_token=token) == ids[2:]
    assert await listed(max, query=word, sort="name", page_token=token) == ids[2:]


async def test_a_token_is_for_its_list_only(
    ada: Documents, max: Documents, seven: tuple[str, list[str]]
) -> None:
    word, _ = seven
    arguments = {"query": word, "sort": "name", "page_size": 2}
    token = (await max.list(**arguments)).result.pagination.next_page_token
    for client, other in (
        (max, {"query": f"{word} "}),
        (max, {"sort": "-name"}),
        (max, {"trash_state": ["trashed"]}),
        (max, {"page_token": token[:-1]}),
        (max, {"page_token": "eyJpZCI6ImRvY18wMWgyeGNlanF0ZjJuYnJleHgzdnFqaHA0MSIsImQiOiJuZXh0In0"}),
        (ada, {}),
    ):
        error = await failure(client.list, **{"page_token": token, **arguments, **other})
        assert told(error) == (400, "invalid_argument", [("invalid_cursor", "page_token")])


async def test_an_empty_list(max: Documents) -> None:
    (page,) = await pages(max, query=unique("nothing"))
    assert page.items == []
    pagination = page.pagination
    assert (pagination.has_more, pagination.next_page_token, pagination.prev_page_token) == (False, "", "")


async def test_everything(max: Documents, seven: tuple[str, list[str]]) -> None:
    everything = await listed(max, page_size=100)
    assert len(everything) == len(set(everything))
    assert {*seven[1]} <= {*everything}
    assert len((await max.list(page_token="")).result.items) == min(50, len(everything))
