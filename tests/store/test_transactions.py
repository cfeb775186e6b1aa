"""Transactions beside each other, and how they end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import pytest

from store.builders import (
    ORGANIZATION,
    environment_class,
    group,
    name_of,
    organization,
    project,
    put,
    service_account,
    settle,
    user,
    uuid,
)
from triptych.store.base import Store, Transaction
from triptych.store.errors import UnavailableError
from triptych.store.queries import DocumentQuery, ProjectQuery, TokenQuery


async def rename(store: Store, name: str) -> None:
    await put(store, "organizations", organization(1, name))


class Writer:
    """A task that writes, and then waits in the middle of its transaction."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self.wrote = asyncio.Event()
        self.go_on = asyncio.Event()
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        await self._store.write(self._write)

    async def _write(self, tx: Transaction) -> None:
        await tx.organizations.put(organization(1, self._name))
        self.wrote.set()
        await self.go_on.wait()


async def test_nobody_sees_what_is_not_committed(store: Store) -> None:
    await rename(store, "old")
    writer = Writer(store, "new")
    await writer.wrote.wait()
    readers = [asyncio.create_task(name_of(store, 1)) for _ in range(3)]
    await settle()
    assert all(reader.result() == "old" for reader in readers if reader.done())
    writer.go_on.set()
    await writer.task
    assert set(await asyncio.gather(*readers)) <= {"old", "new"}
    assert await name_of(store, 1) == "new"


async def test_what_a_reader_saw_stays_while_it_reads(store: Store) -> None:
    await rename(store, "old")
    async with store.read() as tx:
        before = await tx.organizations.get(uuid(1))
        writer = asyncio.create_task(rename(store, "new"))
        await settle()
        assert await tx.organizations.get(uuid(1)) == before
    await writer
    assert await name_of(store, 1) == "new"


async def test_readers_read_side_by_side(store: Store) -> None:
    await rename(store, "name")
    async with store.read():
        other = asyncio.create_task(name_of(store, 1))  # as wait_for does up to Python 3.11
        assert await asyncio.wait_for(other, 5) == "name"


async def test_writers_write_one_after_the_other(store: Store) -> None:
    await put(store, "projects", project(1, version=0))

    async def count_up(tx: Transaction) -> int:
        found = await tx.projects.get(uuid(1))
        assert found is not None
        await asyncio.sleep(0)
        await tx.projects.put(project(1, version=found.version + 1))
        return found.version

    assert sorted(await asyncio.gather(*(store.write(count_up) for _ in range(20)))) == list(range(20))
    async with store.read() as tx:
        assert await tx.projects.get(uuid(1)) == project(1, version=20)


async def test_a_writer_that_is_cancelled_is_undone_and_lets_others_in(store: Store) -> None:
    await rename(store, "old")
    writer = Writer(store, "new")
    await writer.wrote.wait()
    reader = asyncio.create_task(name_of(store, 1))
    other = asyncio.create_task(put(store, "organizations", organization(2, "other")))
    await settle()
    writer.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writer.task
    assert await asyncio.wait_for(reader, 5) == "old"
    await asyncio.wait_for(other, 5)
    assert await name_of(store, 1) == "old"
    assert await name_of(store, 2) == "other"


async def test_a_writer_that_is_cancelled_while_it_waits_lets_others_in(store: Store) -> None:
    await rename(store, "old")
    writer = Writer(store, "first")
    await writer.wrote.wait()
    waiting = asyncio.create_task(rename(store, "never"))
    await settle()
    waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled()
    writer.go_on.set()
    await writer.task
    assert await asyncio.wait_for(name_of(store, 1), 5) == "first"
    await asyncio.wait_for(rename(store, "new"), 5)
    assert await name_of(store, 1) == "new"


async def test_a_writer_that_is_cancelled_while_somebody_reads_lets_others_in(store: Store) -> None:
    await rename(store, "old")
    async with store.read():
        waiting = asyncio.create_task(rename(store, "never"))
        await settle()
        reader = asyncio.create_task(name_of(store, 1))
        await settle()
        waiting.cancel()
        await asyncio.wait([waiting])
        # In memory it waits for readers; in a database nobody does, so it may have been committing.
        assert waiting.cancelled() or store.name != "memory"
        assert await asyncio.wait_for(reader, 5) in {"old", *([] if store.name == "memory" else ["never"])}
    await asyncio.wait_for(rename(store, "new"), 5)
    assert await name_of(store, 1) == "new"


async def test_a_reader_that_is_cancelled_while_it_waits_lets_others_in(store: Store) -> None:
    writer = Writer(store, "first")
    await writer.wrote.wait()
    reader = asyncio.create_task(name_of(store, 1))
    behind = asyncio.create_task(rename(store, "second"))
    await settle()
    reader.cancel()
    await asyncio.wait([reader])
    writer.go_on.set()
    await writer.task
    await asyncio.wait_for(behind, 5)
    assert await name_of(store, 1) == "second"


async def test_what_a_body_returns_is_returned(store: Store) -> None:
    async def body(tx: Transaction) -> str:
        await tx.organizations.add(organization(1, "kept"))
        return "answer"

    assert await store.write(body) == "answer"
    assert await name_of(store, 1) == "kept"


# What opens a transaction: to be refused in another.
OPENINGS: Mapping[str, Callable[[Store], Awaitable[object]]] = {
    "read": lambda store: name_of(store, 1),
    "write": lambda store: rename(store, "inner"),
    "note_uses": lambda store: store.note_uses({}),
    "note_views": lambda store: store.note_views([]),
    "recount_popularity": lambda store: store.recount_popularity(0),
    "credential": lambda store: store.credential(b""),
}


@pytest.mark.parametrize("opening", OPENINGS)
async def test_a_transaction_in_another_is_refused(store: Store, opening: str) -> None:
    async def write(tx: Transaction) -> None:
        await tx.organizations.put(organization(1, "outer"))
        with pytest.raises(RuntimeError):
            await OPENINGS[opening](store)
        assert await tx.organizations.get(uuid(1)) == organization(1, "outer")

    await store.write(write)
    async with store.read() as tx:
        with pytest.raises(RuntimeError):
            await OPENINGS[opening](store)
        assert await tx.organizations.get(uuid(1)) == organization(1, "outer")
    await rename(store, "after")
    assert await name_of(store, 1) == "after"


async def test_tasks_beside_a_transaction_are_not_in_it(store: Store) -> None:
    async with store.read() as tx:
        assert await tx.organizations.get(uuid(1)) is None  # from here on at the latest, what it sees stays
        assert await asyncio.create_task(name_of(store, 1)) is None
        writer = asyncio.create_task(rename(store, "new"))
        await settle()
        assert await tx.organizations.get(uuid(1)) is None
    await writer
    assert await name_of(store, 1) == "new"


async def _content(tx: Transaction) -> list[bytes]:
    return [chunk async for chunk in tx.contents.chunks(uuid(1))]


PROJECTS = ProjectQuery(organization_id=ORGANIZATION)
TOKENS = TokenQuery(organization_id=ORGANIZATION, owner_ids=None, now=0)
DOCUMENTS = DocumentQuery(audiences=(), viewer_id=uuid(1))
USES: Mapping[str, Callable[[Transaction], Awaitable[object]]] = {
    "projects.page": lambda tx: tx.projects.page(PROJECTS, None, 1),
    "projects.count": lambda tx: tx.projects.count(PROJECTS, 1),
    "projects.held": lambda tx: tx.projects.held(ORGANIZATION),
    "projects.shown": lambda tx: tx.projects.shown([uuid(1)]),
    "tokens.page": lambda tx: tx.tokens.page(TOKENS, None, 1),
    "groups.of_member": lambda tx: tx.groups.of_member(uuid(1)),
    "users.first_active_administrator": lambda tx: tx.users.first_active_administrator(),
    "documents.page": lambda tx: tx.documents.page(DOCUMENTS, None, 1),
    "documents.shown": lambda tx: tx.documents.shown(uuid(1)),
    "documents.details": lambda tx: tx.documents.details([], uuid(1)),
    "documents.held": lambda tx: tx.documents.held(ORGANIZATION),
    "document_versions.unprocessed": lambda tx: tx.document_versions.unprocessed(0, None, 1),
    "contents.write": lambda tx: tx.contents.write(uuid(1), [b"a"]),
    "contents.chunks": _content,
    "references": lambda tx: tx.references([uuid(1)], [uuid(2)]),
}


@pytest.mark.parametrize("use", USES)
async def test_no_question_may_follow_the_end(store: Store, use: str) -> None:
    async def body(tx: Transaction) -> Transaction:
        await USES[use](tx)
        return tx

    tx = await store.write(body)
    with pytest.raises(RuntimeError):
        await USES[use](tx)


async def test_references_are_found_whatever_they_are(store: Store) -> None:
    await put(store, "users", user(1))
    await put(store, "service_accounts", service_account(2))
    await put(store, "environment_classes", environment_class(3))
    async with store.read() as tx:
        found = await tx.references([uuid(2), uuid(1), uuid(3), uuid(9)], (uuid(3), uuid(1)))
        assert found.subjects == {uuid(1): user(1), uuid(2): service_account(2)}
        assert found.environment_classes == {uuid(3): environment_class(3)}
        assert await tx.references() == ({}, {}, frozenset())


async def test_references_tell_the_groups_of_a_member(store: Store) -> None:
    await put(store, "users", user(1))
    await put(store, "groups", group(5, 1), group(6, 2), group(7, 1, 2))
    async with store.read() as tx:
        assert (await tx.references([uuid(1)], (), uuid(1))).group_ids == {uuid(5), uuid(7)}
        assert (await tx.references((), (), uuid(3))) == ({}, {}, frozenset())


async def test_a_job_is_claimed_by_one(store: Store) -> None:
    assert await store.claim("count", 100, 200)
    assert not await store.claim("count", 100, 300)
    assert not await store.claim("count", 199, 300)
    assert await store.claim("other", 100, 200)
    assert await store.claim("count", 200, 300)
    assert not await store.claim("count", 299, 400)


async def test_a_job_that_was_claimed_before_the_clock_went_back_is_free(store: Store) -> None:
    assert await store.claim("count", 10_000, 10_100)
    assert not await store.claim("count", 9_950, 10_050), "clocks may differ a little"
    assert await store.claim("count", 5_000, 5_100)
    assert not await store.claim("count", 5_050, 5_150)


async def test_a_store_that_is_closed_is_not_available(store: Store) -> None:
    await store.ping()
    await store.close()
    for use in (
        store.ping(),
        name_of(store, 1),
        rename(store, "new"),
        store.note_uses({}),
        store.credential(b""),
    ):
        with pytest.raises(UnavailableError):
            await use


async def test_a_store_is_up_to_date_once_started(store: Store) -> None:
    assert list(await store.migrate()) == []
    assert store.name


async def test_secret_keys_are_kept_for_each_purpose(store: Store) -> None:
    one = await store.secret_key("one")
    assert len(one) == 32
    assert await store.secret_key("one") == one
    assert await store.secret_key("two") != one
    assert await store.secret_key("one") == one
