"""The REST transcoding suite, run against the server in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conformance import rest_suite
from conformance.rest import cases, report, schema, server
from conformance.rest.client import Answer
from conformance.rest.judge import Outcome, judge

ROOT = Path(__file__).parents[2]
CASES = cases.load()


@pytest.fixture(scope="module", params=rest_suite.DIALECTS.items(), ids=lambda item: item[1])
async def outcomes(request: pytest.FixtureRequest) -> AsyncIterator[list[Outcome]]:
    dialect, name = request.param
    async with server.running(dialect=name) as url:
        yield await asyncio.to_thread(rest_suite.outcomes_of, url, CASES, dialect)


def test_every_case_that_is_decided_is_right(outcomes: list[Outcome]) -> None:
    assert {each.case.name for each in outcomes if each.verdict == "wrong"} == set()
    assert sum(each.verdict == "right" for each in outcomes) > 300


def test_open_cases_are_as_recorded(outcomes: list[Outcome]) -> None:
    assert report.remarkable(outcomes) == report.recorded("triptych")


def test_every_difference_is_told() -> None:
    page = (ROOT / "docs" / "rest-transcoding.md").read_text()
    names = {each.name for each in CASES}
    for peer in ("triptych", "vanguard", "grpc-gateway"):
        remarkable = report.recorded(peer).keys()
        assert remarkable <= names
        assert [name for name in remarkable if f"`{name}`" not in page] == []


def test_every_rpc_is_called(outcomes: list[Outcome]) -> None:
    assert schema.rpcs() <= {each.text.partition(" ")[0] for each in outcomes}


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Answer(404, b""), "refused 404"),
        (Answer(0, b""), "closed the connection"),
        (Answer(200, b'{"arrived": {"rpc": "Remove", "request": "CgNhYmM="}}'), 'Remove {"text": "abc"}'),
        (Answer(200, b'{"arrived": {"rpc": "One", "request": "CgFh"}}'), 'One {"text": "a"}'),
        (
            Answer(200, b'{"rpc": "One", "request": "CgNhYmM="}'),
            'odd reply {"rpc": "One", "request": "CgNhYmM="}',
        ),
        (Answer(200, b"abc"), "odd reply abc"),
    ],
)
def test_wrong_answers_are_seen(answer: Answer, text: str) -> None:
    case = next(each for each in CASES if each.name == "variable/simple")
    outcome = judge(case, answer)
    assert (outcome.verdict, outcome.text) == ("wrong", text)
