"""`python -m bench.scale`: fills stores of some sizes, and measures lists of them through the service."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys

from bench.errors import BenchError
from bench.machine import description
from bench.report import write
from bench.scale.measure import Result, measure
from bench.scale.report import DOCUMENT, tables
from bench.scale.stores import KINDS, MOST_IN_MEMORY, Kind, data, filled

_SIZES = (1_000, 100_000, 1_000_000)
_MOST_PROJECTS = 100_000
_MOST_DOCUMENTS = 10_000_000


def main() -> None:
    """Measure."""
    options = _options()
    # So that databases are ended then as well.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        results = asyncio.run(_measure(options))
    except BenchError as error:
        sys.exit(f"\nbench: {error}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    text = (
        f"Measured on {description()}, load average {os.getloadavg()[0]:.1f}; in milliseconds, where nothing "
        f"else is said.\n\n{tables(results)}\n\nOf a list: the median of its pages, and the slowest page. "
        "Growth is that of the page that grew most, from the smallest to the largest size, comparing the "
        "fastest of its rounds; less than a millisecond counts as one, and a page that is not full at the "
        "smallest size grows by its rows as well. What is **bold** misses its aim: a sort and a filter are "
        "to grow by 1.5 at most."
    )
    print(text)
    if options.write:
        write("scale", text, DOCUMENT)


async def _measure(options: argparse.Namespace) -> dict[Kind, list[Result]]:
    results: dict[Kind, list[Result]] = {kind: [] for kind in options.stores}
    for size in options.sizes:
        projects = min(size, _MOST_PROJECTS)
        with data(size, projects) as file:
            for kind in options.stores:
                if kind == "memory" and size > MOST_IN_MEMORY:
                    continue
                print(f"{kind}, {size:,} documents", file=sys.stderr)
                async with filled(kind, file) as store:
                    results[kind].append(await measure(store, size, projects, options.rounds))
    return {kind: found for kind, found in results.items() if found}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.scale", description=__doc__)
    add = parser.add_argument
    add("--sizes", type=_numbers, default=_SIZES, help="numbers of documents, with commas between")
    add("--stores", type=_kinds, default=KINDS, help="some of memory,sqlite,postgresql")
    add("--rounds", type=int, default=7, help="how often each page is asked for (default: 7)")
    add("--write", action="store_true", help="keep the tables in docs/stores.md")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be 1 or more")
    return options


def _numbers(text: str) -> tuple[int, ...]:
    numbers = tuple(sorted({int(each) for each in text.split(",")}))
    if not 1 <= numbers[0] <= numbers[-1] <= _MOST_DOCUMENTS:
        raise argparse.ArgumentTypeError(f"sizes are 1 to {_MOST_DOCUMENTS}")
    return numbers


def _kinds(text: str) -> tuple[Kind, ...]:
    kinds = tuple(kind for kind in KINDS if kind in text.split(","))
    if len(kinds) != len(text.split(",")):
        raise argparse.ArgumentTypeError(f"stores are {', '.join(KINDS)}")
    return kinds


if __name__ == "__main__":
    main()
