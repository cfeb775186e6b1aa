"""What holds for every table: records by id, commit and rollback, read-only transactions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from store import builders as make
from store.builders import put, uuid
from triptych.store.base import ReadOnlyError, Store

# For each table, what makes a record of that number, and another with the same id.
RECORDS: dict[str, tuple[Callable[[int], Any], Callable[[int], Any]]] = {
    "organizations": (make.organization, lambda number: make.organization(number, "renamed")),
    "users": (make.administrator, make.user),
    "service_accounts": (make.service_account, lambda number: make.service_account(number, "renamed")),
    "groups": (lambda number: make.group(number, 1, 2), lambda number: make.group(number, 2, 3)),
    "runners": (make.runner, lambda number: make.runner(number, "renamed")),
    "environment_classes": (make.environment_class, lambda number: make.environment_class(number, "renamed")),
    "environments": (
        lambda number: make.environment(number, project=1),
        lambda number: make.environment(number, project=2, creator=2),
    ),
    "tokens": (make.token, lambda number: make.token(number, owner=2, created_at=7, expires_at=9)),
    "projects": (
        lambda number: make.project(number, "a name", "https://example.org/a/repo.git"),
        lambda number: make.project(number, "other", creator=make.subject(2), version=2),
    ),
    "documents": (make.document, lambda number: make.document(number, "renamed")),
    "document_versions": (make.document_version, lambda number: make.document_version(number, "other.csv")),
    "contents": (make.content, lambda number: make.content(number, b"other")),
}

pytestmark = pytest.mark.parametrize("table", RECORDS)


async def get(store: Store, table: str, number: int) -> Any:
    async with store.read() as tx:
        return await getattr(tx, table).get(uuid(number))


async def test_a_record_that_was_put_is_found_by_its_id(store: Store, table: str) -> None:
    first, _ = RECORDS[table]
    await put(store, table, first(1), first(2))
    assert await get(store, table, 1) == first(1)
    assert await get(store, table, 2) == first(2)
    assert await get(store, table, 3) is None


async def test_a_table_is_empty_until_there_is_a_record(store: Store, table: str) -> None:
    first, _ = RECORDS[table]

    async def is_empty() -> bool:
        async with store.read() as tx:
            empty: bool = await getattr(tx, table).is_empty()
            return empty

    assert await is_empty()
    await put(store, table, first(1))
    assert not await is_empty()
    async with store.write() as tx:
        await getattr(tx, table).delete(uuid(1))
        assert await getattr(tx, table).is_empty()
        await tx.commit()
    assert await is_empty()


async def test_many_records_are_found_by_their_ids(store: Store, table: str) -> None:
    first, _ = RECORDS[table]
    await put(store, table, first(1), first(2), first(3))
    async with store.read() as tx:
        records = getattr(tx, table)
        given = [uuid(3), uuid(1), uuid(9), uuid(3)]
        expected = {uuid(3): first(3), uuid(1): first(1)}
        assert await records.get_many(given) == expected
        assert await records.get_many(iter(given)) == expected
        assert await records.get_many(()) == {}
    with pytest.raises(RuntimeError):
        await records.get_many(given)


async def test_the_same_transaction_sees_its_own_writes(store: Store, table: str) -> None:
    first, second = RECORDS[table]
    async with store.write() as tx:
        records = getattr(tx, table)
        await records.put(first(1))
        assert await records.get(uuid(1)) == first(1)
        await records.put(second(1))
        assert await getattr(tx, table).get(uuid(1)) == second(1)
        assert await records.delete(uuid(1))
        assert await records.get(uuid(1)) is None


async def test_a_put_replaces(store: Store, table: str) -> None:
    first, second = RECORDS[table]
    await put(store, table, first(1))
    await put(store, table, second(1))
    assert await get(store, table, 1) == second(1)


async def test_delete_tells_whether_there_was_one(store: Store, table: str) -> None:
    first, _ = RECORDS[table]
    await put(store, table, first(1))
    async with store.write() as tx:
        assert await getattr(tx, table).delete(uuid(1)) is True
        assert await getattr(tx, table).delete(uuid(1)) is False
        await tx.commit()
    assert await get(store, table, 1) is None


async def test_what_is_not_committed_is_undone(store: Store, table: str) -> None:
    first, second = RECORDS[table]
    await put(store, table, first(1), first(2))
    async with store.write() as tx:
        await getattr(tx, table).put(second(1))
        await getattr(tx, table).delete(uuid(2))
        await getattr(tx, table).put(first(3))
    assert await get(store, table, 1) == first(1)
    assert await get(store, table, 2) == first(2)
    assert await get(store, table, 3) is None


async def test_an_error_undoes_and_is_passed_on(store: Store, table: str) -> None:
    first, _ = RECORDS[table]
    error = LookupError("from inside")
    with pytest.raises(LookupError) as raised:
        async with store.write() as tx:
            await getattr(tx, table).put(first(1))
            raise error
    assert raised.value is error
    assert await get(store, table, 1) is None


async def test_a_transaction_for_reading_refuses_writes(store: Store, table: str) -> None:
    first, second = RECORDS[table]
    await put(store, table, first(1))
    async with store.read() as tx:
        with pytest.raises(ReadOnlyError):
            await getattr(tx, table).put(second(1))
        with pytest.raises(ReadOnlyError):
            await getattr(tx, table).put(first(2))
        with pytest.raises(ReadOnlyError):
            await getattr(tx, table).delete(uuid(1))
        with pytest.raises(ReadOnlyError):
            await getattr(tx, table).delete(uuid(9))
        assert await getattr(tx, table).get(uuid(1)) == first(1)
        assert await getattr(tx, table).get(uuid(2)) is None
        await tx.commit()
    assert await get(store, table, 1) == first(1)


async def test_nothing_may_follow_the_end(store: Store, table: str) -> None:
    first, _ = RECORDS[table]
    async with store.write() as tx:
        records = getattr(tx, table)
        await records.put(first(1))
        await tx.commit()
        with pytest.raises(RuntimeError):
            await records.get(uuid(1))
        with pytest.raises(RuntimeError):
            await getattr(tx, table).put(first(2))
    with pytest.raises(RuntimeError):
        await records.delete(uuid(1))
    assert await get(store, table, 1) == first(1)
    assert await get(store, table, 2) is None
