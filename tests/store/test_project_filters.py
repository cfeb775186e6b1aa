"""Each filter of projects, alone and with others."""

from __future__ import annotations

from typing import Any

import pytest

from store.builders import (
    LOCAL_CLASS,
    ORGANIZATION,
    OTHER_ORGANIZATION,
    delete,
    initializer,
    project,
    project_class,
    put,
    subject,
    uuid,
)
from triptych.store.base import Store
from triptych.store.queries import ProjectQuery, ProjectSort
from triptych_api.gitpod.v1.identity_pb import Principal
from triptych_api.gitpod.v1.runner_configuration_pb import RunnerKind


async def found(store: Store, **filters: Any) -> list[int]:
    """Return the numbers of the projects that match, oldest first; counted and paged must agree."""
    query = ProjectQuery(organization_id=ORGANIZATION, sort=ProjectSort.ID, descending=False, **filters)
    async with store.read() as tx:
        page = (await tx.projects.page(query, None, 100)).rows
        assert await tx.projects.count(query, 100) == len(page)
    return [int(each.id[:8], 16) for each, _ in page]


async def search(store: Store, name: str, text: str, *remote_uris: str) -> bool:
    await put(store, "projects", project(1, name, *remote_uris), project(2, "?", "https://e.org/??.git"))
    return await found(store, search=text) == [1]


async def test_without_a_filter_all_of_the_organization_match(store: Store) -> None:
    await put(store, "projects", project(2), project(1), project(3, organization_id=OTHER_ORGANIZATION))
    assert await found(store) == [1, 2]


async def test_project_ids(store: Store) -> None:
    other = project(4, organization_id=OTHER_ORGANIZATION)
    await put(store, "projects", project(1), project(2), project(3), other)
    assert await found(store, project_ids=tuple(map(uuid, (3, 4, 1, 9, 3)))) == [1, 3]
    assert await found(store, project_ids=(uuid(9),)) == []


async def test_creator_ids(store: Store) -> None:
    robot = subject(3, Principal.SERVICE_ACCOUNT)
    await put(store, "projects", project(1), project(2, creator=subject(2)), project(3, creator=robot))
    assert await found(store, creator_ids=(uuid(1),)) == [1]
    assert await found(store, creator_ids=(uuid(3), uuid(2))) == [2, 3]
    assert await found(store, creator_ids=(uuid(9),)) == []


async def test_runner_ids_and_kinds(store: Store) -> None:
    remote, other = project_class(uuid(0xB1)), project_class(uuid(0xB2), RunnerKind.LOCAL_CONFIGURATION)
    await put(
        store,
        "projects",
        project(1),
        project(2, environment_classes=(remote,)),
        project(3, environment_classes=(other, LOCAL_CLASS)),
        project(4, environment_classes=(remote, remote, other)),
    )
    assert await found(store, runner_ids=(uuid(0xB1),)) == [2, 4]
    assert await found(store, runner_ids=(uuid(0xB1), uuid(0xB2))) == [2, 3, 4]
    assert await found(store, runner_kinds=(RunnerKind.LOCAL,)) == [3]
    assert await found(store, runner_kinds=(RunnerKind.REMOTE, RunnerKind.LOCAL)) == [2, 3, 4]
    assert await found(store, runner_kinds=(RunnerKind.LOCAL,), runner_ids=(uuid(0xB1),)) == []
    assert await found(store, runner_kinds=(RunnerKind.UNSPECIFIED,)) == []


async def test_spec_remote_uris_match_exactly(store: Store) -> None:
    uri = "https://example.org/a/repo.git"
    await put(
        store,
        "projects",
        project(1, "p", uri),
        project(2, "p", "https://example.org/b/other", uri),
        project(3, "p", uri.upper()),
        project(4, "p", uri + "/"),
        project(5, initializer=initializer(context_url=uri)),
    )
    assert await found(store, spec_remote_uris=(uri,)) == [1, 2]
    assert await found(store, spec_remote_uris=(uri + "/", "https://example.org/b/other")) == [2, 4]
    assert await found(store, spec_remote_uris=("https://example.org/a/repo",)) == []


@pytest.mark.parametrize("text", ["P", "y-P", "my-project", "MY-PRO", "ject", "t"])
async def test_search_finds_a_part_of_the_name(store: Store, text: str) -> None:
    assert await search(store, "My-Project", text)


@pytest.mark.parametrize("text", ["my project", "my-projects", "mp", "myy", "pro-", "\x00"])
async def test_search_finds_whole_parts_only(store: Store, text: str) -> None:
    assert not await search(store, "My-Project", text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Straße", "STRASSE"),
        ("STRASSE", "straße"),
        ("Straße", "ss"),
        ("Ärger", "ärger"),
        ("A\u0308rger", "\u00e4rger"),
        ("\u00c4rger", "a\u0308R"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("İstanbul", "i\u0307stanbul"),
        ("\u01f0", "J\u030c"),
        ("\u1fb4", "\u0391\u0301\u0345"),
        ("\u1fb3\u0323", "\u0391\u0323"),
        ("項目一", "目"),
        ("👩‍🚀 rocket", "👩‍🚀"),
    ],
)
async def test_search_folds_case_by_unicode(store: Store, name: str, text: str) -> None:
    assert await search(store, name, text)


@pytest.mark.parametrize(
    "uri",
    [
        "https://example.org/owner/Widget.git",
        "https://example.org/owner/widget",
        "https://example.org/owner/widget/",
        "https://example.org/owner/widget.git///",
        "https://example.org:8443/a/b/c/widget.git",
        "https://example.org/owner/widget.git?ref=main",
        "https://example.org/owner/widget#readme/first",
        "https://user:secret@example.org/widget",
        "ssh://git@example.org/owner/widget.git",
        "git@example.org:owner/widget.git",
        "git@example.org:owner/widget/",
        "git@example.org:widget.git",
        "/srv/git/widget.git",
        "./a:b/widget",
        "widget",
    ],
)
async def test_search_finds_the_repository(store: Store, uri: str) -> None:
    assert await search(store, "name", "widget", uri)
    assert await search(store, "name", "IDG", "https://example.org/first.git", uri)


@pytest.mark.parametrize(
    ("uri", "text"),
    [
        ("https://example.org/owner/repo.git", "owner"),
        ("https://example.org/owner/repo.git", "example"),
        ("https://example.org/owner/repo.git", ".git"),
        ("https://example.org/owner/repo.git", "https"),
        ("https://example.org", "example"),
        ("https://example.org/", "example"),
        ("https://example.org/repo?tab=widget", "widget"),
        ("git@example.org:owner/repo.git", "example"),
        ("git@example.org:repo.git", "git@"),
        ("", "e"),
    ],
)
async def test_search_of_repositories_is_for_their_name_only(store: Store, uri: str, text: str) -> None:
    assert not await search(store, "NAM", text, uri)


async def test_a_colon_after_a_slash_is_part_of_a_path(store: Store) -> None:
    assert await search(store, "name", "A:w", "./dir/a:widget")


async def test_only_git_specs_have_a_repository(store: Store) -> None:
    context = initializer(context_url="https://example.org/owner/widget.git")
    await put(store, "projects", project(1, initializer=context))
    assert await found(store, search="widget") == []


async def test_search_finds_the_start_of_the_id(store: Store) -> None:
    await put(store, "projects", project(0xAB12), project(0xAB13), project(0xCC00))
    assert await found(store, search="0000ab1") == [0xAB12, 0xAB13]
    assert await found(store, search="0000AB12-") == [0xAB12]
    assert await found(store, search=uuid(0xAB13).upper()) == [0xAB13]
    assert await found(store, search="0") == [0xAB12, 0xAB13, 0xCC00]
    assert await found(store, search="ab12") == []
    assert await found(store, search=uuid(0xAB13).replace("-", "")) == []
    assert await found(store, search=uuid(0xAB13) + "0") == []


async def test_search_finds_either_once(store: Store) -> None:
    await put(store, "projects", project(1, "00"), project(2, "x"), project(0x10000000, "00", "00"))
    assert await found(store, search="00") == [1, 2, 0x10000000]


async def test_search_follows_changes(store: Store) -> None:
    await put(store, "projects", project(1, "before", "git@e.org:left"), project(2, "before"))
    await put(store, "projects", project(1, "after", "git@e.org:right"))
    await delete(store, "projects", uuid(2))
    assert await found(store, search="before") == []
    assert await found(store, search="left") == []
    assert await found(store, search="after") == [1]
    assert await found(store, search="right") == [1]


async def test_filters_follow_changes(store: Store) -> None:
    old = project(1, "p", "https://e.org/old", environment_classes=(project_class(uuid(0xB1)),))
    new = project(1, "p", "https://e.org/new", environment_classes=(LOCAL_CLASS,), creator=subject(2))
    await put(store, "projects", old)
    await put(store, "projects", new)
    assert await found(store, runner_ids=(uuid(0xB1),)) == []
    assert await found(store, runner_kinds=(RunnerKind.REMOTE,)) == []
    assert await found(store, spec_remote_uris=("https://e.org/old",)) == []
    assert await found(store, creator_ids=(uuid(1),)) == []
    filters: dict[str, Any] = {
        "runner_kinds": (RunnerKind.LOCAL,),
        "spec_remote_uris": ("https://e.org/new",),
        "creator_ids": (uuid(2),),
    }
    for name, values in filters.items():
        assert await found(store, **{name: values}) == [1]
    await delete(store, "projects", uuid(1))
    for name, values in filters.items():
        assert await found(store, **{name: values}) == []


async def test_filters_combine(store: Store) -> None:
    uri, runner = "https://e.org/shop.git", uuid(0xB1)
    fitting: dict[str, Any] = {
        "name": "web",
        "initializer": initializer(uri),
        "creator": subject(2),
        "environment_classes": (project_class(runner),),
    }
    unfitting: dict[str, Any] = {
        "name": "api",
        "initializer": initializer("https://e.org/else"),
        "creator": subject(3),
        "environment_classes": (LOCAL_CLASS,),
    }
    projects = [project(1, **fitting)]
    projects += [project(n, **{**fitting, key: unfitting[key]}) for n, key in enumerate(unfitting, 2)]
    await put(store, "projects", *projects)
    filters: dict[str, Any] = {
        "search": "web",
        "spec_remote_uris": (uri,),
        "creator_ids": (uuid(2),),
        "runner_ids": (runner,),
        "runner_kinds": (RunnerKind.REMOTE,),
        "project_ids": tuple(each.id for each in projects),
    }
    assert await found(store, **filters) == [1]
    assert await found(store, **{**filters, "project_ids": (uuid(2),)}) == []
    for left_out, unfit in (("search", 2), ("spec_remote_uris", 3), ("creator_ids", 4)):
        assert await found(store, **{**filters, left_out: ()}) == [1, unfit]
    assert await found(store, **{**filters, "runner_ids": (), "runner_kinds": ()}) == [1, 5]


@pytest.mark.parametrize("filters", [{}, {"search": "p"}, {"creator_ids": (uuid(1),)}])
async def test_counting_stops_at_the_limit(store: Store, filters: dict[str, Any]) -> None:
    await put(store, "projects", *(project(number) for number in range(1, 8)))
    query = ProjectQuery(organization_id=ORGANIZATION, **filters)
    async with store.read() as tx:
        assert [await tx.projects.count(query, limit) for limit in (1, 6, 7, 8)] == [1, 6, 7, 7]
        assert await tx.projects.count(ProjectQuery(organization_id=OTHER_ORGANIZATION), 9) == 0
