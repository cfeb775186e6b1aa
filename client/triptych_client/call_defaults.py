"""What every call of a client has in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from connectrpc.method import MethodInfo
from protobuf import Message

from triptych_client.attempt import Attempt
from triptych_client.metadata import HeaderItems, Metadata, merged
from triptych_client.retry import Attempts, RetryPolicy, Timing
from triptych_client.settings import seconds

Req = TypeVar("Req", bound=Message)
Res = TypeVar("Res", bound=Message)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDefaults:
    """What every call of a client has in common.

    Attributes:
        headers: Sent with each call, unless the call gives its own of the same name.
        timeout: The seconds that a call may take if it does not say; None for no end.
        retries: When to try again.
        timing: Where time and chance come from.
    """

    headers: list[tuple[str, str]] = field(repr=False)
    timeout: float | None
    retries: RetryPolicy
    timing: Timing

    def attempts(self, method: MethodInfo[Req, Res], timeout: float | None) -> Attempts:
        """Start the clock of a call; its timeout is the default if None."""
        given = self.timeout if timeout is None else timeout
        return Attempts(self.retries, self.timing, method, seconds(given))

    def only_attempt(
        self,
        method: MethodInfo[Req, Res],
        timeout: float | None,
        headers: HeaderItems | None,
        metadata: Metadata | None,
    ) -> Attempt[Req, Res]:
        """Return the one attempt at a call that cannot be tried again, as a stream.

        Raises:
            DeadlineExceededError: The timeout is not positive.
        """
        left = self.attempts(method, timeout).start()
        sent = merged(self.headers, headers)
        return Attempt(method=method, timeout=left, headers=sent, metadata=metadata or Metadata())
