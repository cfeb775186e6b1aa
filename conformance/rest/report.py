"""What a server made of the suite: as a text to read, and as a record to compare with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import yaml

from conformance.rest.judge import Outcome, expected

FOLDER: Final = Path(__file__).parent / "observed"


def text(name: str, outcomes: Sequence[Outcome]) -> str:
    """Write a report: all that is wrong with what was expected, all that is open, and the counts."""
    lines = []
    for outcome in outcomes:
        case = outcome.case
        if outcome.verdict == "wrong":
            lines += [
                f"WRONG {case.name}: {case.method} {case.target}",
                f"    expected: {expected(case)}",
                f"    observed: {outcome.text}",
                f"    rule:     {case.rule}",
            ]
        elif outcome.verdict == "open":
            lines.append(f"open  {case.name}: {case.method} {case.target}: {outcome.text}")
    counts = Counter(outcome.verdict for outcome in outcomes)
    right, wrong = counts["right"], counts["wrong"]
    lines.append(f"{name}: {right} of {right + wrong} cases are right, {counts['open']} are open")
    return "\n".join(lines)


def remarkable(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """Return what came of the cases that are open or wrong, by their names."""
    return {each.case.name: each.text for each in outcomes if each.verdict != "right"}


def record(name: str, outcomes: Sequence[Outcome]) -> None:
    """Write down what `remarkable` returns, for `recorded`."""
    FOLDER.mkdir(exist_ok=True)
    data = yaml.safe_dump(remarkable(outcomes), allow_unicode=True, width=1000)
    head = f"# Open and wrong cases of {name}, written by python -m conformance.rest_suite --record"
    _path(name).write_text(f"{head}\n\n{data}")


def recorded(name: str) -> Mapping[str, str]:
    """Return what was written down of a server."""
    found: dict[str, str] = yaml.safe_load(_path(name).read_text())
    return found


def _path(name: str) -> Path:
    return FOLDER / f"{name}.yaml"
