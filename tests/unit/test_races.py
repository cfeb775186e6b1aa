"""Cases of the suites that depend on who is first are tried again, and only those."""

from __future__ import annotations

import re
from collections.abc import Sequence

from conformance import client_suite
from conformance.connect.suite import tried_again

RACES = (re.compile("race"),)


class Suite:
    """Runs cases that fail as often as it is told."""

    def __init__(self, **fails: int) -> None:
        self._fails = fails
        self.ran: list[list[str]] = []

    def run(self, cases: Sequence[str]) -> list[str]:
        self.ran.append(list(cases))
        failed = [case for case in cases if self._fails[case]]
        for case in failed:
            self._fails[case] -= 1
        return failed


def test_only_races_are_tried_again_and_only_while_they_fail() -> None:
    suite = Suite(race_a=0, race_b=1)
    assert tried_again(["race_a", "fault", "race_b"], RACES, suite.run) == ("fault",)
    assert suite.ran == [["race_a", "race_b"], ["race_b"]]


def test_a_race_that_always_fails_is_a_failure() -> None:
    suite = Suite(race_a=9)
    assert tried_again(["race_a"], RACES, suite.run) == ("race_a",)
    assert len(suite.ran) == 2


def test_the_races_of_the_client_suite_are_those_of_one_server() -> None:
    (race,) = client_suite._RACES
    name = (
        "Duplicate Metadata/HTTPVersion:{}/Protocol:PROTOCOL_GRPC_WEB/Codec:CODEC_PROTO/"
        "Compression:COMPRESSION_GZIP/TLS:false/{}bidi-stream/half-duplex/success"
    )
    assert race.search(name.format(1, "(grpc server impl)/"))
    assert race.search(name.format(1, "(grpc server impl)/").removesuffix("/success"))
    assert not race.search(name.format(2, "(grpc server impl)/"))
    assert not race.search(name.format(1, ""))
