"""Lists of projects: filters, sorts, pages and counts, over every transport and every store."""

from __future__ import annotations

from typing import Any

import pytest

from support.api import Api
from support.failures import fails
from support.world import World
from triptych_api.gitpod.v1.count_pb import CountResponseRelation
from triptych_api.gitpod.v1.runner_configuration_pb import RunnerKind
from triptych_api.gitpod.v1.sort_pb import SortOrder

ASC, DESC = int(SortOrder.ASC), int(SortOrder.DESC)


async def create(api: Api, name: str, *remotes: str) -> str:
    """Create a project and return its id."""
    specs = [{"git": {"remote_uri": remote}} for remote in remotes]
    return (await api.CreateProject(name=name, initializer={"specs": specs})).project.id


async def listed(api: Api, **fields: Any) -> list[str]:
    """Return the ids of all pages."""
    pagination = dict(fields.pop("pagination", {}))
    seen: list[str] = []
    while True:
        page = await api.ListProjects(pagination=pagination, **fields)
        seen += [project.id for project in page.projects]
        pagination["token"] = page.pagination.next_token
        if not page.pagination.next_token:
            return seen
        assert page.projects


async def test_an_empty_list(max: Api) -> None:
    page = await max.ListProjects()
    assert not page.projects
    assert not page.pagination.next_token
    assert not page.HasField("count")


async def test_search_finds_names_repositories_and_ids(max: Api) -> None:
    street = await create(max, "Hauptstraße", "https://example.org/team/Backend.git")
    other = await create(max, "other", "git@example.org:team/frontend.git", "https://example.org/docs/")
    for text, expected in {
        "STRASSE": [street],
        "backend": [street],
        "Frontend": [other],
        "docs": [other],
        "example.org": [],
        "git": [],
        street[:13].upper(): sorted([street, other]) if other.startswith(street[:13]) else [street],
        street: [street],
        street[1:]: [],
        street.replace("-", ""): [],
        "e": sorted([street, other]),
        "": sorted([street, other]),
    }.items():
        found = await listed(max, filter={"search": text}, sort={"field": "id"})
        assert found == expected, text


async def test_every_filter_alone_and_together(world: World, ada: Api, max: Api) -> None:
    remote = await world.runner()
    local = await world.runner(RunnerKind.LOCAL)
    classes = [await world.environment_class(runner) for runner in (remote, local)]
    environments = [
        await world.environment(world.users["max"], environment_class_id=item.id) for item in classes
    ]
    made = []
    for api, environment in ((ada, environments[0]), (max, environments[1]), (max, environments[0])):
        created = await api.CreateProjectFromEnvironment(name="p", environment_id=environment.id)
        made.append(created.project.id)
    uri = "https://example.org/team/site"
    made.append(await create(max, "p", uri))

    async def find(**filter: Any) -> list[int]:
        return [made.index(id) for id in await listed(max, filter=filter, sort={"field": "id"})]

    assert await find(project_ids=[made[2].upper(), made[0]]) == [0, 2]
    assert await find(runner_ids=[remote.id]) == [0, 2]
    assert await find(runner_kinds=[RunnerKind.LOCAL]) == [1]
    assert await find(runner_kinds=[RunnerKind.LOCAL, RunnerKind.REMOTE]) == [0, 1, 2]
    assert await find(spec_remote_uris=[uri]) == [3]
    assert await find(spec_remote_uris=[uri + "/"]) == []
    assert await find(creator_ids=[world.users["max"].id]) == [1, 2, 3]
    assert await find(creator_ids=[world.users["max"].id], runner_ids=[remote.id]) == [2]
    assert await find(creator_ids=[world.users["mia"].id]) == []
    assert await find(search="P", project_ids=[made[3]], spec_remote_uris=[uri]) == [3]


@pytest.mark.parametrize(
    ("filter", "path"),
    [
        ({"project_ids": ["x"]}, "filter.project_ids[0]"),
        ({"project_ids": ["00000000-0000-4000-8000-000000000000"] * 26}, "filter.project_ids"),
        ({"search": "x" * 257}, "filter.search"),
        ({"runner_ids": [""]}, "filter.runner_ids[0]"),
        ({"spec_remote_uris": ["no uri"]}, "filter.spec_remote_uris[0]"),
        ({"creator_ids": ["1"]}, "filter.creator_ids[0]"),
        ({"runner_kinds": [1, 77]}, "filter.runner_kinds[1]"),
    ],
)
async def test_bad_filters_are_named(max: Api, filter: dict[str, Any], path: str) -> None:
    error = await fails("invalid_argument", max.ListProjects(filter=filter))
    assert list(error.violations) == [path]


async def test_sorts(world: World, max: Api) -> None:
    ids = [await create(max, f"project {number}") for number in range(4)]
    for project_id, count in ((ids[1], 3), (ids[2], 1)):
        for _ in range(count):
            await world.environment(world.users["max"], project_id=project_id)
    await world.count_popularity()
    by_popularity = [ids[1], ids[2], ids[3], ids[0]]
    assert await listed(max) == by_popularity
    assert await listed(max, sort={"field": "popularity"}) == by_popularity
    assert await listed(max, sort={"order": DESC}) == by_popularity
    assert await listed(max, sort={"field": "popularity", "order": ASC}) == [ids[3], ids[0], ids[2], ids[1]]
    assert await listed(max, sort={"field": "id"}) == ids
    assert await listed(max, sort={"field": "id", "order": DESC}) == ids[::-1]
    error = await fails("invalid_argument", max.ListProjects(sort={"field": "name"}))
    assert list(error.violations) == ["sort.field"]


@pytest.mark.parametrize("sort", [{"field": "id"}, {"field": "id", "order": DESC}, {}, {"order": ASC}])
@pytest.mark.parametrize("size", [1, 2, 3, 100])
async def test_pages_hold_every_row_once(max: Api, sort: dict[str, Any], size: int) -> None:
    ids = [await create(max, "p") for _ in range(5)]
    assert sorted(await listed(max, sort=sort, pagination={"page_size": size})) == ids


async def test_pages_are_stable_while_rows_come_and_go(max: Api) -> None:
    ids = [await create(max, "p") for _ in range(6)]
    sort = {"field": "id"}
    first = await max.ListProjects(sort=sort, pagination={"page_size": 2})
    await max.DeleteProject(project_id=ids[1])
    await max.DeleteProject(project_id=ids[2])
    new = await create(max, "p")
    rest = await listed(max, sort=sort, pagination={"page_size": 2, "token": first.pagination.next_token})
    assert rest == [*ids[3:], new]


async def test_the_default_page_has_25_rows(max: Api) -> None:
    await max.CreateProjects(projects=[{"name": "p", "initializer": {}}] * 26)
    page = await max.ListProjects()
    assert len(page.projects) == 25
    token = page.pagination.next_token
    assert len((await max.ListProjects(pagination={"token": token})).projects) == 1


@pytest.mark.parametrize("size", [-1, 101])
async def test_page_sizes_are_refused_not_clamped(max: Api, size: int) -> None:
    error = await fails("invalid_argument", max.ListProjects(pagination={"page_size": size}))
    assert list(error.violations) == ["pagination.page_size"]


async def test_a_token_belongs_to_its_query_and_caller(max: Api, mia: Api) -> None:
    for _ in range(3):
        await create(max, "p")
    query = {"filter": {"search": "p"}, "sort": {"field": "id"}}
    page = await max.ListProjects(pagination={"page_size": 1}, **query)
    token = page.pagination.next_token
    flipped = ("A" if token[0] != "A" else "B") + token[1:]
    attempts = [
        (max, token, {"filter": {"search": ""}, "sort": {"field": "id"}}),
        (max, token, {"filter": {"search": "p"}, "sort": {"field": "id", "order": DESC}}),
        (mia, token, query),
        (max, flipped, query),
        (max, token[:-1], query),
        (max, "not a token", query),
        (max, "eyJpZCI6ImRvY18wMWgyeGNlanF0ZjJuYnJleHgzdnFqaHA0MSIsImQiOiJuZXh0In0", query),
    ]
    for api, bad, fields in attempts:
        error = await fails("invalid_argument", api.ListProjects(pagination={"token": bad}, **fields))
        assert error.reason == "INVALID_CURSOR"
        assert list(error.violations) == ["pagination.token"]
    await fails("invalid_argument", max.ListPersonalAccessTokens(pagination={"token": token}))
    rest = await listed(max, pagination={"page_size": 2, "token": token}, **query)
    assert len(rest) == 2


async def test_counts_come_with_the_first_page(max: Api) -> None:
    for number in range(3):
        await create(max, f"p{number}")
    counted = await max.ListProjects(count={"include": True}, pagination={"page_size": 1})
    assert (counted.count.value, counted.count.relation) == (3, CountResponseRelation.EQ)
    token = counted.pagination.next_token
    later = await max.ListProjects(count={"include": True}, pagination={"page_size": 1, "token": token})
    assert not later.HasField("count")
    some = await max.ListProjects(count={"include": True}, filter={"search": "p1"})
    assert (some.count.value, some.count.relation) == (1, CountResponseRelation.EQ)


async def test_counting_stops_at_a_limit(max: Api) -> None:
    for size, expected in ((1000, CountResponseRelation.EQ), (1, CountResponseRelation.GTE)):
        for _ in range(-(-size // 100)):
            items = [{"name": "p", "initializer": {}}] * min(size, 100)
            await max.CreateProjects(projects=items)
        counted = (await max.ListProjects(count={"include": True})).count
        assert (counted.value, counted.relation) == (1000, expected)
