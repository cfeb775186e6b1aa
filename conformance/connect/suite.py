"""Runs the program of the Connect conformance suite, and reads what it prints."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conformance.tools import tool

_TRIES: Final = 3


class SuiteError(Exception):
    """The suite did not run to its end; the text is what it wrote."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a run.

    Attributes:
        total: How many cases ran.
        failures: The names of those that failed.
        output: What the suite wrote.
    """

    total: int
    failures: tuple[str, ...]
    output: str


def run_suite(
    options: Sequence[str | Path], module: str, arguments: Sequence[str], seconds: float | None = None
) -> Ran:
    """Run the suite on a program of ours.

    Args:
        options: Of the suite.
        module: The Python module that is the program.
        arguments: Of the program.
        seconds: How long it may take; None for no end.

    Raises:
        SuiteError: The suite did not run to its end.
        subprocess.TimeoutExpired: It took longer.
        subprocess.CalledProcessError: It cannot be built.
    """
    command = [tool("connectconformance"), *options, "--", sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=seconds
    )
    total = re.search(r"^Total cases: (\d+)$", done.stdout, re.MULTILINE)
    if total is None:
        raise SuiteError(done.stdout[-2000:])
    failures = re.findall(r"^FAILED: (.*?):?$", done.stdout, re.MULTILINE)
    return Ran(int(total[1]), tuple(failures), done.stdout)


def tried_again(
    failures: Sequence[str],
    races: Sequence[re.Pattern[str]],
    run_some: Callable[[Sequence[str]], Sequence[str]],
) -> tuple[str, ...]:
    """Run failed cases again that depend on who is first; return the names of those that fail each time.

    Args:
        failures: The names of the cases that failed.
        races: Patterns of the names that may be tried again.
        run_some: Runs the cases of these names, and returns the names of those that failed.
    """
    left = set(failures)
    for _ in range(_TRIES - 1):
        again = sorted(name for name in left if any(race.search(name) for race in races))
        if again:
            left = left - {*again} | {*run_some(again)}
    return tuple(sorted(left))
