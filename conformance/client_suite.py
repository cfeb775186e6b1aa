"""Runs the Connect conformance suite against triptych_client: its reference server judges our calls."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from typing import Final

from conformance.score import Score
from conformance.tools import tool

_CONFIG: Final = "conformance/connect/client.yaml"


class SuiteError(Exception):
    """The suite did not run to its end; the text is what it wrote."""


def run() -> list[Score]:
    """Run all cases with the client of each kind; why a case fails goes to stderr.

    Raises:
        SuiteError: The suite did not run to its end.
        subprocess.CalledProcessError: The suite cannot be built.
    """
    # A call in a thread cannot be cancelled.
    in_tasks = _score("client", [])
    in_threads = _score("client, sync", ["--sync"], skip="Client Cancellation/**")
    return [in_tasks, replace(in_threads, total=in_tasks.total)]


def _score(side: str, flags: list[str], skip: str | None = None) -> Score:
    suite = [str(tool("connectconformance")), "--mode=client", f"--conf={_CONFIG}"]
    suite += [f"--skip={skip}"] if skip else []
    client = [sys.executable, "-m", "conformance.connect.client", *flags]
    ran = subprocess.run(
        [*suite, "--", *client], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    output = ran.stdout
    counted = re.search(r"^(\d+) passed, (\d+) failed", output, re.MULTILINE)
    if counted is None:
        raise SuiteError(output[-2000:])
    passed, failed = map(int, counted.groups())
    if failed:
        print(output, file=sys.stderr)
    return Score(
        suite="Connect conformance",
        side=side,
        transport="Connect, gRPC, gRPC-Web",
        http="1.1, 2, 3",
        passed=passed,
        total=passed + failed,
        failures=tuple(re.findall(r"^FAILED: (.+):$", output, re.MULTILINE)),
    )
