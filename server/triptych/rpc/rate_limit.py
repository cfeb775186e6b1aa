"""So many calls a minute for each caller, and no more: over all processes that share a store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from triptych.clock import NANOS, Clock
from triptych.errors import Code, Reason, RpcError
from triptych.rpc.call import Call
from triptych.rpc.methods import CallsPerMinute, Method
from triptych.rpc.pipeline import Exchange, Handler

Claim: TypeAlias = Callable[[str, int, int], Awaitable[bool]]

_MINUTE = 60 * NANOS
_PARTS: Final = 16


class RateLimit:
    """The interceptor that counts the calls of each caller in each minute of the clock.

    Every answer of a limited service carries X-RateLimit-Limit, -Remaining and -Reset (when the next minute
    begins, in Unix seconds).

    A limit comes in sixteen parts. A process claims one after the other when it needs them, so that all
    together never admit more, and a call costs no round trip unless a part is used up. What a process has not
    used of its last part is lost to the others: with n of them, a caller may be refused (n - 1) / 16 early.

    Args:
        clock: Where the time comes from.
        claim: Claims something by its name until an instant, given the time; tells whether nobody had it.
    """

    def __init__(self, clock: Clock, claim: Claim) -> None:
        self._clock = clock
        self._claim = claim
        self._minute = 0
        self._allowances: dict[tuple[str, str, bool], _Allowance] = {}

    def __call__(self, proceed: Handler, method: Method) -> Handler:
        """Stand around the calls of a method, if its service is limited."""
        limits = method.limits
        if limits is None:
            return proceed

        async def limit_rate(call: Call, exchange: Exchange) -> None:
            await self._admit(call, limits)
            await proceed(call, exchange)

        return limit_rate

    async def _admit(self, call: Call, limits: CallsPerMinute) -> None:
        """Count a call.

        Raises:
            RpcError: RESOURCE_EXHAUSTED (RATE_LIMIT_EXCEEDED) beyond the limit.
            StoreError: The store cannot tell.
        """
        now = self._clock.now()
        minute, passed = divmod(now, _MINUTE)
        if minute != self._minute:
            self._minute = minute
            self._allowances.clear()
        end = (minute + 1) * _MINUTE
        remaining = await self._take(call, limits.calls, now, end, of_creations=False)
        limit = limits.calls
        if call.method.creates:
            creations = await self._take(call, limits.creations, now, end, of_creations=True)
            remaining, limit = min(remaining, creations), limits.creations
        call.response_headers += [
            ("x-ratelimit-limit", str(limit)),
            ("x-ratelimit-remaining", str(max(remaining, 0))),
            ("x-ratelimit-reset", str((minute + 1) * 60)),
        ]
        if remaining < 0:
            seconds = -((passed - _MINUTE) // NANOS)
            call.response_headers.append(("retry-after", str(seconds)))
            raise RpcError(
                Code.RESOURCE_EXHAUSTED,
                f"more than {limit} calls in a minute, try again in {seconds} s",
                reason=Reason.RATE_LIMIT_EXCEEDED,
            )

    async def _take(self, call: Call, limit: int, now: int, end: int, *, of_creations: bool) -> int:
        key = (call.caller.id, call.method.service, of_creations)
        allowance = self._allowances.get(key)
        if allowance is None:
            what = "creations" if of_creations else "calls"
            name = f"{what} of {call.method.service} by {call.caller.id}"
            allowance = self._allowances[key] = _Allowance(name, limit)
        return await allowance.take(self._claim, now, end)


class _Allowance:
    """What a caller may do in a minute, as far as this process has claimed it.

    Args:
        name: Whose it is, and what of.
        limit: How much it is for all processes together.
    """

    __slots__ = ("_left", "_limit", "_name", "_parts", "_seen", "_turn")

    def __init__(self, name: str, limit: int) -> None:
        self._name = name
        self._limit = limit
        self._parts = min(_PARTS, limit)
        self._seen = 0  # parts that somebody has claimed
        self._left = 0
        self._turn = asyncio.Lock()

    async def take(self, claim: Claim, now: int, end: int) -> int:
        """Take one; return how many are left at most, and -1 if there was none."""
        if not self._left and self._seen < self._parts:
            async with self._turn:
                while not self._left and self._seen < self._parts:
                    mine = await claim(f"{self._name}, part {self._seen}", now, end)
                    before, self._seen = self._seen, self._seen + 1
                    if mine:
                        self._left += self._up_to(self._seen) - self._up_to(before)
        if not self._left:
            return -1
        self._left -= 1
        return self._left + self._limit - self._up_to(self._seen)

    def _up_to(self, part: int) -> int:
        """Return how much the parts before one are together."""
        return self._limit * part // self._parts
