"""`python -m bench`: measures Triptych and its peers, prints a table, and writes JSON if asked to."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from dataclasses import asdict
from fnmatch import fnmatch
from pathlib import Path

from bench.cores import choose_cores
from bench.environment import peers_python
from bench.errors import BenchError
from bench.lineup import lineup
from bench.load.measure import WARM_UP_SECONDS
from bench.profile import profile
from bench.report import document, table
from bench.runs import ratios, run

_MOST_SECONDS = 30.0
_MOST_ROUNDS = 20
_MOST_CONNECTIONS = 256


def main() -> None:
    """Measure, or profile."""
    options = _options()
    # So that the servers are ended then as well.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        if options.profile:
            cores = choose_cores()
            print(profile(options.profile, options.seconds, options.connections, cores))
        else:
            _compare(options)
    except BenchError as error:
        sys.exit(f"\nbench: {error}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def _compare(options: argparse.Namespace) -> None:
    python = peers_python()
    cores = choose_cores()
    print(f"{cores}; load average {os.getloadavg()[0]:.1f}; {options.connections} calls at a time")
    with lineup(cores, python) as servers:
        workloads = [one for one in servers.workloads if fnmatch(one.name, f"*{options.only}*")]
        if not workloads:
            raise BenchError(f"no workload like {options.only}: {[one.name for one in servers.workloads]}")
        measurements = options.rounds * sum(len(one.servers) for one in workloads)
        seconds = measurements * (options.seconds + WARM_UP_SECONDS)
        print(f"{measurements} measurements of {options.seconds} s: about {seconds:.0f} s")
        results = run(servers, workloads, options.rounds, options.seconds, options.connections)
    compared = ratios(results)
    print(table(results, compared))
    for text in servers.skipped:
        print(f"Not measured: {text}")
    if options.json:
        said = {**vars(options), "json": str(options.json), "pinned": asdict(cores)}
        content = document(results, compared, said, servers.skipped)
        options.json.write_text(json.dumps(content, indent=2) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    add = parser.add_argument
    add("--seconds", type=float, default=2.0, help="how long each measurement takes (default: 2)")
    add("--rounds", type=int, default=3, help="how often each is repeated (default: 3)")
    add("--only", default="", metavar="PATTERN", help="only such workloads, for instance list or grpc/*")
    add("--connections", type=int, default=16, help="calls under way at a time (default: 16)")
    add("--json", type=Path, metavar="FILE", help="write everything to a file")
    add("--profile", metavar="WORKLOAD", help="tell instead where Triptych's time goes with one workload")
    options = parser.parse_args()
    if not 0 < options.seconds <= _MOST_SECONDS:
        parser.error(f"--seconds must be more than 0 and at most {_MOST_SECONDS}")
    if not 1 <= options.rounds <= _MOST_ROUNDS:
        parser.error(f"--rounds must be 1 to {_MOST_ROUNDS}")
    if not 1 <= options.connections <= _MOST_CONNECTIONS:
        parser.error(f"--connections must be 1 to {_MOST_CONNECTIONS}")
    return options


if __name__ == "__main__":
    main()
