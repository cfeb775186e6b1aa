"""Lists of projects: pages to the end, filters, sorts and counts."""

from __future__ import annotations

from typing import Any

import pytest
from clients import Api, failure, pages
from connectrpc.code import Code
from gitpod.v1.count_pb2 import COUNT_RESPONSE_RELATION_EQ, CountRequest
from gitpod.v1.pagination_pb2 import SORT_ORDER_ASC, SORT_ORDER_DESC, PaginationRequest, Sort
from gitpod.v1.project_pb2 import CreateProjectsRequest, ListProjectsRequest
from gitpod.v1.runner_configuration_pb2 import RUNNER_KIND_REMOTE
from served import ENGINE, MAX, PAGE_SIZES, RUNNER, SEEDED_PROJECTS, unique

BY_ID = Sort(field="id", order=SORT_ORDER_ASC)
URI = "https://example.org/team/site.git"


async def create(api: Api, number: int, **fields: Any) -> tuple[str, list[str]]:
    """Create projects with a word of their own in the name; return the word and their ids."""
    word = unique("word")
    items = [{"name": f"{word} {index}", "initializer": {}, **fields} for index in range(number)]
    created = (await api.project.create_projects(CreateProjectsRequest(projects=items))).created_projects
    return word, [project.id for project in created]


async def listed(api: Api, size: int = 0, **fields: Any) -> list[str]:
    """Return the ids of all pages."""
    responses = await pages(api.project.list_projects, ListProjectsRequest(**fields), size)
    return [project.id for response in responses for project in response.projects]


@pytest.mark.parametrize("size", PAGE_SIZES)
@pytest.mark.parametrize(
    "sort", [BY_ID, Sort(field="id", order=SORT_ORDER_DESC), None], ids=["asc", "desc", "unset"]
)
async def test_pages_hold_every_project_once(max: Api, size: int, sort: Sort | None) -> None:
    word, ids = await create(max, 7)
    found = await listed(max, size, sort=sort, filter={"search": word})
    assert found == (ids if sort == BY_ID else ids[::-1])


async def test_everything_is_listed(max: Api) -> None:
    _, ids = await create(max, 3)
    everything = await listed(max, 2)
    assert len(set(everything)) == len(everything)
    assert {*ids, *SEEDED_PROJECTS} <= {*everything}
    assert everything[0] == ENGINE, "the most popular comes first"


async def test_the_default_page_has_25_projects(max: Api) -> None:
    word, _ = await create(max, 26)
    request = ListProjectsRequest(filter={"search": word})
    assert [len(page.projects) for page in await pages(max.project.list_projects, request)] == [25, 1]


async def test_the_count_is_on_the_first_page_if_asked_for(max: Api) -> None:
    word, _ = await create(max, 3)
    request = ListProjectsRequest(filter={"search": word}, count=CountRequest(include=True))
    first, second = await pages(max.project.list_projects, request, 2)
    assert (first.count.value, first.count.relation) == (3, COUNT_RESPONSE_RELATION_EQ)
    assert not second.HasField("count")
    request.ClearField("count")
    assert not (await pages(max.project.list_projects, request))[0].HasField("count")


async def test_an_empty_list(max: Api) -> None:
    assert await listed(max, filter={"search": unique("nothing")}) == []


async def test_filters(max: Api) -> None:
    word, ids = await create(max, 3, initializer={"specs": [{"git": {"remote_uri": URI}}]})
    assert await listed(max, filter={"project_ids": ids[:2]}, sort=BY_ID) == ids[:2]
    assert await listed(max, filter={"search": word.upper()}, sort=BY_ID) == ids
    assert await listed(max, filter={"search": word, "project_ids": [ids[2], ENGINE]}) == [ids[2]]
    assert await listed(max, filter={"search": word, "runner_ids": [RUNNER]}) == []
    assert await listed(max, filter={"search": word, "spec_remote_uris": [URI]}, sort=BY_ID) == ids
    assert await listed(max, filter={"search": word, "creator_ids": [MAX]}, sort=BY_ID) == ids
    for filter in ({"runner_ids": [RUNNER]}, {"runner_kinds": [RUNNER_KIND_REMOTE]}):
        found = await listed(max, filter=filter)
        assert ENGINE in found
        assert not {*ids} & {*found}


@pytest.mark.parametrize(
    "fields",
    [
        {"pagination": PaginationRequest(page_size=101)},
        {"pagination": PaginationRequest(token="none of ours")},
        {"filter": {"project_ids": ["no id"]}},
        {"sort": Sort(field="name")},
    ],
    ids=str,
)
async def test_bad_arguments(max: Api, fields: dict[str, Any]) -> None:
    error = await failure(max.project.list_projects(ListProjectsRequest(**fields)))
    assert error.code is Code.INVALID_ARGUMENT
