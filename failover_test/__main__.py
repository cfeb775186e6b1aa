"""What is left of acknowledged writes when the primary of a database is lost: `make failover-test`.

Three PostgreSQL under Patroni and etcd, two servers and nginx are started with the files of
docs/deployment/failover. Clients write over every transport: each call that writes, in a random order.
In the midst of that the primary is lost, each time another way. All must go on by itself, and nothing be
lost.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from failover_test.machines import Machines
from failover_test.rounds import WAYS, Round, Rounds, Way
from failover_test.site import NotHereError, Site

_ROW: Final = "{:<30} {:>12} {:>8} {:>8} {:>11} {:>5}  {:>7} {:>7} {:>12}"
_HEAD: Final = (
    *("primary lost by the end of", "acknowledged", "refused", "unknown", "no answer", "lost"),
    *("writes", "reads", "not ready"),
)
_TOLD: Final = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if something is lost or torn, or does not go on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=len(WAYS), help="how often the primary is lost")
    parser.add_argument("--seed", type=int, help="of what is random; another each time if left out")
    parser.add_argument("--keep", action="store_true", help="leave the folder with the logs")
    options = parser.parse_args(arguments)
    seed = options.seed if options.seed is not None else int.from_bytes(os.urandom(4))
    folder = Path(tempfile.mkdtemp(prefix="triptych-failover-"))
    folder.chmod(0o755)  # PostgreSQL has an account of its own
    print(f"seed {seed}, {folder}\n\n{_ROW.format(*_HEAD)}", flush=True)
    try:
        faults = asyncio.run(_play(Site(folder), options.rounds, seed))
    except NotHereError as error:
        faults = [str(error)]
    finally:
        if not options.keep:
            shutil.rmtree(folder)
    for fault in faults[:_TOLD]:
        print(f"    {fault}")
    print("FAILS" if faults else "holds")
    return 1 if faults else 0


async def _play(site: Site, count: int, seed: int) -> Sequence[str]:
    machines = Machines(site)
    burying = asyncio.create_task(machines.bury())
    try:
        await machines.start()
        await machines.make_database()
        rounds = Rounds(site, machines, seed)
        async with rounds.servers():
            for number in range(count):
                way = WAYS[number % len(WAYS)]
                _show(way, await rounds.play(way))
        if lost := await rounds.finish():
            rounds.faults.append(f"{lost} are lost in the end")
        return rounds.faults
    finally:
        machines.stop()
        burying.cancel()


def _show(way: Way, round: Round) -> None:
    begin, end = round.seen.pause()
    not_ready = " ".join(f"{each:.1f}" for each in round.seen.not_ready())
    numbers = (round.acknowledged, round.refused, round.told, round.unanswered, round.lost)
    seconds = (f"{end - begin:.1f} s", f"{round.seen.without_reads():.1f} s", f"{not_ready} s")
    print(_ROW.format(way.name, *numbers, *seconds), flush=True)


if __name__ == "__main__":
    sys.exit(main())
