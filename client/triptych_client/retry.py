"""Which failed calls are tried again, when, and until when: the rules, apart from any waiting."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from connectrpc.method import IdempotencyLevel, MethodInfo

from triptych_client.errors import ApiError, DeadlineExceededError, ErrorCode

_RATE_LIMITED = "RATE_LIMIT_EXCEEDED"


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how soon a call that failed is tried again.

    Tried again are rpcs without side effects that were UNAVAILABLE, or RESOURCE_EXHAUSTED with a Retry-After;
    and any rpc that was refused for its caller's rate, since nothing of it was carried out. The wait before
    the n-th retry is a random part of `initial_backoff * multiplier ** (n - 1)`, at most of `max_backoff`,
    and never less than the server asks for. A call whose deadline would pass in the wait fails at once.

    Attributes:
        max_attempts: The most attempts, the first one included; 1 for no retries.
        initial_backoff: Seconds.
        multiplier: How much longer each wait may be than the one before.
        max_backoff: Seconds.
        max_retry_after: The longest wait, in seconds, that a server may ask for; if it asks for more, the
            call fails at once.
    """

    max_attempts: int = 4
    initial_backoff: float = 0.1
    multiplier: float = 2.0
    max_backoff: float = 5.0
    max_retry_after: float = 120.0

    def __post_init__(self) -> None:
        if self.max_attempts < 1 or self.multiplier < 1 or min(self.initial_backoff, self.max_backoff) < 0:
            raise ValueError("max_attempts and multiplier are 1 or more, and waits not negative")


NO_RETRIES = RetryPolicy(max_attempts=1)


@dataclass(frozen=True, slots=True)
class Timing:
    """Where time and chance come from; tests bring their own.

    Attributes:
        clock: Seconds on a clock that only goes forward.
        sleep: Waits for seconds in a thread.
        async_sleep: Waits for seconds in a coroutine.
        random: A number from 0 up to, not including, 1.
    """

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep
    async_sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    random: Callable[[], float] = random.random


class Attempts:
    """The attempts at one call."""

    def __init__(
        self, policy: RetryPolicy, timing: Timing, method: MethodInfo[Any, Any], timeout: float | None
    ) -> None:
        """Start the call's clock.

        Args:
            policy: When to try again.
            timing: Where time and chance come from.
            method: What is called.
            timeout: The seconds that all attempts may take together; None for no end.
        """
        self._policy = policy
        self._timing = timing
        self._safe = method.idempotency_level is IdempotencyLevel.NO_SIDE_EFFECTS
        self._deadline = math.inf if timeout is None else timing.clock() + timeout
        self._made = 0
        self._last: ApiError | None = None

    def start(self) -> float | None:
        """Start an attempt and return the seconds it has; None for no end.

        Raises:
            DeadlineExceededError: There are none left.
        """
        self._made += 1
        if self._deadline == math.inf:
            return None
        left = self._left()
        if not left > 0:
            raise DeadlineExceededError("the deadline passed before the request was sent") from self._last
        return left

    def wait(self, error: ApiError) -> float:
        """Return the seconds to wait before the next attempt.

        Raises:
            ApiError: The same error: there is no next attempt.
        """
        if self._made >= self._policy.max_attempts or not self._may_retry(error):
            raise error
        self._last = error
        backoff = self._policy.initial_backoff * self._policy.multiplier ** (self._made - 1)
        wait = self._timing.random() * min(backoff, self._policy.max_backoff)
        if error.retry_after is not None:
            if error.retry_after > self._policy.max_retry_after:
                raise error
            wait = max(wait, error.retry_after)
        if wait >= self._left():
            raise error
        return wait

    def _left(self) -> float:
        return self._deadline - self._timing.clock()

    def _may_retry(self, error: ApiError) -> bool:
        if error.code is ErrorCode.RESOURCE_EXHAUSTED:
            return error.reason == _RATE_LIMITED or (self._safe and error.retry_after is not None)
        return self._safe and error.code is ErrorCode.UNAVAILABLE
