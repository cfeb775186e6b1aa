"""The indexes of the memory store after what was undone: the same as before, nothing left behind."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sortedcontainers import SortedDict, SortedList

from store.builders import UndoneError, delete
from store.naive import Model
from store.strategies import Change, apply, changes
from triptych.store.base import Transaction
from triptych.store.memory import MemoryStore
from triptych.store.memory.texts import Forget, Numbers, TextIndex

COUNTERS = {"version", "_next"}  # may go on


def contents(thing: Any) -> Any:
    """Return all that is reachable in the package's own objects, as plain values that compare."""
    if isinstance(thing, SortedDict | dict):
        return {key: contents(value) for key, value in thing.items()}
    if isinstance(thing, SortedList | list | tuple | deque):
        return [contents(each) for each in thing]
    if isinstance(thing, set):
        return frozenset(thing)
    if isinstance(thing, TextIndex):  # by ids: what is put back has another number
        ids = thing._numbers.ids
        runs = {run: sorted(map(ids.__getitem__, thing._numbers_of(run))) for run in thing._grams}
        return runs, dict(thing._folded)
    if isinstance(thing, Numbers | Forget):
        numbers = getattr(thing, "_numbers", thing)
        assert {id: number for number, id in numbers.ids.items()} == numbers.of
        return set(numbers.of)
    if not type(thing).__module__.startswith("triptych.store.memory"):
        return None if callable(thing) else thing
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    names = {*slots, *getattr(thing, "__dict__", ())} - COUNTERS
    return {name: contents(getattr(thing, name)) for name in names}


async def make(store: MemoryStore, model: Model, made: Sequence[Change]) -> None:
    async def body(tx: Transaction) -> None:
        for change in made:
            await apply(change, tx, model)

    await store.write(body)


@settings(max_examples=60, deadline=None)
@given(st.lists(changes, max_size=25), st.lists(changes, max_size=25))
async def test_what_is_undone_leaves_no_trace(kept: Sequence[Change], undone: Sequence[Change]) -> None:
    store, model = MemoryStore(), Model()
    await make(store, model, kept)
    before = contents(store)

    async def body(tx: Transaction) -> None:
        for change in undone:
            await apply(change, tx, model)
        raise UndoneError

    with pytest.raises(UndoneError):
        await store.write(body)
    assert contents(store) == before


@settings(max_examples=50, deadline=None)
@given(st.lists(changes, max_size=25))
async def test_what_is_deleted_leaves_no_trace(made: Sequence[Change]) -> None:
    store, model = MemoryStore(), Model()
    before = contents(store)
    await make(store, model, made)
    for table, records in model.tables.items():
        await delete(store, table, *records)
    assert contents(store) == before


def test_contents_sees_everything() -> None:
    seen = contents(MemoryStore())
    assert set(seen) == {"_claims", "_closed", "_data", "_lock", "_secret_keys", "credentials"}
    assert {"titles", "sorted", "records", "_indexes"} <= set(seen["_data"]["documents"])
    assert {"records", "popularity", "search", "creators", "_indexes"} <= set(seen["_data"]["projects"])
    assert set(seen["_data"]["projects"]["popularity"]) == {"_scores", "_ids"}
