"""The indexes of the memory store after what was undone: the same as before, nothing left behind."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sortedcontainers import SortedDict, SortedList

from store.naive import Model
from store.strategies import Change, apply, changes
from triptych.store.memory import MemoryStore

COUNTERS = {"version", "_next"}  # may go on


def contents(thing: Any) -> Any:
    """Return all that is reachable in the package's own objects, as plain values that compare."""
    if isinstance(thing, SortedDict | dict):
        return {key: contents(value) for key, value in thing.items()}
    if isinstance(thing, SortedList | list | tuple | deque):
        return [contents(each) for each in thing]
    if isinstance(thing, set):
        return frozenset(thing)
    if not type(thing).__module__.startswith("triptych.store.memory"):
        return None if callable(thing) else thing
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    names = {*slots, *getattr(thing, "__dict__", ())} - COUNTERS
    return {name: contents(getattr(thing, name)) for name in names}


@settings(max_examples=150, deadline=None)
@given(st.lists(changes, max_size=25), st.lists(changes, max_size=25))
async def test_what_is_undone_leaves_no_trace(kept: Sequence[Change], undone: Sequence[Change]) -> None:
    store, model = MemoryStore(), Model()
    async with store.write() as tx:
        for change in kept:
            await apply(change, tx, model)
        await tx.commit()
    before = contents(store)
    async with store.write() as tx:
        for change in undone:
            await apply(change, tx, model)
    assert contents(store) == before


@settings(max_examples=50, deadline=None)
@given(st.lists(changes, max_size=25))
async def test_what_is_deleted_leaves_no_trace(made: Sequence[Change]) -> None:
    store, model = MemoryStore(), Model()
    before = contents(store)
    async with store.write() as tx:
        for change in made:
            await apply(change, tx, model)
        await tx.commit()
    async with store.write() as tx:
        for table, records in model.tables.items():
            for id in records:
                assert await getattr(tx, table).delete(id)
        await tx.commit()
    assert contents(store) == before


def test_contents_sees_everything() -> None:
    seen = contents(MemoryStore())
    assert set(seen) == {"_data", "_lock", "_secret_keys", "credentials"}
    assert {"records", "popularity", "search", "creators", "_indexes"} <= set(seen["_data"]["projects"])
    assert set(seen["_data"]["projects"]["popularity"]) == {"_scores", "_ids"}
