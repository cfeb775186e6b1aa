"""How long pages take, and gets while what is slow runs."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle
from random import Random
from typing import Final

from bench.errors import BenchError
from bench.scale.cases import Case, cases, slow_cases
from bench.scale.service import Connection, Service, serving
from bench.scale.stores import Filled

_WARM_UPS: Final = 2
_SLOW_CONNECTIONS: Final = 2


@dataclass(frozen=True)
class Gets:
    """The times of GetDocument, in seconds: alone, and while slow lists run."""

    alone: Sequence[float]
    beside: Sequence[float]


@dataclass(frozen=True)
class Result:
    """What was measured of a store of some size.

    Attributes:
        documents: How many documents it holds.
        load_seconds: How long they took to load.
        bytes: What it takes on the disk; None in memory.
        start_seconds: How long a server takes to start over it.
        pages: The seconds of each page, by case.
        gets: Those of gets.
    """

    documents: int
    load_seconds: float
    bytes: int | None
    start_seconds: float
    pages: dict[Case, list[float]]
    gets: Gets

    def median(self, case: Case) -> float:
        """Return the median of a page, in milliseconds."""
        return statistics.median(self.pages[case]) * 1000

    def least(self, case: Case) -> float:
        """Return the least time of a page, in milliseconds: what other work on the machine added least to."""
        return min(self.pages[case]) * 1000


async def measure(filled: Filled, documents: int, projects: int, rounds: int, gets: int = 1000) -> Result:
    """Measure all pages, each so often, in rounds over all of them, and so many gets."""
    async with serving(filled.store) as service:
        connection = service.connect()
        pages: dict[Case, list[float]] = {}
        requests = [(case, service.request(case)) for case in cases(documents, projects)]
        for number in range(_WARM_UPS + rounds):
            for case, request in requests:
                took, _ = await connection.ask(request)
                if number >= _WARM_UPS:
                    pages.setdefault(case, []).append(took)
        told = await _gets(service, connection, documents, gets)
        connection.close()
        return Result(documents, filled.load_seconds, filled.bytes, service.start_seconds, pages, told)


async def _gets(service: Service, connection: Connection, documents: int, count: int) -> Gets:
    random = Random(documents)
    requests = [service.get(random.randrange(documents)) for _ in range(count)]

    async def times() -> list[float]:
        found = []
        for request in requests:
            took, _ = await connection.ask(request)
            found.append(took)
            await asyncio.sleep(0)
        return found

    await times()
    alone = await times()
    running = [asyncio.create_task(_run_slow(service)) for _ in range(_SLOW_CONNECTIONS)]
    try:
        await asyncio.sleep(0)
        beside = await times()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    return Gets(alone, beside)


async def _run_slow(service: Service) -> None:
    connection = service.connect()
    for request in cycle([service.request(case) for case in slow_cases()]):
        with suppress(BenchError):  # it took longer than it may
            await connection.ask(request)
        await asyncio.sleep(0)  # a store in memory may not wait for anything
