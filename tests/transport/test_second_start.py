"""Starting again on a store that was filled by an earlier start: nothing is made twice."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest

from triptych.app.first_start import FirstStart
from triptych.app.lifecycle import App
from triptych.clock import SystemClock
from triptych.config import Settings
from triptych.ids import RandomIds
from triptych.observability import logs
from triptych.rpc.validation import RequestValidator
from triptych.seed import SeedError, fill_empty_store
from triptych.store.base import Store
from triptych.store.memory import MemoryStore

EXAMPLE = Path(__file__).parents[2] / "examples" / "seed.yaml"
SECRET = "a-secret-of-the-start"
NO_TOKENS = "organizations: [{name: X}]\nusers: [{name: Ada, role: ROLE_ADMINISTRATOR}]\n"


async def start(store: Store, **settings: Any) -> FirstStart:
    """Start a server on a store, and stop it."""
    call_logger = logs.CallLogger(io.StringIO(), text=False, level=100)
    app = App(Settings(http_port=0, grpc_port=0, shutdown_grace=1, **settings), call_logger, store=store)
    first = await app.start()
    await app.stop()
    return first


def held(store: Store) -> dict[str, dict[str, Any]]:
    """Return all records, by table."""
    assert isinstance(store, MemoryStore)
    names = ("organizations", "users", "tokens", "projects", "documents", "document_versions", "environments")
    return {name: dict(getattr(store._data, name).records) for name in names}


async def test_the_same_seed_again_changes_nothing() -> None:
    store = MemoryStore()
    assert (await start(store, seed=EXAMPLE)).new_secret is None
    before = held(store)
    again = await start(store, seed=EXAMPLE)
    assert (again.new_secret, again.administrator) == (None, "Ada Lovelace")
    assert held(store) == before


async def test_a_secret_is_made_at_random_once(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(NO_TOKENS)
    for settings in ({}, {"seed": seed}):
        store = MemoryStore()
        assert (await start(store, **settings)).new_secret
        before = held(store)
        assert (len(before["users"]), len(before["tokens"])) == (1, 1)
        for later in (settings, {}, {"seed": EXAMPLE}):
            assert (await start(store, **later)).new_secret is None
            assert held(store) == before


async def test_a_given_secret_is_kept_once() -> None:
    store = MemoryStore()
    for _ in range(2):
        assert (await start(store, token=SECRET)).new_secret is None
        assert len(held(store)["tokens"]) == 1


async def test_an_expired_token_is_one_too(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    user = "01970000-0000-7000-8000-000000000001"
    users = f"users: [{{id: {user}, name: Ada, role: ROLE_ADMINISTRATOR}}]"
    tokens = f"tokens: [{{userId: {user}, secret: {SECRET}, expiresAt: 2020-01-01T00:00:00Z}}]"
    seed.write_text(f"organizations: [{{name: X}}]\n{users}\n{tokens}\n")
    store = MemoryStore()
    for _ in range(2):
        assert (await start(store, seed=seed)).new_secret is None
        assert len(held(store)["tokens"]) == 1


async def test_a_seed_that_is_not_needed_is_not_read(tmp_path: Path) -> None:
    broken = tmp_path / "seed.yaml"
    broken.write_text("nonsense: true")
    store = MemoryStore()
    with pytest.raises(SeedError):
        await start(store, seed=broken)
    await start(store, seed=EXAMPLE)
    await start(store, seed=broken)


async def test_servers_that_start_at_once_load_a_seed_once(tmp_path: Path) -> None:
    store, clock, validator = MemoryStore(), SystemClock(), RequestValidator()
    seed = tmp_path / "seed.yaml"
    seed.write_text(NO_TOKENS)
    loaded = await asyncio.gather(
        *(fill_empty_store(seed, store, RandomIds(clock), clock, validator, 1000) for _ in range(3))
    )
    assert sum(each is not None for each in loaded) == 1
    assert len(held(store)["users"]) == 1
