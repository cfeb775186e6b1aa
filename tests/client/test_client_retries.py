"""Which calls are tried again, when, and what the server is told of the time that is left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from client.scripted import DROPPED, EMPTY, UNAVAILABLE, Answer, failure, scripted
from triptych_api.gitpod.v1.project_service_pb import DeleteProjectRequest, DeleteProjectResponse
from triptych_api.gitpod.v1.user_service_pb import GetAuthenticatedUserResponse
from triptych_client import (
    ApiError,
    AsyncClient,
    Client,
    DeadlineExceededError,
    ErrorCode,
    ResourceExhaustedError,
    RetryPolicy,
    Timing,
    UnavailableError,
)

LIMITED = failure("resource_exhausted", 429)
LIMITED_FOR = failure("resource_exhausted", 429, ("retry-after", "7"))
# google.rpc.ErrorInfo with the reason RATE_LIMIT_EXCEEDED.
RATE_LIMITED = Answer(
    429,
    b'{"code": "resource_exhausted", "details": [{"type": "google.rpc.ErrorInfo",'
    b' "value": "ChNSQVRFX0xJTUlUX0VYQ0VFREVE"}]}',
    (("content-type", "application/json"), ("retry-after", "2")),
)


class FakeTime:
    """A clock that only sleeping moves; the random number is always 0.5."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self.timing = Timing(lambda: self.now, self.sleep, self.async_sleep, lambda: 0.5)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    async def async_sleep(self, seconds: float) -> None:
        self.sleep(seconds)


async def safe(client: AsyncClient) -> None:
    assert await client.users.get_authenticated_user() == GetAuthenticatedUserResponse()


async def unsafe(client: AsyncClient) -> None:
    assert await client.projects.delete_project(DeleteProjectRequest()) == DeleteProjectResponse()


@pytest.mark.parametrize(
    ("call", "answers", "waits"),
    [
        (safe, [UNAVAILABLE, EMPTY], [0.05]),
        (safe, [UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, EMPTY], [0.05, 0.1, 0.2]),
        (safe, [DROPPED, EMPTY], [0.05]),
        (safe, [LIMITED_FOR, EMPTY], [7.0]),
        (safe, [RATE_LIMITED, EMPTY], [2.0]),
        (unsafe, [RATE_LIMITED, EMPTY], [2.0]),
        (safe, [failure("unavailable", 503, ("retry-after", "1")), EMPTY], [1.0]),
        (safe, [failure("unavailable", 503, ("retry-after", "soon")), EMPTY], [0.05]),
        (safe, [Answer(503), EMPTY], [0.05]),
    ],
)
async def test_what_is_safe_is_tried_again(
    call: Callable[[AsyncClient], Awaitable[None]], answers: list[Answer], waits: list[float]
) -> None:
    time = FakeTime()
    async with scripted(*answers) as server, AsyncClient(server.url, timing=time.timing) as client:
        await call(client)
    assert time.slept == waits


@pytest.mark.parametrize(
    ("call", "answer", "code"),
    [
        (unsafe, UNAVAILABLE, ErrorCode.UNAVAILABLE),
        (unsafe, DROPPED, ErrorCode.UNAVAILABLE),
        (unsafe, LIMITED_FOR, ErrorCode.RESOURCE_EXHAUSTED),
        (safe, LIMITED, ErrorCode.RESOURCE_EXHAUSTED),
        (safe, failure("internal", 500), ErrorCode.INTERNAL),
        (safe, failure("deadline_exceeded", 504), ErrorCode.DEADLINE_EXCEEDED),
        (safe, failure("unavailable", 503, ("retry-after", "3600")), ErrorCode.UNAVAILABLE),
    ],
)
async def test_what_is_not_safe_is_tried_once(
    call: Callable[[AsyncClient], Awaitable[None]], answer: Answer, code: ErrorCode
) -> None:
    time = FakeTime()
    async with (
        scripted(answer) as server,
        AsyncClient(server.url, timeout=None, timing=time.timing) as client,
    ):
        with pytest.raises(ApiError) as caught:
            await call(client)
    assert caught.value.code is code
    assert time.slept == []
    assert len(server.requests) == 1


async def test_attempts_end_and_the_last_error_is_raised() -> None:
    time = FakeTime()
    policy = RetryPolicy(max_attempts=6, initial_backoff=1, multiplier=10, max_backoff=20)
    async with (
        scripted(UNAVAILABLE) as server,
        AsyncClient(server.url, timeout=None, retries=policy, timing=time.timing) as client,
    ):
        with pytest.raises(UnavailableError, match="as told"):
            await safe(client)
        assert time.slept == [0.5, 5, 10, 10, 10]
        assert len(server.requests) == 6


async def test_no_policy_means_no_retries() -> None:
    async with scripted(UNAVAILABLE) as server, AsyncClient(server.url, retries=None) as client:
        with pytest.raises(UnavailableError):
            await safe(client)
        assert len(server.requests) == 1


async def test_all_attempts_share_a_deadline_and_the_server_is_told_what_is_left() -> None:
    time = FakeTime()
    policy = RetryPolicy(max_attempts=9, initial_backoff=2, max_backoff=60)
    async with (
        scripted(UNAVAILABLE) as server,
        AsyncClient(server.url, timeout=10, retries=policy, timing=time.timing) as client,
    ):
        # Waits of 1, 2 and 4 seconds fit into 10; the next one, of 8, does not.
        with pytest.raises(UnavailableError):
            await safe(client)
    assert [request["connect-timeout-ms"] for request in server.requests] == ["10000", "9000", "7000", "3000"]
    assert time.now == 1007


async def test_without_a_deadline_none_is_sent() -> None:
    async with scripted(EMPTY) as server, AsyncClient(server.url, timeout=None) as client:
        await safe(client)
        await client.users.get_authenticated_user(timeout=1e12)
    assert "connect-timeout-ms" not in server.requests[0]
    assert server.requests[1]["connect-timeout-ms"] == "9999999999"


async def test_a_deadline_that_passes_in_a_long_sleep_is_the_error() -> None:
    time = FakeTime()

    async def oversleep(seconds: float) -> None:
        time.sleep(seconds + 100)

    timing = Timing(lambda: time.now, time.sleep, oversleep, lambda: 0.5)
    async with scripted(UNAVAILABLE) as server, AsyncClient(server.url, timing=timing) as client:
        with pytest.raises(DeadlineExceededError) as caught:
            await safe(client)
        assert isinstance(caught.value.__cause__, UnavailableError)
        assert len(server.requests) == 1


async def test_a_client_in_a_thread_tries_again_too() -> None:
    time = FakeTime()
    async with scripted(UNAVAILABLE, RATE_LIMITED, EMPTY) as server:
        with Client(server.url, timing=time.timing) as client:
            await asyncio.to_thread(client.users.get_authenticated_user)
    assert time.slept == [0.05, 2.0]


async def test_retry_after_may_be_a_date() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=3600), usegmt=True)
    async with (
        scripted(failure("resource_exhausted", 429, ("retry-after", date))) as server,
        AsyncClient(server.url) as client,
    ):
        with pytest.raises(ResourceExhaustedError) as caught:
            await safe(client)
    assert caught.value.retry_after == pytest.approx(3600, abs=60)


async def test_connections_are_used_again() -> None:
    async with scripted(EMPTY) as server:
        async with AsyncClient(server.url) as client:
            for _ in range(5):
                await safe(client)
        assert server.connections == 1
        with Client(server.url) as threaded:
            for _ in range(5):
                await asyncio.to_thread(threaded.users.get_authenticated_user)
        assert server.connections == 2


async def test_a_request_that_cannot_be_written_is_not_tried_again() -> None:
    time = FakeTime()
    async with AsyncClient("http://127.0.0.1:9", timing=time.timing) as client:
        with pytest.raises(ApiError) as caught:
            await client.projects.iter_projects(page_size=2**40).__anext__()
    assert caught.value.code is ErrorCode.INVALID_ARGUMENT
    assert time.slept == []


@pytest.mark.parametrize("wrong", [{"max_attempts": 0}, {"multiplier": 0.5}, {"initial_backoff": -1}])
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="max_attempts"):
        RetryPolicy(**wrong)  # type: ignore[arg-type]
