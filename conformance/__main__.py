"""Run the suites and print one scorecard: `make conformance`, or ARGS="connect rest" for some of them.

The numbers are kept in docs/conformance.md. Fewer than there is a failure; `--write` puts them there.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from typing import Final

from conformance import scorecard
from conformance.score import Score

SUITES: Final = {
    "connect": "conformance.connect_suite",
    "client": "conformance.client_suite",
    "interop": "conformance.grpc_interop_suite",
    "rest": "conformance.rest_suite",
    "http": "conformance.http_suite",
}
_DOCUMENT: Final = Path("docs/conformance.md")


def main() -> None:
    """Run what the arguments name, all suites if they name none."""
    parser = argparse.ArgumentParser(prog="python -m conformance", description=__doc__)
    parser.add_argument("suite", nargs="*", choices=[*SUITES, []], help="the suites to run; all if left out")
    parser.add_argument("--write", action="store_true", help="keep the numbers in the document")
    arguments = parser.parse_args()
    scores: list[Score] = []
    for name in arguments.suite or SUITES:
        for score in importlib.import_module(SUITES[name]).run():
            scores.append(score)
            print(" · ".join([*score.row, f"{score.passed} / {score.total}"]), flush=True)
            for failure in score.failures:
                print("    failed:", failure, flush=True)
    text = _DOCUMENT.read_text()
    if arguments.write:
        _DOCUMENT.write_text(scorecard.updated(text, scores))
    elif worse := scorecard.worse(scorecard.read(text), scores):
        sys.exit("worse than docs/conformance.md says:\n" + "\n".join(worse))


if __name__ == "__main__":
    main()
