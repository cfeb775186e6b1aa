"""Every sort in both directions."""

from __future__ import annotations

import pytest
from clients import MOST, Documents, listed, pages, uploaded
from served import unique

TITLES = ["b", "A", "Ä", "a", "Straße", "STRASSE", "ß"]
BY_TITLE = ["A", "a", "b", "ß", "STRASSE", "Straße", "Ä"]


@pytest.fixture(scope="module")
async def titled(max: Documents) -> tuple[str, dict[str, str]]:
    """Create documents of these titles with a word in the description; return it and the titles by id."""
    word = unique("sorted")
    return word, {(await uploaded(max, title, description=word)).id: title for title in TITLES}


async def test_names(max: Documents, titled: tuple[str, dict[str, str]]) -> None:
    word, titles = titled
    for sort, expected in (("name", BY_TITLE), ("-name", BY_TITLE[::-1])):
        found = await listed(max, query=word, sort=sort, page_size=2)
        assert [titles[id] for id in found] == expected


async def test_creation(max: Documents, titled: tuple[str, dict[str, str]]) -> None:
    word, titles = titled
    assert await listed(max, query=word, sort="created_at", page_size=2) == list(titles)
    assert await listed(max, query=word, sort="-created_at", page_size=2) == list(titles)[::-1]
    assert await listed(max, query=word, sort="") == list(titles)[::-1]


async def test_updates(max: Documents) -> None:
    word = unique("updated")
    first, second, third = [(await uploaded(max, word)).id for _ in range(3)]
    await max.update(document_id=second, description="new")
    await max.update(document_id=first, description="new")
    order = [third, second, first]
    assert await listed(max, query=word, sort="updated_at", page_size=2) == order
    assert await listed(max, query=word, sort="-updated_at", page_size=2) == order[::-1]


async def test_views(ada: Documents, max: Documents) -> None:
    word = unique("viewed")
    ids = [(await uploaded(max, word)).id for _ in range(4)]
    viewed = [ids[2], ids[0]]
    for id in viewed:
        await max.get(document_id=id)
    for _ in range(MOST):  # views are noted in the background
        (page,) = await pages(max, query=word)
        if sum(item.last_viewed_at is not None for item in page.items) == len(viewed):
            break
    for sort, order in (("last_viewed_at", viewed), ("-last_viewed_at", viewed[::-1])):
        found = await listed(max, query=word, sort=sort, page_size=1)
        assert found[:2] == order
        assert sorted(found[2:]) == [ids[1], ids[3]]
    (page,) = await pages(ada, query=word)
    assert [item.last_viewed_at for item in page.items] == [None] * 4


@pytest.mark.parametrize("sort", ["last_shared_at", "-last_shared_at"])
async def test_nothing_is_shared(max: Documents, titled: tuple[str, dict[str, str]], sort: str) -> None:
    word, titles = titled
    found = await listed(max, query=word, sort=sort, page_size=3)
    assert found in (sorted(titles), sorted(titles, reverse=True))
