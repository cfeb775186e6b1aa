"""What is left of acknowledged writes when servers, or their database, are killed: `make kill-test`.

Clients write over every transport: each call that writes, in a random order. In the midst of that, SIGKILL.
Then everything is started again, and the store compared with what was acknowledged.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from kill_test import power
from kill_test.databases import postgresql, power_cut, sqlite
from kill_test.rounds import Result

_ROW: Final = "{:<44} {:>6} {:>12} {:>8} {:>8} {:>6}  {}"
_CONTROL_ROUNDS: Final = 3
_TOLD: Final = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if something is lost or torn, or if a control shows nothing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sqlite", type=int, default=10, help="rounds over SQLite")
    parser.add_argument("--postgresql", type=int, default=10, help="rounds over PostgreSQL")
    parser.add_argument("--seed", type=int, help="of what is random; another each time if left out")
    options = parser.parse_args(arguments)
    seed = options.seed if options.seed is not None else int.from_bytes(os.urandom(4))
    print(f"seed {seed}\n")
    print(_ROW.format("killed", "rounds", "acknowledged", "refused", "unknown", "lost", ""))
    good = True
    if options.sqlite:
        with tempfile.TemporaryDirectory() as folder:
            result = asyncio.run(sqlite(Path(folder), options.sqlite, seed))
        good &= _holds("SQLite: servers", result)
        if power.strace() is None:
            print("SQLite: power — strace is not there, so it is not shown that the disk was waited for")
        else:
            good &= _power(seed)
    if options.postgresql:
        with tempfile.TemporaryDirectory() as folder:
            result = asyncio.run(postgresql(Path(folder), options.postgresql, seed))
        good &= _holds("PostgreSQL: database, servers in turn", result)
        with tempfile.TemporaryDirectory() as folder:
            result = asyncio.run(postgresql(Path(folder), _CONTROL_ROUNDS, seed, careless=True))
        good &= _loses("control: database, synchronous_commit=off", result)
    return 0 if good else 1


def _power(seed: int) -> bool:
    """Cut the power, with a server that waits for the disk, and one that does not."""
    with tempfile.TemporaryDirectory() as folder:
        result, syncs = asyncio.run(power_cut(Path(folder), seed))
    good = _holds(f"SQLite: power, {syncs} syncs", result)
    if syncs < result.acknowledged:
        print(f"    fewer syncs than the {result.acknowledged} acknowledged calls")
        good = False
    with tempfile.TemporaryDirectory() as folder:
        result, syncs = asyncio.run(power_cut(Path(folder), seed, careless=True))
    return good & _loses(f"control: power, synchronous=NORMAL, {syncs} syncs", result)


def _holds(name: str, result: Result) -> bool:
    """Print a row; tell whether nothing is wrong."""
    _row(name, result, "FAILS" if result.faults else "holds")
    for fault in result.faults[:_TOLD]:
        print(f"    {fault}", flush=True)
    return not result.faults


def _loses(name: str, result: Result) -> bool:
    """Print the row of a control; tell whether the test saw its losses."""
    _row(name, result, "loses, as it must" if result.lost else "loses nothing: THE TEST PROVES NOTHING")
    return result.lost > 0


def _row(name: str, result: Result, verdict: str) -> None:
    numbers = (result.rounds, result.acknowledged, result.refused, result.unknown, result.lost)
    print(_ROW.format(name, *numbers, verdict), flush=True)


if __name__ == "__main__":
    sys.exit(main())
