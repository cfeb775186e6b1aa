"""Rounds: load, lose the primary, wait until all goes on by itself, look at what is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from random import Random
from typing import Final

from failover_test.machines import Machine, Machines
from failover_test.site import PROXY, SERVERS, Site
from failover_test.watch import Seen, watching
from kill_test.callers import TRANSPORTS, caller
from kill_test.ledger import Ledger, Outcome
from kill_test.load import Worker
from kill_test.rounds import unexpected
from kill_test.seed import ADMINISTRATOR, TOKEN, write_seed
from kill_test.verify import Verifier, check_whole, processed
from tools.processes import started
from triptych.documents.typeid import encode
from triptych.store.opening import make_store

_WORKERS: Final = 2 * len(TRANSPORTS)
_SHARED: Final = 4  # documents a worker
_WRITES: Final = 150  # before the primary is lost, and after
_PATIENCE: Final = 120.0
_POLL: Final = 0.2
_CONNECT_SECONDS: Final = 20


@dataclass(frozen=True, slots=True)
class Way:
    """A way to lose the primary.

    Attributes:
        name: What happens.
        lose: Makes it happen.
        moves: Whether another machine becomes the primary.
    """

    name: str
    lose: Callable[[Machine], None]
    moves: bool = True


def _kill_database(machine: Machine) -> None:
    machine.kill_patroni()
    machine.kill_postgresql()


WAYS: Final = (
    Way("PostgreSQL and Patroni", _kill_database),
    Way("PostgreSQL alone", Machine.kill_postgresql, moves=False),
    Way("all of the machine", Machine.kill),
    Way("Patroni alone: two primaries", Machine.kill_patroni),
    Way("nothing: the machine hangs", Machine.freeze),
)
"""Ways to lose the primary, in turn."""


@dataclass(frozen=True, slots=True)
class Round:
    """What came of a round.

    Attributes:
        acknowledged: The calls that were acknowledged.
        refused: Those that were refused.
        told: Those of which a server told that the outcome is unknown.
        unanswered: Those without an answer.
        lost: The things that are not as a call that was acknowledged left them.
        seen: What was seen from outside.
    """

    acknowledged: int
    refused: int
    told: int
    unanswered: int
    lost: int
    seen: Seen


class Rounds:
    """Rounds over one database, with what was written in all of them.

    Args:
        site: Where everything is.
        machines: The machines of the database, which run.
        seed: Of what is random.

    Attributes:
        faults: What is wrong, in words.
    """

    def __init__(self, site: Site, machines: Machines, seed: int) -> None:
        self._site = site
        self._machines = machines
        self._ledger = Ledger()
        self._verifier = Verifier(self._ledger)
        random = Random(seed)
        self._seed = site.folder / "seed.json"
        shared = write_seed(self._seed, self._ledger, _WORKERS * _SHARED)
        self._document = encode("doc", shared[-1].id)
        self._workers = [
            Worker(self._ledger, Random(random.random()), ADMINISTRATOR, shared[number:-1:_WORKERS])
            for number in range(_WORKERS)
        ]
        self._log = site.folder / "triptych.log"
        self.faults: list[str] = []

    @asynccontextmanager
    async def servers(self) -> AsyncIterator[None]:
        """Run the two servers, and nginx in front of them, until the end of the block."""
        with ExitStack() as stack:
            for address in SERVERS:
                command = self._site.server(address, self._seed)
                start = started(command.arguments, self._log, command.environment)
                await asyncio.to_thread(stack.enter_context, start)
            nginx = self._site.nginx()
            process = await asyncio.create_subprocess_exec(*nginx.arguments, env=nginx.environment)
            try:
                for port in (80, 50050):
                    await _opened(self._site.port(PROXY, port))
                yield
            finally:
                process.terminate()
                await process.wait()

    async def play(self, way: Way) -> Round:
        """Play a round.

        Raises:
            TimeoutError: It does not go on.
        """
        before = self._numbers()
        machine = await self._machines.primary()
        read = f"http://127.0.0.1:{self._site.port(PROXY, 80)}/v1beta/documents/{self._document}"
        ports = [self._site.port(address, 8080) for address in SERVERS]
        async with watching(ports, read, TOKEN, self._ledger) as seen, self._loaded():
            await self._acknowledged()
            way.lose(machine)
            if way.moves:
                await self._moved(machine)
            await self._acknowledged()
            machine.thaw()
            await self._acknowledged()
        await self._machines.start()
        lost = await self._look()
        self.faults += seen.lies()
        acknowledged, refused, told, unanswered = (
            now - then for now, then in zip(self._numbers(), before, strict=True)
        )
        return Round(acknowledged, refused, told, unanswered, lost, seen)

    async def finish(self) -> int:
        """Look at everything, once the servers are gone; return how much is lost."""
        lost = await self._look(all=True)
        store = make_store(self._site.store())
        await store.start()
        self.faults += [*await check_whole(store), *self._ledger.faults]
        if self._ledger.faults:
            self.faults += unexpected(self._log)
        await store.close()
        return lost

    def _numbers(self) -> tuple[int, int, int, int]:
        counts, told = self._ledger.counts, self._ledger.told
        unanswered = counts[Outcome.UNKNOWN] - told
        return counts[Outcome.ACKNOWLEDGED], counts[Outcome.REFUSED], told, unanswered

    @asynccontextmanager
    async def _loaded(self) -> AsyncIterator[None]:
        """Have all clients write until the end of the block."""
        stop = asyncio.Event()
        http, grpc = (self._site.port(PROXY, port) for port in (80, 50050))
        async with AsyncExitStack() as stack:
            tasks = []
            for number, worker in enumerate(self._workers):
                transport = TRANSPORTS[number % len(TRANSPORTS)]
                opened = await stack.enter_async_context(caller(transport, http, grpc, TOKEN))
                tasks.append(asyncio.create_task(worker.run(opened, stop)))
            try:
                yield
            finally:
                stop.set()
                await asyncio.gather(*tasks)

    async def _acknowledged(self) -> None:
        """Wait for some more acknowledged calls."""
        wanted = self._ledger.counts[Outcome.ACKNOWLEDGED] + _WRITES
        async with asyncio.timeout(_PATIENCE):
            await self._ledger.reaches(wanted)

    async def _moved(self, machine: Machine) -> None:
        """Wait until another machine is the primary."""
        async with asyncio.timeout(_PATIENCE):
            while True:
                with suppress(LookupError):
                    await self._machines.primary(machine)
                    return
                await asyncio.sleep(_POLL)

    async def _look(self, *, all: bool = False) -> int:
        store = make_store(self._site.store())
        await store.start()
        try:
            if not await processed(store, _PATIENCE):
                self.faults.append("documents are left that were not processed")
            lost, faults = await self._verifier.look(store, all=all)
            self.faults += faults
            return lost
        finally:
            await store.close()


async def _opened(port: int) -> None:
    """Wait until a port takes connections."""
    async with asyncio.timeout(_CONNECT_SECONDS):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(_POLL)
