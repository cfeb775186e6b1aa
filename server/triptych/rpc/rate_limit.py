"""So many calls a minute for each caller, and no more."""

from __future__ import annotations

from triptych.clock import NANOS, Clock
from triptych.errors import Code, Reason, RpcError
from triptych.rpc.call import Call
from triptych.rpc.methods import CallsPerMinute, Method
from triptych.rpc.pipeline import Exchange, Handler

_MINUTE = 60 * NANOS


class RateLimit:
    """The interceptor that counts the calls of each caller in each minute of the clock.

    Every answer of a limited service carries X-RateLimit-Limit, -Remaining and -Reset (when the next minute
    begins, in Unix seconds).
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._minute = 0
        self._counts: dict[tuple[str, str, bool], int] = {}

    def __call__(self, proceed: Handler, method: Method) -> Handler:
        """Stand around the calls of a method, if its service is limited."""
        limits = method.limits
        if limits is None:
            return proceed

        async def limit_rate(call: Call, exchange: Exchange) -> None:
            self._admit(call, limits)
            await proceed(call, exchange)

        return limit_rate

    def _admit(self, call: Call, limits: CallsPerMinute) -> None:
        """Count a call.

        Raises:
            RpcError: RESOURCE_EXHAUSTED (RATE_LIMIT_EXCEEDED) beyond the limit.
        """
        minute, passed = divmod(self._clock.now(), _MINUTE)
        if minute != self._minute:
            self._minute = minute
            self._counts.clear()
        remaining = self._count(call, limits.calls, of_creations=False)
        limit = limits.calls
        if call.method.creates:
            remaining = min(remaining, self._count(call, limits.creations, of_creations=True))
            limit = limits.creations
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

    def _count(self, call: Call, limit: int, *, of_creations: bool) -> int:
        key = (call.caller.id, call.method.service, of_creations)
        self._counts[key] = self._counts.get(key, 0) + 1
        return limit - self._counts[key]
