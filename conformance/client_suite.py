"""Runs the Connect conformance suite against triptych_client: its reference server judges our calls."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from conformance.connect.suite import Ran, run_suite, tried_again
from conformance.score import Score

_CONFIG: Final = "conformance/connect/client.yaml"

# Cases that depend on who is first, and may be tried again.
_RACES: Final = (
    # Over HTTP/1.1 the suite's server on grpc-go sends its headers when it has the first message, and Go's
    # net/http then drops what is not read of the request: the second message is lost, or reading it fails.
    re.compile(r"/HTTPVersion:1/.*/\(grpc server impl\)/bidi-stream/half-duplex(/|$)"),
)


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


def _score(side: str, flags: Sequence[str], skip: str | None = None) -> Score:
    ran = _run(flags, [f"--skip={skip}"] if skip else [])
    failures = tried_again(
        ran.failures, _RACES, lambda cases: _run(flags, [f"--run={case}" for case in cases]).failures
    )
    return Score(
        suite="Connect conformance",
        side=side,
        transport="Connect, gRPC, gRPC-Web",
        http="1.1, 2, 3",
        passed=ran.total - len(failures),
        total=ran.total,
        failures=failures,
    )


def _run(flags: Sequence[str], options: Sequence[str]) -> Ran:
    """Run the suite with the client that the flags ask for; what failed is shown."""
    options = ["--mode=client", f"--conf={_CONFIG}", *options]
    ran = run_suite(options, "conformance.connect.client", flags)
    if ran.failures:
        print(ran.output, file=sys.stderr)
    return ran
