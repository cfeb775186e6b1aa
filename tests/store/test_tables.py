"""What holds for every table: records by id, what is kept and what is undone, read-only transactions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from store import builders as make
from store.builders import put, uuid
from triptych.store.base import Store
from triptych.store.errors import AlreadyExistsError, ReadOnlyError

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
    "views": (make.view, lambda number: make.view(number, 9)),
}

pytestmark = pytest.mark.parametrize("table", RECORDS)


def id_of(table: str, number: int) -> str:
    """Return the id of a record of that number."""
    return make.view(number).id if table == "views" else uuid(number)


async def get(store: Store, table: str, number: int) -> Any:
    async with store.read() as tx:
        return await getattr(tx, table).get(id_of(table, number))


async def test_a_record_that_was_put_is_found_by_its_id(store: Store, table: str) -> None:
    first, _ = RECORDS[table]
    await put(store, table, first(1), first(2))
    assert await get(store, table, 1) == first(1)
    assert await get(store, table, 2) == first(2)
    assert await get(store, table, 3) is None


async def test_many_records_are_found_by_their_ids(store: Store, table: str) -> None:
    first, _ = RECORDS[table]
    await put(store, table, first(1), first(2), first(3))
    async with store.read() as tx:
        records = getattr(tx, table)
        given = [id_of(table, number) for number in (3, 1, 9, 3)]
        expected = {given[0]: first(3), given[1]: first(1)}
        assert await records.get_many(given) == expected
        assert await records.get_many(iter(given)) == expected
        assert await records.get_many(()) == {}
    with pytest.raises(RuntimeError):
        await records.get_many(given)


async def test_the_same_transaction_sees_its_own_writes(store: Store, table: str) -> None:
    first, second = RECORDS[table]

    async def body(tx: Any) -> None:
        records = getattr(tx, table)
        await records.put(first(1))
        assert await records.get(id_of(table, 1)) == first(1)
        await records.put(second(1))
        assert await getattr(tx, table).get(id_of(table, 1)) == second(1)
        assert await records.delete(id_of(table, 1)) == 1
        assert await records.get(id_of(table, 1)) is None

    await store.write(body)


async def test_records_are_gone_through_by_id(store: Store, table: str) -> None:
    first, _ = RECORDS[table]
    await put(store, table, *map(first, (3, 1, 5, 2, 4)))
    async with store.read() as tx:
        records = getattr(tx, table)
        assert list(await records.following("", 2)) == [first(1), first(2)]
        assert list(await records.following(id_of(table, 2), 2)) == [first(3), first(4)]
        assert list(await records.following(id_of(table, 4), 2)) == [first(5)]
        assert list(await records.following(id_of(table, 5), 2)) == []


async def test_what_is_added_must_be_new(store: Store, table: str) -> None:
    first, second = RECORDS[table]

    async def body(tx: Any) -> None:
        records = getattr(tx, table)
        await records.add(first(1), first(2))
        with pytest.raises(AlreadyExistsError) as raised:
            await records.add(first(3), second(2), first(4))
        assert (raised.value.table, raised.value.field) == (table, "id")
        assert raised.value.id == id_of(table, 2)
        assert await records.get(id_of(table, 2)) == first(2)
        assert await records.get(id_of(table, 3)) is None, "all or none"
        with pytest.raises(AlreadyExistsError):
            await records.add(first(5), first(5))
        await records.add(first(6))

    await store.write(body)
    assert await get(store, table, 1) == first(1)
    assert await get(store, table, 5) is None
    assert await get(store, table, 6) == first(6)


async def test_many_are_written_at_once(store: Store, table: str) -> None:
    first, second = RECORDS[table]
    await put(store, table, first(1), first(2))
    await put(store, table, second(2), first(3))
    assert [await get(store, table, number) for number in (1, 2, 3)] == [first(1), second(2), first(3)]
    assert (
        await store.write(lambda tx: getattr(tx, table).delete(*(id_of(table, each) for each in (1, 3, 9))))
        == 2
    )
    assert [await get(store, table, number) for number in (1, 2, 3)] == [None, second(2), None]


async def test_savepoints_are_undone_alone(store: Store, table: str) -> None:
    first, second = RECORDS[table]

    async def body(tx: Any) -> None:
        records = getattr(tx, table)
        await records.put(first(1))
        with pytest.raises(LookupError):
            async with tx.savepoint():
                await records.put(second(1), first(2))
                async with tx.savepoint():
                    await records.put(first(3))
                raise LookupError
        assert await records.get(id_of(table, 1)) == first(1)
        assert await records.get(id_of(table, 2)) is None
        async with tx.savepoint():
            await records.put(first(4))
            with pytest.raises(LookupError):
                async with tx.savepoint():
                    await records.delete(id_of(table, 4))
                    raise LookupError

    await store.write(body)
    assert [await get(store, table, number) for number in (1, 2, 3, 4)] == [first(1), None, None, first(4)]


async def test_a_put_replaces(store: Store, table: str) -> None:
    first, second = RECORDS[table]
    await put(store, table, first(1))
    await put(store, table, second(1))
    assert await get(store, table, 1) == second(1)


async def test_delete_tells_how_many_there_were(store: Store, table: str) -> None:
    first, _ = RECORDS[table]
    await put(store, table, first(1))

    async def body(tx: Any) -> None:
        assert await getattr(tx, table).delete(id_of(table, 1)) == 1
        assert await getattr(tx, table).delete(id_of(table, 1)) == 0

    await store.write(body)
    assert await get(store, table, 1) is None


async def test_an_error_undoes_and_is_passed_on(store: Store, table: str) -> None:
    first, second = RECORDS[table]
    await put(store, table, first(1), first(2))
    error = LookupError("from inside")

    async def body(tx: Any) -> None:
        await getattr(tx, table).put(second(1))
        await getattr(tx, table).delete(id_of(table, 2))
        await getattr(tx, table).add(first(3))
        raise error

    with pytest.raises(LookupError) as raised:
        await store.write(body)
    assert raised.value is error
    assert [await get(store, table, number) for number in (1, 2, 3)] == [first(1), first(2), None]


async def test_a_transaction_for_reading_refuses_writes(store: Store, table: str) -> None:
    first, second = RECORDS[table]
    await put(store, table, first(1))
    for write in (
        lambda records: records.put(second(1)),
        lambda records: records.put(first(2)),
        lambda records: records.add(first(2)),
        lambda records: records.delete(id_of(table, 1)),
        lambda records: records.delete(id_of(table, 9)),
    ):
        async with store.read() as tx:
            assert await getattr(tx, table).get(id_of(table, 1)) == first(1)
            with pytest.raises(ReadOnlyError):
                await write(getattr(tx, table))
    assert await get(store, table, 1) == first(1)
    assert await get(store, table, 2) is None


async def test_nothing_may_follow_the_end(store: Store, table: str) -> None:
    first, _ = RECORDS[table]

    async def body(tx: Any) -> Any:
        await getattr(tx, table).put(first(1))
        return tx, getattr(tx, table)

    tx, records = await store.write(body)
    for use in (
        lambda: records.get(id_of(table, 1)),
        lambda: records.get_many([id_of(table, 1)]),
        lambda: records.following("", 1),
        lambda: getattr(tx, table).put(first(2)),
        lambda: records.delete(id_of(table, 1)),
    ):
        with pytest.raises(RuntimeError):
            await use()
    assert await get(store, table, 1) == first(1)
    assert await get(store, table, 2) is None
