from __future__ import annotations

from pathlib import Path

import pytest

from seed.support import MAX_UPLOAD, FixedClock, LoadFile, LoadText
from triptych.ids import RandomIds
from triptych.rpc.validation import RequestValidator
from triptych.seed import SeedSummary, load_seed_file
from triptych.store.base import Store
from triptych.store.memory import MemoryStore


@pytest.fixture(scope="session")
def validator() -> RequestValidator:
    return RequestValidator()


@pytest.fixture
def store() -> Store:
    return MemoryStore()


@pytest.fixture
def load_file(store: Store, validator: RequestValidator) -> LoadFile:
    """Return a function that loads a file into `store`."""

    async def load(path: Path) -> SeedSummary:
        clock = FixedClock()
        return await load_seed_file(path, store, RandomIds(clock), clock, validator, MAX_UPLOAD)

    return load


@pytest.fixture
def load_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, load_file: LoadFile) -> LoadText:
    """Return a function that writes a file and loads it, by a path without folders."""
    monkeypatch.chdir(tmp_path)

    async def load(name: str, text: str | bytes) -> SeedSummary:
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return await load_file(Path(name))

    return load
