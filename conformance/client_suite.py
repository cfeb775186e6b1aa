"""Runs the Connect conformance suite against triptych_client: its reference server judges our calls."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Final

from conformance.connect.suite import run_suite
from conformance.score import Score

_CONFIG: Final = "conformance/connect/client.yaml"


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
    options = ["--mode=client", f"--conf={_CONFIG}", *([f"--skip={skip}"] if skip else [])]
    ran = run_suite(options, "conformance.connect.client", flags)
    if ran.failures:
        print(ran.output, file=sys.stderr)
    return Score(
        suite="Connect conformance",
        side=side,
        transport="Connect, gRPC, gRPC-Web",
        http="1.1, 2, 3",
        passed=ran.total - len(ran.failures),
        total=ran.total,
        failures=ran.failures,
    )
