"""Runs the REST transcoding suite: against Triptych, against published implementations, against any server.

    python -m conformance.rest_suite                                # Triptych, in both of its dialects
    python -m conformance.rest_suite --against http://127.0.0.1:80  # any server of rest/transcoding.proto
    python -m conformance.rest_suite --record                       # Triptych and both peers, built with Go

The exit code is 1 if a case of the server, or of Triptych, is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import Final

from conformance.rest import go_peers, report, server
from conformance.rest.cases import Case, load
from conformance.rest.client import ask
from conformance.rest.judge import Outcome, judge
from conformance.score import Score
from triptych.rpc.methods import RestDialect

NAME: Final = "triptych"
# The dialects of Triptych, by what the cases call them, which name none for ProtoJSON.
DIALECTS: Final[dict[str, RestDialect]] = {"documents": "documents", "": "protojson"}
_TRANSPORTS: Final = {"documents": "REST", "": "REST, ProtoJSON"}


def run() -> list[Score]:
    """Run all cases against Triptych.

    Returns:
        A score for each dialect; cases that google/api/http.proto leaves open are not counted.

    Raises:
        CaseError: The cases are not written as they must be.
        ListenError: No port can be opened.
    """
    return [_score(dialect, asyncio.run(_triptych(dialect))) for dialect in DIALECTS]


def _score(dialect: str, outcomes: Sequence[Outcome]) -> Score:
    counted = [outcome for outcome in outcomes if outcome.verdict != "open"]
    failures = tuple(outcome.case.name for outcome in counted if outcome.verdict == "wrong")
    return Score(
        suite="REST transcoding",
        side="server",
        transport=_TRANSPORTS[dialect],
        http="1.1",
        passed=len(counted) - len(failures),
        total=len(counted),
        failures=failures,
    )


def outcomes_of(url: str, cases: Sequence[Case], dialect: str = "") -> list[Outcome]:
    """Run cases against a server.

    Args:
        url: The base URL of the server.
        cases: What to run.
        dialect: The dialect of the server, by which some cases expect something else; "" for plain ProtoJSON.
    """
    own = [case.in_dialect(dialect) for case in cases]
    return [judge(case, answer) for case, answer in zip(own, ask(url, own), strict=True)]


async def _triptych(dialect: str) -> list[Outcome]:
    async with server.running(dialect=DIALECTS[dialect]) as url:
        return await asyncio.to_thread(outcomes_of, url, load(), dialect)


def _record_peers() -> None:
    cases = load()
    for name in go_peers.NAMES:
        with go_peers.running(name) as url:
            outcomes = outcomes_of(url, cases)
        report.record(name, outcomes)
        print(report.text(name, outcomes), end="\n\n")


def main() -> None:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m conformance.rest_suite")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--against", metavar="URL", help="run against this server, not Triptych")
    group.add_argument("--record", action="store_true", help="run the peers too; record what is remarkable")
    parser.add_argument("--dialect", default="", help="the dialect of the server of --against")
    arguments = parser.parse_args()
    if arguments.against:
        results = {arguments.against: outcomes_of(arguments.against, load(), arguments.dialect)}
    else:
        results = {f"{NAME} ({name})": asyncio.run(_triptych(dialect)) for dialect, name in DIALECTS.items()}
    if arguments.record:
        _record_peers()
        report.record(NAME, next(iter(results.values())))
    for name, outcomes in results.items():
        print(report.text(name, outcomes))
    sys.exit(any(outcome.verdict == "wrong" for outcomes in results.values() for outcome in outcomes))


if __name__ == "__main__":
    main()
