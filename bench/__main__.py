"""`python -m bench`: measures Triptych and its peers, or prices of its steps, or profiles it."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from fnmatch import fnmatch
from pathlib import Path

from bench.cores import Cores, choose_cores
from bench.environment import peers_python
from bench.errors import BenchError
from bench.lineup import lineup, stores_beside
from bench.machine import description
from bench.peers.go_build import go_peers
from bench.prices import price_tables
from bench.profile import profile
from bench.report import document, doubts, ratio_table, start_table, write
from bench.runs import USUAL, Plan, load_programs, run
from bench.start import measure_starts
from bench.workloads import CEILING

_MOST_SECONDS = 30.0
_MOST_ROUNDS = 20
_LATENCY_SECONDS = 0.5


def main() -> None:
    """Measure, or profile."""
    options = _options()
    # So that the servers are ended then as well.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    cores = choose_cores()
    try:
        if options.profile:
            print(profile(options.profile, options.seconds, USUAL, cores))
        elif options.prices:
            _prices(options)
        else:
            _compare(options, cores)
    except BenchError as error:
        sys.exit(f"\nbench: {error}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def _compare(options: argparse.Namespace, cores: Cores) -> None:
    peers = peers_python(), go_peers()
    programs = load_programs()
    load = ", ".join(f"{http} from {path or 'Python'}" for http, path in programs.items())
    print(f"{cores}; load average {os.getloadavg()[0]:.1f}; load of {load}")
    full = not options.quick
    plan = Plan(options.rounds if full else 1, options.seconds, _LATENCY_SECONDS if full else 0, others=full)
    starts = measure_starts(cores) if full and not options.only else []
    with lineup(cores, *peers) as servers:
        found = {one.name for one in servers.workloads if fnmatch(one.name, f"*{options.only}*")}
        workloads = [one for one in servers.workloads if one.name in found | {CEILING}]
        if not found:
            raise BenchError(f"no workload like {options.only}: {[one.name for one in servers.workloads]}")
        print(f"about {plan.total_seconds(workloads):.0f} s")
        plain = [one for one in workloads if not one.is_of_a_store]
        of_stores = [one for one in workloads if one.is_of_a_store]
        results = run(servers, plain, plan)
        with stores_beside(servers, of_stores, cores, peers[0]):
            results |= run(servers, of_stores, plan)
    stored = ratio_table(results, of_stores)
    notes = [*doubts(results), *(f"Not measured: {text}." for text in servers.skipped)]
    if without := [http for http, path in programs.items() if path is None]:
        notes.append(f"The load of {' and '.join(without)} came from Python, which hides fast servers.")
    machine = description()
    parts = [
        f"Measured on {machine}.",
        ratio_table(results, plain),
        start_table(starts) if starts else "",
    ]
    text = "\n\n".join(part for part in (*parts, *notes) if part)
    print(text, stored, sep="\n\n")
    if options.write:
        write("ratios", text)
        write("stores", stored)
    if options.json:
        content = document(results, starts, machine, {**vars(options), "json": str(options.json)}, notes)
        options.json.write_text(json.dumps(content, indent=2) + "\n")


def _prices(options: argparse.Namespace) -> None:
    text = price_tables()
    print(text)
    if options.write:
        write("prices", text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    add = parser.add_argument
    add("--seconds", type=float, default=1.0, help="how long a measurement takes (default: 1)")
    add("--rounds", type=int, default=3, help="how often each is repeated (default: 3)")
    add("--quick", action="store_true", help=f"one round, {USUAL} connections, no latencies")
    add("--only", default="", metavar="PATTERN", help="only such workloads, for instance list or grpc/*")
    add("--write", action="store_true", help="keep the tables in docs/performance.md")
    add("--json", type=Path, metavar="FILE", help="write everything to a file")
    add("--prices", action="store_true", help="tell instead what each step of a call costs")
    add("--profile", metavar="WORKLOAD", help="tell instead where Triptych's time goes with one workload")
    options = parser.parse_args()
    if not 0 < options.seconds <= _MOST_SECONDS:
        parser.error(f"--seconds must be more than 0 and at most {_MOST_SECONDS}")
    if not 1 <= options.rounds <= _MOST_ROUNDS:
        parser.error(f"--rounds must be 1 to {_MOST_ROUNDS}")
    if options.write and (options.quick or options.only):
        parser.error("--write takes the whole of it")
    return options


if __name__ == "__main__":
    main()
