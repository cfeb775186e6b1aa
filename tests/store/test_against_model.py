"""Random changes, kept and undone, and every question: the answers are those of a plain list."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from store import strategies
from store.builders import ORGANIZATION, OTHER_ORGANIZATION, make_popular, undone, uuid
from store.naive import ENDLESS, Model, project_pages, sort_key, token_pages
from store.strategies import Change, apply, changes, project_queries, token_queries
from store.test_documents import expected as expected_documents
from support.stores import NewStore
from triptych.store.base import Store, Transaction
from triptych.store.queries import (
    Audience,
    DocumentQuery,
    DocumentSort,
    Position,
    ProjectQuery,
    ProjectSort,
    Reach,
    TokenQuery,
)
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
AUDIENCES = (
    (
        Audience(Reach.OPEN, ORGANIZATION),
        Audience(Reach.USER, uuid(1)),
        Audience(Reach.ORGANIZATION, ORGANIZATION),
    ),
    (Audience(Reach.ADMINISTRATOR, ORGANIZATION),),
    (Audience(Reach.USER, uuid(2)),),
)
DOCUMENT_QUERIES = [
    DocumentQuery(audiences=audiences, viewer_id=uuid(1), sort=sort, trashed=trashed, **filters)
    for audiences, sort, trashed, filters in product(
        AUDIENCES, DocumentSort, (None, False), ({}, {"title_contains": "strass"}, {"owned": True})
    )
]


async def fill(store: Store, model: Model, table: str, records: Sequence[Any]) -> None:
    """Put records into a table and a model, one after the other: two of them may have the same id."""

    async def body(tx: Transaction) -> None:
        for record in records:
            await apply((table, record), tx, model)

    await store.write(body)


async def check(store: Store, model: Model) -> None:
    """Ask everything."""
    async with store.read() as tx:
        for organization_id in (ORGANIZATION, OTHER_ORGANIZATION):
            for table in ("projects", "tokens", "documents"):
                held = model.held(table, organization_id)
                assert await getattr(tx, table).held(organization_id) == held
        for table in ("projects", "users", "groups", "tokens", "environments", "documents"):
            ids = list(map(uuid, NUMBERS))
            records = model.tables[table]
            assert await getattr(tx, table).get_many(ids) == {id: records[id] for id in ids if id in records}
        assert await tx.views.get_many(model.tables["views"]) == model.tables["views"]
        for query in QUERIES:
            expected = model.projects(query)
            found = await tx.projects.page(query, None, 100)
            assert found.rows == expected
            assert found.used_by == {each.id: model.used_by(each.id) for each, _ in expected}
            assert await tx.projects.count(query, 5) == min(5, len(expected))
        for owners in (None, strategies.CREATORS[:2]):
            tokens = TokenQuery(organization_id=ORGANIZATION, owner_ids=owners, now=strategies.NOW)
            assert await tx.tokens.page(tokens, None, 100) == model.tokens(tokens)
        for document_query in DOCUMENT_QUERIES:
            documents, views = model.tables["documents"], model.tables["views"]
            page = await tx.documents.page(document_query, None, 100)
            assert [each.id for each, _ in page.rows] == expected_documents(document_query, documents, views)
        for id in strategies.CREATORS:
            assert await tx.groups.of_member(id) == model.groups_of(id)
        assert await tx.users.first_active_administrator() == model.first_active_administrator()
    for number in NUMBERS:
        credential = await store.credential(number.to_bytes(32, "big"))
        token = None if credential is None else credential.token
        assert token == model.tables["tokens"].get(uuid(number))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.lists(changes, max_size=12)), max_size=6))
async def test_transactions_are_kept_or_undone_as_a_whole(
    new_store: NewStore, transactions: Sequence[tuple[bool, Sequence[Change]]]
) -> None:
    model = Model()
    async with new_store() as store:
        for kept, each in transactions:
            changed = model.copy()

            async def change_all(tx: Transaction) -> None:
                for change in each:  # noqa: B023 - it is called at once
                    await apply(change, tx, changed)  # noqa: B023

            if kept:
                await store.write(change_all)
                model = changed
            else:
                await undone(store, change_all)
                await store.recount_popularity(50)
                model.recount(50)
            await check(store, model)


@settings(max_examples=100, deadline=None)
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
        await fill(store, model, "projects", projects)
        await make_popular(store, scores)
        model.set_popularity(scores)
        async with store.read() as tx:
            for query in queries:
                expected = model.projects(query)
                assert await project_pages(tx, query, size) == expected
                assert await tx.projects.count(query, size) == min(size, len(expected))


@settings(max_examples=60, deadline=None)
@given(st.lists(strategies.tokens, max_size=20), st.lists(token_queries, max_size=4), st.integers(1, 7))
async def test_pages_of_tokens(
    new_store: NewStore,
    tokens: Sequence[Token],
    queries: Sequence[TokenQuery],
    size: int,
) -> None:
    model = Model()
    async with new_store() as store:
        await fill(store, model, "tokens", tokens)
        async with store.read() as tx:
            for query in queries:
                assert await token_pages(tx, query, size) == model.tokens(query)


@settings(max_examples=100, deadline=None)
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
        await fill(store, model, "projects", projects)
        await make_popular(store, scores)
        model.set_popularity(scores)
        stayed = model.projects(query)
        rows: list[tuple[Project, Position]] = []
        while True:
            async with store.read() as tx:
                page = (await tx.projects.page(query, rows[-1][1] if rows else None, size)).rows
            if not page:
                break
            assert len(page) == size or page[-1] == model.projects(query)[-1]
            rows += page
            assert len(rows) < ENDLESS
            for change in data.draw(st.lists(strategies.project_changes, max_size=3)):
                await store.write(partial(apply, change, model=model))
                touched = getattr(change[1], "id", change[1])
                stayed = [row for row in stayed if row[0].id != touched]

    keys = [sort_key(query, position) for _, position in rows]
    assert keys == sorted(set(keys)), "strictly in order"
    assert [row for row in rows if row in stayed] == stayed, "whatever stayed was listed"
