"""Transactions beside each other, and how they end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import pytest

from store.builders import ORGANIZATION, organization, project, put, settle, uuid
from triptych.store.base import ReadOnlyError, Store, Transaction
from triptych.store.queries import ProjectQuery, TokenQuery


async def name_of(store: Store, number: int) -> str | None:
    async with store.read() as tx:
        found = await tx.organizations.get(uuid(number))
    return None if found is None else found.name


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
        async with self._store.write() as tx:
            await tx.organizations.put(organization(1, self._name))
            self.wrote.set()
            await self.go_on.wait()
            await tx.commit()


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
        assert await asyncio.wait_for(name_of(store, 1), 5) == "name"


async def test_writers_write_one_after_the_other(store: Store) -> None:
    await put(store, "projects", project(1, version=0))

    async def count_up() -> None:
        async with store.write() as tx:
            found = await tx.projects.get(uuid(1))
            assert found is not None
            await asyncio.sleep(0)
            await tx.projects.put(project(1, version=found.version + 1))
            await tx.commit()

    await asyncio.gather(*(count_up() for _ in range(20)))
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
    async with store.read():
        waiting = asyncio.create_task(rename(store, "never"))
        await settle()
        reader = asyncio.create_task(name_of(store, 1))
        await settle()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await asyncio.wait_for(reader, 5) == "old"
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


async def test_a_transaction_that_was_committed_is_kept_whatever_happens_then(store: Store) -> None:
    with pytest.raises(LookupError):
        async with store.write() as tx:
            await tx.organizations.put(organization(1, "kept"))
            await tx.commit()
            raise LookupError
    assert await name_of(store, 1) == "kept"


async def test_a_transaction_ends_once(store: Store) -> None:
    async with store.write() as tx:
        await tx.commit()
        with pytest.raises(RuntimeError):
            await tx.commit()
    with pytest.raises(RuntimeError):
        await tx.commit()


async def test_a_transaction_for_reading_may_commit(store: Store) -> None:
    async with store.read() as tx:
        await tx.commit()
        with pytest.raises(RuntimeError):
            await tx.commit()


async def test_popularity_is_refused_where_writes_are(store: Store) -> None:
    async with store.read() as tx:
        with pytest.raises(ReadOnlyError):
            await tx.projects.set_popularity({})


PROJECTS = ProjectQuery(organization_id=ORGANIZATION)
TOKENS = TokenQuery(organization_id=ORGANIZATION, owner_ids=None, now=0)
USES: Mapping[str, Callable[[Transaction], Awaitable[object]]] = {
    "projects.page": lambda tx: tx.projects.page(PROJECTS, None, 1),
    "projects.count": lambda tx: tx.projects.count(PROJECTS, 1),
    "projects.set_popularity": lambda tx: tx.projects.set_popularity({}),
    "tokens.page": lambda tx: tx.tokens.page(TOKENS, None, 1),
    "tokens.by_digest": lambda tx: tx.tokens.by_digest(b""),
    "environments.used_by": lambda tx: tx.environments.used_by([]),
    "environments.created_since": lambda tx: tx.environments.created_since(0),
    "groups.of_member": lambda tx: tx.groups.of_member(uuid(1)),
    "users.first_active_administrator": lambda tx: tx.users.first_active_administrator(),
}


@pytest.mark.parametrize("use", USES)
async def test_no_question_may_follow_the_end(store: Store, use: str) -> None:
    async with store.write() as tx:
        await USES[use](tx)
        await tx.commit()
        with pytest.raises(RuntimeError):
            await USES[use](tx)


async def test_secret_keys_are_kept_for_each_purpose(store: Store) -> None:
    one = await store.secret_key("one")
    assert len(one) == 32
    assert await store.secret_key("one") == one
    assert await store.secret_key("two") != one
    assert await store.secret_key("one") == one
