"""Lists of projects: pages to the end with the SDK's own iterators, filters and sorts."""

from __future__ import annotations

from typing import Any

import pytest
from clients import collected, done
from gitpod import BadRequestError
from served import ENGINE, PAGE_SIZES, RUNNER, SEEDED_PROJECTS, unique

BY_ID = {"field": "id", "order": "SORT_ORDER_ASC"}


async def create(client: Any, number: int) -> tuple[str, list[str]]:
    """Create projects with a word of their own in the name; return the word and their ids."""
    word = unique("word")
    items = [{"name": f"{word} {index}", "initializer": {}} for index in range(number)]
    created = (await done(client.projects.bulk_create(projects=items))).created_projects
    return word, [project.id for project in created]


async def listed(client: Any, **arguments: Any) -> list[str]:
    """Return the ids of all pages."""
    return [project.id for project in await collected(client.projects.list(**arguments))]


@pytest.mark.parametrize("size", PAGE_SIZES)
@pytest.mark.parametrize("sort", [BY_ID, {"field": "id", "order": "SORT_ORDER_DESC"}, None])
async def test_pages_hold_every_project_once(max: Any, size: int, sort: dict[str, Any] | None) -> None:
    word, ids = await create(max, 7)
    arguments = {"filter": {"search": word}} | ({"sort": sort} if sort else {})
    expected = ids if sort == BY_ID else ids[::-1]
    assert await listed(max, page_size=size, **arguments) == expected
    assert await listed(max, pagination={"page_size": size}, **arguments) == expected


async def test_everything_is_listed(max: Any) -> None:
    _, ids = await create(max, 3)
    everything = await listed(max, page_size=2)
    assert len(set(everything)) == len(everything)
    assert {*ids, *SEEDED_PROJECTS} <= {*everything}
    assert everything[0] == ENGINE, "the most popular comes first"


async def test_page_by_page(max: Any) -> None:
    word, ids = await create(max, 5)
    page = await done(max.projects.list(page_size=2, sort=BY_ID, filter={"search": word}))
    sizes, seen = [], []
    while True:
        sizes.append(len(page.projects))
        seen += [project.id for project in page.projects]
        if not page.has_next_page():
            break
        page = await done(page.get_next_page())
    assert (sizes, seen) == ([2, 2, 1], ids)


async def test_a_page_is_taken_up_by_its_token(max: Any) -> None:
    word, ids = await create(max, 5)
    arguments = {"page_size": 2, "sort": BY_ID, "filter": {"search": word}}
    first = await done(max.projects.list(**arguments))
    token = first.pagination.next_token
    assert await listed(max, token=token, **arguments) == ids[2:]
    del arguments["page_size"]
    assert await listed(max, pagination={"token": token, "page_size": 1}, **arguments) == ids[2:]


async def test_the_default_page_has_25_projects(max: Any) -> None:
    word, ids = await create(max, 26)
    page = await done(max.projects.list(filter={"search": word}))
    assert len(page.projects) == 25
    assert sorted(await listed(max, filter={"search": word})) == sorted(ids)


async def test_an_empty_list(max: Any) -> None:
    page = await done(max.projects.list(filter={"search": unique("nothing")}))
    assert page.projects == []
    assert not page.has_next_page()


async def test_filters(max: Any) -> None:
    word, ids = await create(max, 3)
    assert await listed(max, filter={"project_ids": ids[:2]}, sort=BY_ID) == ids[:2]
    assert await listed(max, filter={"search": word.upper()}, sort=BY_ID) == ids
    assert await listed(max, filter={"search": word, "project_ids": [ids[2], ENGINE]}) == [ids[2]]
    assert await listed(max, filter={"search": word, "runner_ids": [RUNNER]}) == []
    for filter in ({"runner_ids": [RUNNER]}, {"runner_kinds": ["RUNNER_KIND_REMOTE"]}):
        found = await listed(max, filter=filter)
        assert ENGINE in found
        assert not {*ids} & {*found}


@pytest.mark.parametrize(
    "arguments",
    [
        {"page_size": 101},
        {"token": "none of ours"},
        {"filter": {"project_ids": ["no id"]}},
        {"filter": {"runner_kinds": ["RUNNER_KIND_WRONG"]}},
        {"sort": {"field": "name"}},
    ],
)
async def test_bad_arguments(max: Any, arguments: dict[str, Any]) -> None:
    with pytest.raises(BadRequestError):
        await listed(max, **arguments)
