from __future__ import annotations

from dataclasses import replace

import pytest

from support.calls import TEST_METHODS
from triptych.clock import NANOS
from triptych.errors import Code, Reason, RpcError
from triptych.rpc.call import Call, Caller
from triptych.rpc.headers import TextHeaders
from triptych.rpc.methods import CallsPerMinute
from triptych.rpc.rate_limit import RateLimit
from triptych.store.records import SubjectRef
from triptych_api.gitpod.v1.identity_pb import Principal

LIMITED = replace(TEST_METHODS[0], limits=CallsPerMinute(calls=3, creations=1))
CREATE = replace(LIMITED, name="Make", creates=True)
LIKE_CREATE = replace(LIMITED, name="CreateNothing")
OTHER = TEST_METHODS[0]


class Clock:
    """A clock that stands where it is put."""

    seconds = 60 * 1000 + 1.5

    def now(self) -> int:
        return int(self.seconds * NANOS)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limit(clock: Clock) -> RateLimit:
    return RateLimit(clock)


def call(caller: str = "ada", method: object = LIMITED) -> Call:
    made = Call(method, "rest", TextHeaders([]))  # type: ignore[arg-type]
    made.caller = Caller(SubjectRef(caller, Principal.USER), "org", administrator=False, read_only=False)
    return made


async def run(limit: RateLimit, made: Call) -> None:
    """Have a call pass the limit, to what follows it."""

    async def proceed(call: Call, exchange: object) -> None:
        pass

    await limit(proceed, made.method)(made, None)  # type: ignore[arg-type] # nothing is read or written


async def refused(limit: RateLimit, made: Call) -> None:
    with pytest.raises(RpcError) as caught:
        await run(limit, made)
    assert (caught.value.code, caught.value.reason) == (Code.RESOURCE_EXHAUSTED, Reason.RATE_LIMIT_EXCEEDED)
    assert caught.value.may_pass


async def test_calls_are_counted_down_and_then_refused(limit: RateLimit) -> None:
    for remaining in ("2", "1", "0"):
        made = call()
        await run(limit, made)
        assert dict(made.response_headers) == {
            "x-ratelimit-limit": "3",
            "x-ratelimit-remaining": remaining,
            "x-ratelimit-reset": "60060",
        }
    made = call()
    await refused(limit, made)
    assert dict(made.response_headers)["retry-after"] == "59"
    assert dict(made.response_headers)["x-ratelimit-remaining"] == "0"


async def test_each_caller_has_a_limit_of_its_own(limit: RateLimit) -> None:
    for _ in range(3):
        await run(limit, call())
    await run(limit, call("max"))
    await refused(limit, call())


async def test_a_new_minute_begins_anew(limit: RateLimit, clock: Clock) -> None:
    for _ in range(3):
        await run(limit, call())
    clock.seconds += 58.4
    await refused(limit, call())
    clock.seconds += 0.1
    await run(limit, call())


async def test_creating_has_a_limit_below_the_other(limit: RateLimit) -> None:
    await run(limit, call(method=CREATE))
    made = call(method=CREATE)
    await refused(limit, made)
    assert dict(made.response_headers)["x-ratelimit-limit"] == "1"
    await run(limit, call(method=LIKE_CREATE))
    await refused(limit, call())


async def test_other_services_are_not_limited(limit: RateLimit) -> None:
    for _ in range(10):
        made = call(method=OTHER)
        await run(limit, made)
        assert not made.response_headers
