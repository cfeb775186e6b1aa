"""The one error class of the server, and small constructors for what goes wrong most often.

`RpcError` is what the server expects: its text is written for the client and reaches it over every
transport. Any other exception is a defect; the pipeline logs it and answers INTERNAL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protobuf import Message


class Code(IntEnum):
    """The status codes of gRPC, which Connect shares."""

    OK = 0
    CANCELED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


class Reason:
    """The stable reasons that ErrorInfo carries; REST prints them in lower case."""

    MISSING_REQUIRED_FIELD = "MISSING_REQUIRED_FIELD"
    INVALID_FIELD_VALUE = "INVALID_FIELD_VALUE"
    INVALID_ENUM_VALUE = "INVALID_ENUM_VALUE"
    INVALID_CURSOR = "INVALID_CURSOR"
    INVALID_ID_FORMAT = "INVALID_ID_FORMAT"
    MISSING_API_KEY = "MISSING_API_KEY"
    INVALID_API_KEY = "INVALID_API_KEY"
    EXPIRED_API_KEY = "EXPIRED_API_KEY"
    INSUFFICIENT_PERMISSIONS = "INSUFFICIENT_PERMISSIONS"
    RESOURCE_NOT_FOUND = "RESOURCE_NOT_FOUND"
    RESOURCE_ALREADY_EXISTS = "RESOURCE_ALREADY_EXISTS"
    RATE_LIMIT_EXCEEDED = "RATE_LIMIT_EXCEEDED"
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    PRECONDITION_FAILED = "PRECONDITION_FAILED"
    INTERNAL_ERROR = "INTERNAL_ERROR"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    UNIMPLEMENTED = "UNIMPLEMENTED"


_DEFAULT_REASONS = {
    Code.CANCELED: Reason.INTERNAL_ERROR,
    Code.UNKNOWN: Reason.INTERNAL_ERROR,
    Code.INVALID_ARGUMENT: Reason.INVALID_FIELD_VALUE,
    Code.DEADLINE_EXCEEDED: Reason.SERVICE_UNAVAILABLE,
    Code.NOT_FOUND: Reason.RESOURCE_NOT_FOUND,
    Code.ALREADY_EXISTS: Reason.RESOURCE_ALREADY_EXISTS,
    Code.PERMISSION_DENIED: Reason.INSUFFICIENT_PERMISSIONS,
    Code.RESOURCE_EXHAUSTED: Reason.QUOTA_EXCEEDED,
    Code.FAILED_PRECONDITION: Reason.PRECONDITION_FAILED,
    Code.ABORTED: Reason.PRECONDITION_FAILED,
    Code.OUT_OF_RANGE: Reason.INVALID_FIELD_VALUE,
    Code.UNIMPLEMENTED: Reason.UNIMPLEMENTED,
    Code.INTERNAL: Reason.INTERNAL_ERROR,
    Code.UNAVAILABLE: Reason.SERVICE_UNAVAILABLE,
    Code.DATA_LOSS: Reason.INTERNAL_ERROR,
    Code.UNAUTHENTICATED: Reason.INVALID_API_KEY,
}

# What a later, identical call might not meet again. RESOURCE_EXHAUSTED is told apart by its reason:
# a rate limit passes, a message that is too large stays so.
_PASSING = frozenset(
    {
        Code.UNKNOWN,
        Code.DEADLINE_EXCEEDED,
        Code.ABORTED,
        Code.INTERNAL,
        Code.UNAVAILABLE,
        Code.DATA_LOSS,
    }
)


# Message and details go into gRPC trailers, of which clients take 8 KiB; the details, in base64, hold the
# message once more.
MAX_VIOLATIONS = 20
_MAX_MESSAGE = 1000  # bytes, as `grpc-message` writes them: three for each that is not ASCII
_MAX_DETAILS = 3800  # bytes
_MAX_NAMES = 12


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong with a request.

    Attributes:
        field: The path of the field in .proto names, as `filter.project_ids[0]`; empty for the whole message.
        description: What is wrong, as a clause that can follow the path.
        reason: One of `Reason`.
    """

    field: str
    description: str
    reason: str = Reason.INVALID_FIELD_VALUE

    def __str__(self) -> str:
        return f"{self.field}: {self.description}" if self.field else self.description


class RpcError(Exception):
    """An error that is meant for the client.

    Attributes:
        code: The status code; never OK.
        message: The text that the client sees.
        violations: What is wrong with the request, field by field.
        reason: One of `Reason`.
        details: Details that replace the standard ones (BadRequest and ErrorInfo); None for those. A
            google.protobuf.Any goes out as what it holds.
        field: The path of the field that names what the error is about, if it is no violation of that field;
            not told to clients.
        outcome_unknown: Whether what was asked for may have been done.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        violations: Sequence[Violation] = (),
        reason: str = "",
        details: Sequence[Message] | None = None,
        field: str = "",
        outcome_unknown: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.violations = tuple(violations)
        self.reason = reason or _DEFAULT_REASONS[code]
        self.details = details
        self.field = field
        self.outcome_unknown = outcome_unknown

    @property
    def may_pass(self) -> bool:
        """Whether a later, identical call may succeed, and cannot do twice what was asked for once."""
        if self.outcome_unknown:
            return False
        return self.code in _PASSING or self.reason == Reason.RATE_LIMIT_EXCEEDED


def invalid_argument(*violations: Violation, more: int = 0) -> RpcError:
    """Tell what is wrong with a request, in one error.

    The error carries up to 20 violations, its message as many of these as a reader takes in: the first in any
    case, and no more than fits into trailers.

    Args:
        violations: What is wrong; at least one.
        more: How much else is wrong that is not among them.
    """
    told = _fitting(violations[:MAX_VIOLATIONS], _MAX_DETAILS, lambda text: len(text.encode()) + 40)
    shown = _fitting(told, _MAX_MESSAGE, lambda text: 3 * len(text.encode()) - 2 * len(text) + 2)
    message = "; ".join(map(str, shown))
    if left := len(violations) - len(shown) + more:
        message += f"; and {left} more"
    return RpcError(Code.INVALID_ARGUMENT, message, violations=told, reason=told[0].reason)


def _fitting(violations: Sequence[Violation], space: int, size: Callable[[str], int]) -> Sequence[Violation]:
    """Return the first of the violations that have a place in so much space."""
    for index, violation in enumerate(violations):
        space -= size(str(violation))
        if space < 0:
            return violations[: index or 1]
    return violations


def one_of(names: Iterable[str]) -> str:
    """Name the values that are allowed, up to 12 of them."""
    known = list(names)
    listed = ", ".join(known[:_MAX_NAMES])
    more = f" and {len(known) - _MAX_NAMES} more" if len(known) > _MAX_NAMES else ""
    return f"one of {listed}{more}"


def invalid_field(field: str, description: str, reason: str = Reason.INVALID_FIELD_VALUE) -> RpcError:
    """Tell what is wrong with one field."""
    return invalid_argument(Violation(field, description, reason))


def not_found(kind: str, id: str) -> RpcError:
    """Say that the caller can see no `kind` (as "project") of that id."""
    return RpcError(Code.NOT_FOUND, f"{kind} {id} not found")


def permission_denied(message: str) -> RpcError:
    """Refuse a change to something that the caller may see."""
    return RpcError(Code.PERMISSION_DENIED, message)


def failed_precondition(message: str, field: str = "") -> RpcError:
    """Refuse what the state of other things does not allow; `field` is the path of what names them."""
    return RpcError(Code.FAILED_PRECONDITION, message, field=field)


class TooLargeError(RpcError):
    """A request holds more than the server takes: HTTP has a status of its own for that."""

    def __init__(self, message: str) -> None:
        super().__init__(Code.RESOURCE_EXHAUSTED, message)


def too_large(limit: int) -> RpcError:
    """Refuse a message or a file of more than `limit` bytes."""
    return TooLargeError(f"message is larger than the limit of {limit} bytes")
