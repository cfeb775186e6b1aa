"""The rounds of each store, and the controls: what must be lost where a store does not wait for the disk."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from kill_test import power
from kill_test.rounds import Result, Rounds
from tools.postgresql import Cluster

WRITES: Final = 120
"""After how many acknowledged calls there is a kill."""

_PROGRAM: Final = "from triptych.cli import main; main()"
_SERVER: Final = (sys.executable, "-c", _PROGRAM)
_CARELESS_SERVER: Final = (
    sys.executable,
    "-c",
    f"from triptych.store.sqlite import connection; connection.SYNCHRONOUS = 'NORMAL'; {_PROGRAM}",
)
_DURABLE: Final = ("-c", "fsync=on", "-c", "synchronous_commit=on")
_CARELESS: Final = ("-c", "fsync=on", "-c", "synchronous_commit=off")


async def sqlite(folder: Path, count: int, seed: int) -> Result:
    """Kill servers of a file: one of two, then both."""
    rounds = Rounds(f"sqlite:{folder / 'kill.db'}", folder, WRITES, seed)

    async def kill(number: int) -> Sequence[int]:
        return _kill_servers(rounds, number)

    return await _play(rounds, kill, count)


async def power_cut(folder: Path, seed: int, *, careless: bool = False) -> tuple[Result, int]:
    """Kill the server of a file, and go on with what a disk has of it for sure; strace is needed.

    Args:
        folder: Where the files are.
        seed: Of what is random.
        careless: Whether the server does not wait for the disk at each commit.

    Returns:
        What came of it, and how many syncs there were until then.
    """
    database, log, image = folder / "kill.db", folder / "strace", folder / "image.db"
    command = _CARELESS_SERVER if careless else _SERVER
    rounds = Rounds(f"sqlite:{database}", folder, WRITES, seed, servers=1, command=command)
    rounds.servers.before = power.command(log, database)
    syncs = 0

    async def kill(number: int) -> Sequence[int]:
        nonlocal syncs
        pid = rounds.servers.kill(0)
        await asyncio.to_thread(power.wait_for_end, log, pid)
        disk = await asyncio.to_thread(power.replay, log)
        syncs = disk.syncs
        for file, copy in zip(power.files(database), power.files(image), strict=True):
            copy.write_bytes(disk.kept.get(str(file), b""))
        rounds.servers.before = ()
        rounds.use(f"sqlite:{image}")
        return (0,)

    return await _play(rounds, kill, 1), syncs


async def postgresql(folder: Path, count: int, seed: int, *, careless: bool = False) -> Result:
    """Kill servers of a database, and the database, in turn.

    Args:
        folder: Where the database is, and the logs.
        count: How many rounds.
        seed: Of what is random.
        careless: Whether the database answers before the disk has it, and is what is killed each time.
    """
    cluster = Cluster(folder)
    options = _CARELESS if careless else _DURABLE
    cluster.start(*options)
    try:
        database = await cluster.database()
        # A database that forgot that a document was processed tells nobody.
        patience = 1.0 if careless else 60.0
        rounds = Rounds(cluster.url(database), folder, WRITES, seed, patience=patience)

        async def kill(number: int) -> Sequence[int]:
            if number % 2 and not careless:
                return _kill_servers(rounds, number // 2)
            await asyncio.to_thread(cluster.crash)
            await asyncio.to_thread(cluster.start, *options)
            return ()

        return await _play(rounds, kill, count)
    finally:
        cluster.stop()


def _kill_servers(rounds: Rounds, number: int) -> Sequence[int]:
    killed = (0,) if number % 2 else (0, 1)
    for each in killed:
        rounds.servers.kill(each)
    return killed


async def _play(rounds: Rounds, kill: Callable[[int], Awaitable[Sequence[int]]], count: int) -> Result:
    try:
        await rounds.run(kill, count)
        return await rounds.finish()
    finally:
        rounds.servers.stop()
