"""What calls cost in Python calls, which no clock and no busy machine can blur: it may not rise."""

from __future__ import annotations

import pytest
import uvloop

from bench.in_process import CALLS, in_process

# With Python 3.11; later ones need fewer mostly, as comprehensions are no calls there. Lower what has fallen.
CEILINGS = {
    "connect-json/get": 62,
    "connect-json/list": 90,
    "connect-binary/get": 60,
    "grpc-web/get": 83,
    "rest/get": 90,
    "rest/list": 154,
}


@pytest.fixture(scope="module")
def counts() -> dict[str, int]:
    async def count() -> dict[str, int]:
        async with in_process() as server:
            return {name: await server.count(server.requests[name]) for name in CALLS}

    return uvloop.run(count())


@pytest.mark.parametrize("name", CALLS)
def test_a_warm_call_takes_no_more_python_calls_than_before(counts: dict[str, int], name: str) -> None:
    assert 20 < counts[name] <= CEILINGS[name]
