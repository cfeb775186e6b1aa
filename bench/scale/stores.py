"""Stores of each kind, filled with the data; each is removed at the end."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final, Literal

from bench.errors import BenchError
from bench.scale.data import write
from tools.postgresql import running_cluster
from triptych.clock import SystemClock
from triptych.ids import RandomIds
from triptych.rpc.validation import RequestValidator
from triptych.seed import load_seed_file
from triptych.store.base import Store
from triptych.store.memory import MemoryStore
from triptych.store.opening import make_store
from triptych.store.sql.inspection import SqlStore

Kind = Literal["memory", "sqlite", "postgresql"]

KINDS: Final[tuple[Kind, ...]] = ("memory", "sqlite", "postgresql")
MOST_IN_MEMORY: Final = 200_000

_PROGRAM: Final = "from triptych.cli import main; main()"
_MAX_UPLOAD: Final = 1024 * 1024
_POSTGRESQL: Final = ("-c", "shared_buffers=1GB", "-c", "max_wal_size=4GB", "-c", "checkpoint_timeout=30min")


@dataclass(frozen=True)
class Filled:
    """A store that holds the data.

    Attributes:
        store: The store, not started yet, unless it is in memory.
        load_seconds: How long it took to load it.
        bytes: What it takes on the disk; None in memory.
    """

    store: Store
    load_seconds: float
    bytes: int | None


@contextmanager
def data(documents: int, projects: int) -> Iterator[Path]:
    """Make the file of the data, and remove it at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="triptych-scale-") as folder:
        file = Path(folder) / "data.ndjson"
        write(file, documents, projects)
        yield file


@asynccontextmanager
async def filled(kind: Kind, file: Path) -> AsyncIterator[Filled]:
    """Fill a store as an operator does, by `triptych store import`, or by a seed where it is in memory.

    Raises:
        BenchError: It cannot be loaded.
    """
    if kind == "memory":
        clock, store = SystemClock(), MemoryStore()
        began = perf_counter()
        await load_seed_file(file, store, RandomIds(clock), clock, RequestValidator(), _MAX_UPLOAD)
        yield Filled(store, perf_counter() - began, None)
        return
    folder = Path(tempfile.mkdtemp(prefix="triptych-scale-"))
    try:
        if kind == "sqlite":
            yield await _imported(f"sqlite:{folder / 'triptych.db'}", file)
            return
        with running_cluster("-c", "fsync=on", *_POSTGRESQL, log_mebibytes=64) as cluster:
            yield await _imported(cluster.url(await cluster.database()), file)
    finally:
        shutil.rmtree(folder)


async def _imported(name: str, file: Path) -> Filled:
    command = [sys.executable, "-c", _PROGRAM, "store", "--store", name, "import", str(file)]
    began = perf_counter()
    ran = await asyncio.to_thread(subprocess.run, command, stdout=subprocess.DEVNULL)
    took = perf_counter() - began
    if ran.returncode:
        raise BenchError(f"{name} could not be loaded")
    store = make_store(name)
    await store.start()
    assert isinstance(store, SqlStore)
    size = (await store.stats())["bytes"]
    await store.close()
    return Filled(make_store(name), took, size)
