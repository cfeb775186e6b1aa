from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from support.calls import TEST_METHODS
from triptych.clock import NANOS
from triptych.errors import Code, Reason, RpcError
from triptych.rpc.call import Call, Caller
from triptych.rpc.headers import TextHeaders
from triptych.rpc.methods import CallsPerMinute
from triptych.rpc.rate_limit import RateLimit
from triptych.store.errors import UnavailableError
from triptych.store.memory import MemoryStore
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
    return RateLimit(clock, MemoryStore().claim)


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


MANY = replace(LIMITED, limits=CallsPerMinute(calls=1000, creations=100))


async def admitted(limit: RateLimit, calls: int) -> int:
    """Make so many calls at the same time; return how many were not refused."""
    results = await asyncio.gather(
        *(run(limit, call(method=MANY)) for _ in range(calls)), return_exceptions=True
    )
    assert all(result is None or isinstance(result, RpcError) for result in results)
    return results.count(None)


async def test_processes_that_share_a_store_admit_no_more_together(clock: Clock) -> None:
    store = MemoryStore()
    processes = [RateLimit(clock, store.claim) for _ in range(3)]
    total = 0
    for _ in range(20):
        for each in processes:
            total += await admitted(each, 25)
    assert 1000 - 2 * 63 <= total <= 1000
    for each in processes:
        await refused(each, call(method=MANY))
    clock.seconds += 60
    assert await admitted(processes[2], 2000) == 1000


async def test_the_store_is_asked_for_a_part_not_for_a_call(clock: Clock) -> None:
    store = MemoryStore()
    asked: list[str] = []

    async def claim(name: str, now: int, until: int) -> bool:
        asked.append(name)
        return await store.claim(name, now, until)

    limit = RateLimit(clock, claim)
    remaining = []
    for _ in range(1000):
        made = call(method=MANY)
        await run(limit, made)
        remaining.append(int(dict(made.response_headers)["x-ratelimit-remaining"]))
    assert remaining == list(reversed(range(1000)))
    for _ in range(100):
        await refused(limit, call(method=MANY))
    assert len(set(asked)) == len(asked) == 16


async def test_a_store_that_cannot_tell_costs_nothing_of_the_limit(clock: Clock) -> None:
    store = MemoryStore()
    available = False

    async def claim(name: str, now: int, until: int) -> bool:
        if not available:
            raise UnavailableError("the store is away")
        return await store.claim(name, now, until)

    limit = RateLimit(clock, claim)
    for _ in range(5):
        with pytest.raises(UnavailableError):
            await run(limit, call())
    available = True
    for _ in range(3):
        await run(limit, call())
    await refused(limit, call())
