"""An empty store that is filled in bulk is the same as one that is written as usual."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from store.builders import uuid
from store.test_export import EXAMPLE, exported
from support.counting import CountingStore
from support.stores import NewStore
from triptych.clock import SystemClock
from triptych.documents import typeid
from triptych.ids import RandomIds
from triptych.rpc.validation import RequestValidator
from triptych.seed import SeedError, SeedSummary, load_seed_file
from triptych.store.base import Store, Transaction
from triptych.store.checks import check_data
from triptych.store.postgresql import PostgresqlStore
from triptych.store.queries import Audience, DocumentQuery, ProjectQuery, Reach
from triptych.store.sql.statements import Sql
from triptych.store.sqlite import SqliteStore

ORGANIZATION, ADA, MAX = uuid(1), uuid(2), uuid(3)
PEOPLE: list[dict[str, Any]] = [
    {"organization": {"id": ORGANIZATION, "name": "O"}},
    {"user": {"id": ADA, "name": "Ada", "role": "ROLE_ADMINISTRATOR"}},
    {"user": {"id": MAX, "name": "Max"}},
]


def document(number: int) -> dict[str, Any]:
    """Return the line of a document; every third is shared, and was viewed."""
    shared = {
        "grants": [{"recipientId": MAX, "role": "DOCUMENT_ROLE_VIEWER"}],
        "views": [{"viewerId": MAX, "viewedAt": "2025-01-01T00:00:00Z"}],
    }
    return {
        "document": {
            "id": typeid.encode("doc", uuid(1000 + number)),
            "ownerId": ADA,
            "title": f"Straße {number}",
            "text": f"# {number}",
            "fileName": "a.md",
            "createdAt": "2025-01-01T00:00:00Z",
            **(shared if number % 3 == 0 else {}),
        }
    }


def project(number: int) -> dict[str, Any]:
    return {"project": {"id": uuid(500 + number), "creatorId": MAX, "name": f"Project {number}"}}


def environment(number: int) -> dict[str, Any]:
    return {"environment": {"id": uuid(700 + number), "creatorId": MAX, "projectId": uuid(500 + number)}}


def write(file: Path, lines: Sequence[dict[str, Any]]) -> Path:
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


async def load(store: Store, file: Path, *, bulk: bool = True) -> SeedSummary:
    clock = SystemClock()
    return await load_seed_file(file, store, RandomIds(clock), clock, RequestValidator(), 10**7, bulk=bulk)


async def schema(store: Store) -> list[tuple[Any, ...]]:
    """Return the indexes and triggers of a store, as far as it has any."""
    if isinstance(store, SqliteStore):
        text = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
    elif isinstance(store, PostgresqlStore):
        text = """SELECT indexname, indexdef, '' FROM pg_indexes WHERE schemaname = 'public' UNION ALL
            SELECT tgname, pg_get_triggerdef(oid), tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
            ORDER BY 1"""
    else:
        return []

    async def ask(tx: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await tx._session.rows(Sql(text))]

    return await store.write(ask)


async def derived(store: Store) -> list[Any]:
    """Return what is known beside the records: sums, searches, who uses what."""
    found: list[Any] = []
    everything = (Audience(Reach.ADMINISTRATOR, ORGANIZATION),)
    async with store.read() as tx:
        found += [await each.held(ORGANIZATION) for each in (tx.documents, tx.projects, tx.tokens)]
        for text in ("strasse 2", "nothing like it"):
            query = DocumentQuery(audiences=everything, viewer_id=ADA, title_contains=text)
            found.append([row.id for row, _ in (await tx.documents.page(query, None, 100)).rows])
        shared = DocumentQuery(audiences=(Audience(Reach.USER, MAX),), viewer_id=MAX)
        found.append([row.id for row, _ in (await tx.documents.page(shared, None, 100)).rows])
        projects = ProjectQuery(organization_id=ORGANIZATION, search="project 1")
        found.append([row.id for row, _ in (await tx.projects.page(projects, None, 100)).rows])
        shown = await tx.projects.shown([uuid(500), uuid(501), uuid(502)])
        found.append({id: used_by for id, (_, used_by) in shown.items()})
        found.append([fault async for fault in check_data(tx)])
    return found


async def test_a_store_filled_in_bulk_is_like_any(new_store: NewStore, tmp_path: Path) -> None:
    lines = [*PEOPLE, *map(project, range(30)), *map(environment, range(0, 30, 2))]
    file = write(tmp_path / "a.ndjson", [*lines, *map(document, range(100))])
    more = write(tmp_path / "b.ndjson", [*map(document, range(100, 130)), project(30), environment(1)])
    async with new_store() as one, new_store() as two:
        before = await schema(one)
        assert await load(one, file) == await load(two, file, bulk=False)
        assert await schema(one) == before
        ids = [each["document"]["current"] for each in await exported(one) if "document" in each]
        assert len(ids) == 100
        assert await derived(one) == await derived(two)
        for store in (one, two):
            await load(store, more)  # not into an empty one any more
        assert await schema(one) == before
        assert await derived(one) == await derived(two)


@pytest.mark.parametrize("line", [10, 60, 105])
async def test_what_fails_leaves_the_store_empty(store: Store, tmp_path: Path, line: int) -> None:
    before = await schema(store)
    lines = [*PEOPLE, *map(document, range(100)), project(1)]
    lines.insert(line - 1, {"document": {**document(3)["document"], "ownerId": uuid(99)}})
    file = write(tmp_path / "a.ndjson", lines)
    with pytest.raises(SeedError, match=r"a\.ndjson:\d+: document\.(id|owner_id)"):
        await load(store, file)
    assert await exported(store) == []
    assert await schema(store) == before
    await load(store, EXAMPLE)


async def test_ids_that_are_given_twice_are_told(store: Store, tmp_path: Path) -> None:
    lines = [*PEOPLE, *map(document, range(10)), document(4)]
    with pytest.raises(SeedError) as error:
        await load(store, write(tmp_path / "a.ndjson", lines))
    assert str(error.value).endswith(
        f"a.ndjson:14: document.id: {lines[-1]['document']['id']} is given twice, first on line 8"
    )
    user = {"user": {"id": uuid(1004), "name": "Ada"}}
    with pytest.raises(SeedError, match=r"a\.ndjson:4: user\.id: .* is given twice, first on line 2"):
        await load(store, write(tmp_path / "a.ndjson", [PEOPLE[0], document(4), PEOPLE[1], user]))
    await load(store, write(tmp_path / "a.ndjson", [*PEOPLE, document(4)]))
    for again in (document(4), user):
        with pytest.raises(SeedError, match=r"a\.ndjson:1: (document|user)\.id: .* is in the store already"):
            await load(store, write(tmp_path / "a.ndjson", [again]))


async def test_tokens_and_versions_that_are_given_twice_are_told(store: Store, tmp_path: Path) -> None:
    token = {"token": {"userId": ADA, "secret": "the same"}}
    with pytest.raises(SeedError, match=r"token\.secret: another token has the same secret"):
        await load(store, write(tmp_path / "a.ndjson", [*PEOPLE, token, token]))
    await load(store, write(tmp_path / "a.ndjson", [*PEOPLE, document(1)]))
    [copied] = [each for each in await exported(store) if "document" in each]
    other = {"document": {**copied["document"], "id": document(2)["document"]["id"]}}
    with pytest.raises(SeedError, match=r"document\.current\.id: another version has the same id"):
        await load(store, write(tmp_path / "a.ndjson", [other]))


async def statements_of(store: Store, file: Path) -> list[str]:
    counting = CountingStore(store)
    await load(counting, file)  # type: ignore[arg-type]
    return counting.statements


async def test_a_batch_is_a_few_statements(new_store: NewStore, tmp_path: Path) -> None:
    found = []
    for batches in (1, 3):
        people = [*PEOPLE, *map(project, range(batches * 10))]
        file = write(tmp_path / "a.ndjson", [*people, *map(document, range(batches * 1000))])
        async with new_store() as store:
            found.append(await statements_of(store, file))
    more = found[1][len(found[0]) :]
    # What it refers to is known by then; ids of other kinds are looked for in the tables that hold anything.
    assert len(more) == 2 * len(["organizations", "users", "projects"]) + 2 * len(
        ["documents.add", "document_versions.add", "contents.add", "views.add"]
    )
    assert [each for each in more if each.endswith(".add")].count("documents.add") == 2


async def test_no_more_is_held_of_a_longer_file(new_store: NewStore, tmp_path: Path) -> None:
    if new_store.__name__ == "memory_store":
        pytest.skip("holds everything")
    peaks = []
    for count in (2_000, 8_000):
        file = write(tmp_path / "a.ndjson", [*PEOPLE, *map(document, range(count))])
        async with new_store() as store:
            tracemalloc.start()
            await load(store, file)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < 1.7 * peaks[0]  # of a file four times as long


async def test_a_bulk_write_that_is_undone_leaves_nothing(store: Store) -> None:
    before = await schema(store)

    async def fail(tx: Transaction) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await store.write(fail, bulk=True)
    assert await schema(store) == before
