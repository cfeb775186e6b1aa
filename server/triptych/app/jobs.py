"""The work in the background: what is done now and then, and what calls leave to be done after them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from triptych.app.store_watch import LOOK_SECONDS, StoreWatch
from triptych.auth.last_uses import LastUses
from triptych.clock import NANOS, Clock
from triptych.documents.background import process_left
from triptych.projects.popularity import count_popularity
from triptych.store.base import Store
from triptych.store.errors import StoreError

_logger = logging.getLogger("triptych")

_POPULARITY_SECONDS: Final = 600
_LAST_USES_SECONDS: Final = 10
_PROCESSING_SECONDS: Final = 120
_CLAIMED: Final = 0.9


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job that is done again and again.

    Attributes:
        name: What it is called in the log.
        seconds: How long it rests in between.
        work: Does it once.
    """

    name: str
    seconds: float
    work: Callable[[], Awaitable[None]]


def periodic_jobs(store: Store, clock: Clock, last_uses: LastUses, watch: StoreWatch) -> Sequence[Periodic]:
    """Return the jobs of a server: the one list of them."""
    return (
        Periodic("look at the store", LOOK_SECONDS, watch.look),
        Periodic("write last uses of tokens", _LAST_USES_SECONDS, lambda: last_uses.flush(store)),
        *(
            Periodic(each.name, each.seconds, partial(_claimed, store, clock, each))
            for each in _shared_jobs(store, clock)
        ),
    )


def _shared_jobs(store: Store, clock: Clock) -> Sequence[Periodic]:
    """Return the jobs that one of all servers of a store does each time."""
    return (
        Periodic("count popularity", _POPULARITY_SECONDS, lambda: count_popularity(store, clock)),
        Periodic(
            "process what was left",
            _PROCESSING_SECONDS,
            lambda: process_left(store, clock.now() - _PROCESSING_SECONDS * NANOS),
        ),
    )


async def _claimed(store: Store, clock: Clock, job: Periodic) -> None:
    """Do a job, unless another server has claimed it for this time."""
    now = clock.now()
    # A little less than the rest in between, as clocks and timers are not exact.
    if await store.claim(job.name, now, now + int(job.seconds * _CLAIMED * NANOS)):
        await job.work()


class Jobs:
    """Runs jobs, and logs what they raise: one that fails is tried again when its time comes."""

    def __init__(self) -> None:
        self._periodic: list[asyncio.Task[None]] = []
        self._once: set[asyncio.Task[None]] = set()

    def start(self, jobs: Sequence[Periodic]) -> None:
        """Have jobs done from now on."""
        self._periodic += [asyncio.create_task(_repeat(job)) for job in jobs]

    def run_once(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Have something done, soon."""
        task = asyncio.create_task(_guarded(work))
        self._once.add(task)  # the loop itself would let go of it
        task.add_done_callback(self._once.discard)

    async def finish(self, seconds: float) -> None:
        """Let what runs once come to its end, for some seconds; end all else."""
        if self._once:
            await asyncio.wait(self._once, timeout=seconds)
        tasks = (*self._periodic, *self._once)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _repeat(job: Periodic) -> None:
    while True:
        await asyncio.sleep(job.seconds)
        try:
            await job.work()
        except StoreError as error:
            _logger.warning("%s failed; tried again in %s s: %s", job.name, job.seconds, error)
        except Exception:
            _logger.exception("unexpected error: %s; tried again in %s s", job.name, job.seconds)


async def _guarded(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    try:
        await work()
    except StoreError as error:
        _logger.warning("work in the background failed: %s", error)
    except Exception:
        _logger.exception("unexpected error in the background")
