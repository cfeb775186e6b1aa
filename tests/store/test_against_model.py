"""Random changes, kept and undone, and every question: the answers are those of a plain list."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from store import strategies
from store.builders import ORGANIZATION, OTHER_ORGANIZATION, uuid
from store.conftest import NewStore
from store.naive import ENDLESS, Model, project_pages, sort_key, token_pages
from store.strategies import Change, apply, changes, project_queries, token_queries
from triptych.store.base import Store
from triptych.store.queries import Position, ProjectQuery, ProjectSort, TokenQuery
from triptych.store.records import Project, Token

FILTERS: Sequence[dict[str, Any]] = (
    {},
    {"search": "a"},
    {"search": "0000000"},
    {"creator_ids": strategies.CREATORS[:2], "search": "b"},
    {"runner_ids": strategies.RUNNERS[:1]},
    {"runner_kinds": tuple(each.runner_kind for each in strategies.CLASSES[1:])},
    {"spec_remote_uris": strategies.URIS[:2]},
)
QUERIES = [
    ProjectQuery(organization_id=ORGANIZATION, sort=sort, descending=descending, **filters)
    for sort, descending, filters in product(ProjectSort, (False, True), FILTERS)
]
NUMBERS = range(1, 25)


async def check(store: Store, model: Model) -> None:
    """Ask everything."""
    async with store.read() as tx:
        for table in ("projects", "users", "groups", "tokens", "environments"):
            for number in NUMBERS:
                assert await getattr(tx, table).get(uuid(number)) == model.tables[table].get(uuid(number))
        for query in QUERIES:
            expected = model.projects(query)
            assert await tx.projects.page(query, None, 100) == expected
            assert await tx.projects.count(query, 5) == min(5, len(expected))
        for organization_id in (ORGANIZATION, OTHER_ORGANIZATION):
            assert await tx.projects.held(organization_id) == model.held("projects", organization_id)
            assert await tx.tokens.held(organization_id) == model.held("tokens", organization_id)
        for owners in (None, strategies.CREATORS[:2]):
            tokens = TokenQuery(organization_id=ORGANIZATION, owner_ids=owners, now=strategies.NOW)
            assert await tx.tokens.page(tokens, None, 100) == model.tokens(tokens)
        for number in NUMBERS:
            digest = number.to_bytes(32, "big")
            assert await tx.tokens.by_digest(digest) == model.tables["tokens"].get(uuid(number))
        ids = [uuid(number) for number in range(1, 5)]
        assert await tx.environments.used_by(ids) == {id: model.used_by(id) for id in ids}
        for instant in (0, 50, 60):
            assert await tx.environments.created_since(instant) == model.created_since(instant)
        for id in strategies.CREATORS:
            assert await tx.groups.of_member(id) == model.groups_of(id)
        assert await tx.users.first_active_administrator() == model.first_active_administrator()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.lists(changes, max_size=12)), max_size=6))
async def test_transactions_are_kept_or_undone_as_a_whole(
    new_store: NewStore, transactions: Sequence[tuple[bool, Sequence[Change]]]
) -> None:
    model = Model()
    async with new_store() as store:
        for kept, each in transactions:
            changed = model.copy()
            async with store.write() as tx:
                for change in each:
                    await apply(change, tx, changed)
                if kept:
                    await tx.commit()
                    model = changed
            await check(store, model)


@settings(max_examples=400, deadline=None)
@given(
    strategies.distinct_projects, strategies.scores, st.lists(project_queries, max_size=6), st.integers(1, 7)
)
async def test_pages_of_projects(
    new_store: NewStore,
    projects: Sequence[Project],
    scores: dict[str, int],
    queries: Sequence[ProjectQuery],
    size: int,
) -> None:
    model = Model()
    async with new_store() as store:
        async with store.write() as tx:
            for project in projects:
                await apply(("projects", project), tx, model)
            await apply(("popularity", scores), tx, model)
            await tx.commit()
        async with store.read() as tx:
            for query in queries:
                expected = model.projects(query)
                assert await project_pages(tx, query, size) == expected
                assert await tx.projects.count(query, size) == min(size, len(expected))


@settings(max_examples=200, deadline=None)
@given(st.lists(strategies.tokens, max_size=20), st.lists(token_queries, max_size=4), st.integers(1, 7))
async def test_pages_of_tokens(
    new_store: NewStore,
    tokens: Sequence[Token],
    queries: Sequence[TokenQuery],
    size: int,
) -> None:
    model = Model()
    async with new_store() as store:
        async with store.write() as tx:
            for token in tokens:
                await apply(("tokens", token), tx, model)
            await tx.commit()
        async with store.read() as tx:
            for query in queries:
                assert await token_pages(tx, query, size) == model.tokens(query)


@settings(max_examples=400, deadline=None)
@given(st.data(), strategies.distinct_projects, strategies.scores, project_queries, st.integers(1, 4))
async def test_pages_while_projects_come_and_go(
    new_store: NewStore,
    data: st.DataObject,
    projects: Sequence[Project],
    scores: dict[str, int],
    query: ProjectQuery,
    size: int,
) -> None:
    model = Model()
    async with new_store() as store:
        async with store.write() as tx:
            for project in projects:
                await apply(("projects", project), tx, model)
            await apply(("popularity", scores), tx, model)
            await tx.commit()
        stayed = model.projects(query)
        rows: list[tuple[Project, Position]] = []
        while True:
            async with store.read() as tx:
                page = await tx.projects.page(query, rows[-1][1] if rows else None, size)
            if not page:
                break
            assert len(page) == size or page[-1] == model.projects(query)[-1]
            rows += page
            assert len(rows) < ENDLESS
            async with store.write() as tx:
                for _ in range(data.draw(st.integers(0, 3))):
                    change = data.draw(strategies.project_changes)
                    await apply(change, tx, model)
                    touched = getattr(change[1], "id", change[1])
                    stayed = [row for row in stayed if row[0].id != touched]
                await tx.commit()

    keys = [sort_key(query, position) for _, position in rows]
    assert keys == sorted(set(keys)), "strictly in order"
    assert [row for row in rows if row in stayed] == stayed, "whatever stayed was listed"
