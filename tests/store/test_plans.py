"""Lists go along indexes: no plan of a walk looks at a whole table or sorts, and what is slow runs aside."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from store.builders import ORGANIZATION, uuid
from support.stores import NewStore, SqliteStores
from triptych.store.base import Store
from triptych.store.errors import UnavailableError
from triptych.store.postgresql import PostgresqlStore
from triptych.store.postgresql import session as postgresql_session
from triptych.store.queries import Audience, DocumentQuery, DocumentSort, ProjectQuery, ProjectSort, Reach
from triptych.store.records import SubjectRef
from triptych.store.sql.document_lists import listings
from triptych.store.sql.projects import _listing
from triptych.store.sql.statements import Candidates, Listing, Sql, conjunction, put_together
from triptych.store.sqlite import SqliteStore, session
from triptych.store.sqlite.dialect import SqliteDialect
from triptych.store.sqlite.session import SqliteSession
from triptych.store.sqlite.walk_texts import Texts, hinted
from triptych_api.factify.api.v1beta.document_pb import AccessLevel, ProcessingStatus
from triptych_api.gitpod.v1.identity_pb import Principal
from triptych_api.gitpod.v1.runner_configuration_pb import RunnerKind

ADA = uuid(1)
MEMBER = (
    Audience(Reach.OPEN, ORGANIZATION),
    Audience(Reach.USER, ADA),
    Audience(Reach.ORGANIZATION, ORGANIZATION),
)
ADMINISTRATOR = (Audience(Reach.ADMINISTRATOR, ORGANIZATION), *MEMBER[1:])
FILTERS: list[dict[str, Any]] = [
    {},
    {"created_after": 1, "created_before": 2},
    {"creators": (SubjectRef(uuid(2), Principal.USER), SubjectRef(uuid(3), Principal.USER))},
    {"access_levels": (AccessLevel.PRIVATE,)},
    {"access_levels": (AccessLevel.PUBLIC, AccessLevel.ORGANIZATION)},
    {"processing_statuses": (ProcessingStatus.FAILED,)},
    {"owned": True},
    {"owned": False},
    {"trashed": True},
    {"trashed": None},
    {"organization_id": ORGANIZATION},
    {"query": "text"},
    {"query": "te"},
    {"title_contains": "text"},
    {"description_contains": "text"},
    {"source_formats": ("pdf", "csv")},
]
PROJECT_FILTERS: list[dict[str, Any]] = [
    {},
    {"project_ids": (uuid(1), uuid(2))},
    {"search": "text"},
    {"runner_ids": (uuid(3),)},
    {"runner_kinds": (RunnerKind.REMOTE,)},
    {"spec_remote_uris": ("https://example.com/a.git",)},
    {"creator_ids": (uuid(4), uuid(5))},
]


def all_listings() -> Iterator[Listing]:
    dialect = SqliteDialect()
    for audiences in (MEMBER, ADMINISTRATOR):
        for sort in DocumentSort:
            for descending in (False, True):
                for filter in FILTERS:
                    query = DocumentQuery(
                        audiences=audiences, viewer_id=ADA, sort=sort, descending=descending, **filter
                    )
                    yield from (each for each in listings(dialect, query) if each is not None)
    for project_sort in ProjectSort:
        for descending in (False, True):
            for filter in PROJECT_FILTERS:
                projects = ProjectQuery(
                    organization_id=ORGANIZATION, sort=project_sort, descending=descending, **filter
                )
                yield _listing(dialect, projects)


def plan(connection: sqlite3.Connection, statement: Sql) -> list[str]:
    rows = connection.execute(f"EXPLAIN QUERY PLAN {statement.text}", statement.values)
    return [row[-1] for row in rows]


def walks_of(listing: Listing) -> Iterator[Sql]:
    """Yield what selects rows of the ranges of a list, each along an index."""
    for started in (False, True):
        for backwards in (False, True):
            start = (1,) * len(listing.keys) if started else ()
            for each in Texts(listing, started=started, backwards=backwards).ranges:
                yield each.passing(start, ())
                yield each.passing(start, (1,) * len(listing.keys))
                yield each.last_of_first(start, 10)


def test_every_walk_goes_along_an_index(tmp_path_factory: pytest.TempPathFactory) -> None:
    connection = sqlite3.connect(SqliteStores(tmp_path_factory.mktemp("plans")).path())
    walks = ways = unions = 0
    for listing in all_listings():
        for statement in walks_of(listing):
            steps = plan(connection, statement)
            walks += 1
            first, *others = steps
            assert first.startswith("SEARCH"), (statement.text, steps)
            assert " USING " in first, (statement.text, steps)
            assert not any("TEMP B-TREE" in step for step in steps), (statement.text, steps)
            assert not [step for step in others if _scans(step)], (statement.text, steps)
        if not listing.filters and len(listing.ranges) > 1:
            unions += 1
            steps = plan(connection, Texts(listing, started=False, backwards=False).united((), 10))
            assert not [step for step in steps if _scans(step)], steps
        for way in listing.candidates:
            ways += 1
            steps = plan(connection, _candidates(way))
            assert not [step for step in steps if _scans(step)], (way, steps)
    assert walks > 4000
    assert ways > 150
    assert unions > 10
    connection.close()


def _scans(step: str) -> bool:
    """Tell whether a step looks at a whole table: not at values, by FTS5, at the latest ten, or at a page."""
    few = "json_each" in step or "VIRTUAL TABLE" in step or step in ("SCAN latest", "SCAN page")
    return step.startswith("SCAN") and not few and "(subquery" not in step


def _candidates(way: Candidates) -> Sql:
    source = hinted(way.source, way.index)
    return put_together(f"SELECT count(*) FROM (SELECT 1 FROM {source} WHERE", conjunction(way.where), ")")


def test_a_plan_that_scans_is_seen(tmp_path_factory: pytest.TempPathFactory) -> None:
    connection = sqlite3.connect(SqliteStores(tmp_path_factory.mktemp("plans")).path())
    assert _scans(plan(connection, Sql("SELECT id FROM documents WHERE description = 'a'"))[0])
    steps = plan(connection, Sql("SELECT id FROM documents WHERE owner_id = 'a' ORDER BY title"))
    assert "USE TEMP B-TREE FOR ORDER BY" in steps
    connection.close()


RARE = DocumentQuery(audiences=ADMINISTRATOR, viewer_id=ADA, query="zq")


@pytest.fixture
async def sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Any:
    async with SqliteStores(tmp_path_factory.mktemp("plans")).new_store() as store:
        yield store


async def test_what_takes_too_long_is_ended(
    sqlite_store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "SLOW_SECONDS", 0.01)
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT 1 FROM n WHERE x < 0"
    connection = sqlite_store.borrow()
    work = SqliteSession(connection, sqlite_store.slow, writes=False)
    with pytest.raises(UnavailableError, match="interrupted"):
        await work._slowly(lambda: connection.execute(endless).fetchone())
    assert await work._slowly(lambda: 1) == 1
    sqlite_store.give_back(connection)


async def test_lists_that_are_slow_leave_connections_to_others(
    new_store: NewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_session, "ends_within", lambda *_, **__: Sql("SELECT false"))
    async with new_store() as store:
        if not isinstance(store, PostgresqlStore):
            pytest.skip("has no connections")
        taken = [await store.slow.take() for _ in range(2)]
        lists = [asyncio.create_task(_list(store)) for _ in range(20)]
        for _ in range(20):  # each would wait for one of those lists, if they held the connections of all
            async with store.read(snapshot=False) as tx:
                assert await tx.documents.get(uuid(1)) is None
        assert not any(each.done() for each in lists)
        for connection in taken:
            store.slow.give_back(connection)
        assert await asyncio.gather(*lists) == [0] * 20


async def _list(store: Store) -> int:
    async with store.read() as tx:
        rows = (await tx.documents.page(RARE, None, 10)).rows
        assert await tx.documents.get(uuid(1)) is None
        return len(rows)
