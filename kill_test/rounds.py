"""Rounds: load, kill, start again, look."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from kill_test.callers import TRANSPORTS, caller
from kill_test.ledger import Ledger, Outcome, Thing
from kill_test.load import Worker
from kill_test.seed import ADMINISTRATOR, TOKEN, write_seed
from kill_test.verify import Verifier, check_whole, processed
from tools.processes import Started, clean_environment, started
from triptych.store.opening import make_store

_SHARED: Final = 4  # documents a worker
_TRIPTYCH: Final = Path(sys.executable).parent / "triptych"
_PATIENCE: Final = 60.0
_MANY: Final = 20
"""Faults that are told."""


@dataclass(slots=True)
class Result:
    """What came of rounds.

    Attributes:
        rounds: How many there were.
        acknowledged: The calls that were acknowledged.
        refused: Those that were refused.
        unknown: Those whose clients got no answer.
        lost: The things that are not as a call that was acknowledged left them.
        faults: What is wrong, in words, the lost ones included.
    """

    rounds: int = 0
    acknowledged: int = 0
    refused: int = 0
    unknown: int = 0
    lost: int = 0
    faults: list[str] = field(default_factory=list)


class Servers:
    """Servers of one store, each a process.

    Args:
        command: What starts one, without ports.
        log: The file that they log to.
        store: The store, as on the command line.

    Attributes:
        log: The file that they log to.
        before: Comes before the command.
    """

    def __init__(self, command: Sequence[str | Path], log: Path, store: str) -> None:
        self._command = command
        self.log = log
        self.before: Sequence[str | Path] = ()
        self.use(store)
        self._stacks: dict[int, ExitStack] = {}
        self._started: dict[int, Started] = {}

    def use(self, store: str) -> None:
        """Have those that start from now on use another store."""
        self._env = {**clean_environment(), "TRIPTYCH_STORE": store}

    def start(self, number: int) -> None:
        """Start one, and wait until it takes calls."""
        stack = self._stacks[number] = ExitStack()
        ports = ("--http-port", "0", "--grpc-port", "0")
        self._started[number] = stack.enter_context(
            started([*self.before, *self._command, *ports], self.log, self._env)
        )

    def ports(self, number: int) -> tuple[int, int]:
        """Return the HTTP and the gRPC port of one."""
        found = [int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", self._started[number].line)]
        return found[0], found[-1]

    def kill(self, number: int) -> int:
        """Kill one at once; return what was its id as a process."""
        process = self._started[number].process
        process.kill()
        process.wait()
        self._stacks.pop(number).close()
        return process.pid

    def stop(self) -> None:
        """Stop all that run, as one stops a server."""
        for number in list(self._stacks):
            self._stacks.pop(number).close()


class Rounds:
    """Rounds over one store, with what was written in all of them.

    Args:
        store: The store, as on the command line.
        folder: A folder for the seed and the log.
        writes: After how many acknowledged calls a round kills.
        seed: Of what is random.
        servers: How many servers there are.
        command: What starts a server, beside its settings.
        patience: How many seconds documents may take to be processed after a kill.
    """

    def __init__(
        self,
        store: str,
        folder: Path,
        writes: int,
        seed: int,
        *,
        servers: int = 2,
        command: Sequence[str | Path] = (_TRIPTYCH,),
        patience: float = _PATIENCE,
    ) -> None:
        self._store = store
        self._count = servers
        self._patience = patience
        self._writes = writes
        self._random = Random(seed)
        self.ledger = Ledger()
        self.result = Result()
        self._verifier = Verifier(self.ledger)
        workers = len(TRANSPORTS) * 2
        shared = write_seed(folder / "seed.json", self.ledger, workers * _SHARED)
        self._workers = [self._worker(shared[number::workers]) for number in range(workers)]
        flags = ("serve", "--seed", folder / "seed.json", "--log-format", "json", "--log-level", "warning")
        self.servers = Servers([*command, *flags], folder / "log", store)

    def _worker(self, shared: list[Thing]) -> Worker:
        return Worker(self.ledger, Random(self._random.random()), ADMINISTRATOR, shared)

    def use(self, store: str) -> None:
        """Go on with another store."""
        self._store = store
        self.servers.use(store)

    async def run(self, kill: Callable[[int], Awaitable[Sequence[int]]], count: int) -> None:
        """Run rounds.

        Args:
            kill: Kills, given the number of the round, and starts again what is no server of ours; returns
                the servers that it killed.
            count: How many.
        """
        await self._start(range(self._count))
        for number in range(count):
            killed: Sequence[int] = ()
            async with self._loaded():
                killed = await kill(number)
                if not killed:
                    await self._acknowledged(self._writes // 4)  # the servers go on by themselves
            await self._start(killed)
            self.result.rounds += 1
            await self._look()
            if self.result.lost or len(self.result.faults) > _MANY:
                break  # that is enough to tell

    async def finish(self) -> Result:
        """Stop the servers, look at everything, and return what came of it all."""
        await asyncio.to_thread(self.servers.stop)
        await self._look(all=True)
        store = make_store(self._store)
        await store.start()
        self.result.faults += [*await check_whole(store), *self.ledger.faults]
        if self.ledger.faults:
            self.result.faults += unexpected(self.servers.log)
        await store.close()
        counts = self.ledger.counts
        self.result.acknowledged = counts[Outcome.ACKNOWLEDGED]
        self.result.refused = counts[Outcome.REFUSED]
        self.result.unknown = counts[Outcome.UNKNOWN]
        return self.result

    async def _start(self, numbers: Iterable[int]) -> None:
        await asyncio.gather(*(asyncio.to_thread(self.servers.start, number) for number in numbers))

    @asynccontextmanager
    async def _loaded(self) -> AsyncIterator[None]:
        """Have all clients write; the block begins after so many acknowledged calls."""
        stop = asyncio.Event()
        async with AsyncExitStack() as stack:
            tasks = []
            for number, worker in enumerate(self._workers):
                ports = self.servers.ports(number % self._count)
                transport = TRANSPORTS[number % len(TRANSPORTS)]
                opened = await stack.enter_async_context(caller(transport, *ports, TOKEN))
                tasks.append(asyncio.create_task(worker.run(opened, stop)))
            try:
                await self._acknowledged(self._writes)
                yield
            finally:
                stop.set()
                await asyncio.gather(*tasks)

    async def _acknowledged(self, count: int) -> None:
        """Wait for so many more acknowledged calls."""
        wanted = self.ledger.counts[Outcome.ACKNOWLEDGED] + count
        async with asyncio.timeout(_PATIENCE):
            await self.ledger.reaches(wanted)

    async def _look(self, *, all: bool = False) -> None:
        store = make_store(self._store)
        await store.start()
        try:
            if not await processed(store, self._patience):
                self.result.faults.append("documents are left that were not processed")
            lost, faults = await self._verifier.look(store, all=all)
            self.result.lost += lost
            self.result.faults += faults
        finally:
            await store.close()


def unexpected(log: Path) -> list[str]:
    """Return the exceptions that servers did not expect, each once: where, and what."""
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith('{"time"')]
    traces = [line["exception"].strip().splitlines() for line in lines if "exception" in line]
    return sorted({f"logged: {' / '.join(line.strip() for line in trace[-3:])}" for trace in traces})
