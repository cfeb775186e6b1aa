"""The scorecard that is kept in the docs."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import scorecard
from conformance.score import Score

EMPTY = f"# Title\n\nText | with | bars\n\n{scorecard._BEGIN}\n{scorecard._END}\n\nMore.\n"
DOCUMENT = Path(__file__).parents[2] / "docs/conformance.md"


def score(passed: int, total: int = 1500, suite: str = "Suite", http: str = "1.1, 2") -> Score:
    return Score(suite, "server", "gRPC, one port", http, passed, total)


def test_what_is_written_is_read() -> None:
    text = scorecard.updated(EMPTY, [score(1499), score(3, 4, suite="Other (go)")])
    assert scorecard.read(text) == {
        ("Suite", "server", "gRPC, one port", "1.1, 2"): (1499, 1500),
        ("Other (go)", "server", "gRPC, one port", "1.1, 2"): (3, 4),
    }
    assert "| 1,499 / 1,500 |" in text
    before, _, rest = text.partition(scorecard._BEGIN)
    assert before + scorecard._BEGIN + "\n" + scorecard._END + rest.partition(scorecard._END)[2] == EMPTY


def test_rows_of_suites_that_were_not_run_stay() -> None:
    text = scorecard.updated(EMPTY, [score(1), score(2, suite="Other")])
    text = scorecard.updated(text, [score(3, http="3")])
    assert [numbers[0] for numbers in scorecard.read(text).values()] == [2, 3]


@pytest.mark.parametrize(
    ("passed", "total", "fine"), [(10, 10, True), (11, 12, True), (9, 10, False), (10, 9, False)]
)
def test_fewer_is_worse(passed: int, total: int, fine: bool) -> None:
    known = scorecard.read(scorecard.updated(EMPTY, [score(10, 10)]))
    assert (scorecard.worse(known, [score(passed, total)]) == []) is fine


def test_a_row_that_is_not_there_is_told() -> None:
    (text,) = scorecard.worse({}, [score(1, 1)])
    assert "not on the scorecard" in text


def test_the_document_has_a_scorecard() -> None:
    text = DOCUMENT.read_text()
    assert len(scorecard.read(text)) > 10
    assert scorecard.updated(text, []) == text
