"""What a failed call raises: one class for each code, with the details as messages."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from connectrpc.code import Code
from protobuf import Message
from protobuf.wkt import Any as PackedMessage

from triptych_api.google.rpc import error_details_pb
from triptych_client.metadata import Metadata

ErrorCode = Code
"""The codes of gRPC and Connect."""

_DETAILS: Final = {message.type_name: message.type for message in error_details_pb.desc().messages}


@dataclass(frozen=True, slots=True)
class Violation:
    """A field of the request that breaks a rule.

    Attributes:
        field: The path of the field, as "created.after"; empty if the message as a whole breaks it.
        description: The rule, in words.
    """

    field: str
    description: str


class ApiError(Exception):
    """A call that failed, be it that the server refused it or that it never got there.

    `except NotFoundError` is `except ApiError` with `code` NOT_FOUND: there is a subclass for each code.

    Attributes:
        code: The kind of failure.
        message: What went wrong, for people.
        details: Messages of google.rpc, as BadRequest and ErrorInfo. A detail of another type stays packed,
            as a google.protobuf.Any.
        metadata: The headers and trailers of the response; empty if there was none.
    """

    code: ErrorCode = ErrorCode.UNKNOWN

    def __init__(
        self, message: str, *, details: Sequence[Message] = (), metadata: Metadata | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = tuple(_unpacked(detail) for detail in details)
        self.metadata = metadata or Metadata()

    def __str__(self) -> str:
        return f"{self.code.value}: {self.message}" if self.message else self.code.value

    @property
    def violations(self) -> tuple[Violation, ...]:
        """The fields of the request that break a rule, from google.rpc.BadRequest."""
        return tuple(
            Violation(violation.field, violation.description)
            for detail in self.details
            if isinstance(detail, error_details_pb.BadRequest)
            for violation in detail.field_violations
        )

    @property
    def reason(self) -> str:
        """Why, as a word for programs, as "RATE_LIMIT_EXCEEDED"; empty if the server gives none."""
        return next((d.reason for d in self.details if isinstance(d, error_details_pb.ErrorInfo)), "")

    @property
    def request_id(self) -> str:
        """How the server's log names the call; empty if the call did not reach it."""
        return self.metadata.get("x-request-id") or ""

    @property
    def retry_after(self) -> float | None:
        """The seconds that the server asks to wait before another attempt; None if it does not ask."""
        for detail in self.details:
            if isinstance(detail, error_details_pb.RetryInfo) and detail.retry_delay is not None:
                return max(0.0, detail.retry_delay.seconds + detail.retry_delay.nanos / 1e9)
        value = self.metadata.get("retry-after")
        return None if value is None else _seconds(value)


def _seconds(retry_after: str) -> float | None:
    """Return the seconds that a Retry-After header names, as a number or as a date."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    with contextlib.suppress(ValueError):
        date = parsedate_to_datetime(retry_after)
        return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
    return None


def _unpacked(detail: Message) -> Message:
    if not isinstance(detail, PackedMessage):
        return detail
    known = _DETAILS.get(detail.type_url.rpartition("/")[2])
    if known is None:
        return detail
    try:
        return known.from_binary(detail.value)
    except ValueError:
        return detail


class CanceledError(ApiError):
    """The call was cancelled."""

    code = ErrorCode.CANCELED


class UnknownError(ApiError):
    """It is not known what went wrong."""

    code = ErrorCode.UNKNOWN


class InvalidArgumentError(ApiError):
    """The request breaks a rule of the contract: see `violations`."""

    code = ErrorCode.INVALID_ARGUMENT


class DeadlineExceededError(ApiError):
    """The time that the call was given ran out; it may have been carried out."""

    code = ErrorCode.DEADLINE_EXCEEDED


class NotFoundError(ApiError):
    """What the request names does not exist, or the caller may not see it."""

    code = ErrorCode.NOT_FOUND


class AlreadyExistsError(ApiError):
    """What the request would create exists."""

    code = ErrorCode.ALREADY_EXISTS


class PermissionDeniedError(ApiError):
    """The caller may see it, and may not do that."""

    code = ErrorCode.PERMISSION_DENIED


class ResourceExhaustedError(ApiError):
    """A limit is reached: of calls a minute, of size, of a quota."""

    code = ErrorCode.RESOURCE_EXHAUSTED


class FailedPreconditionError(ApiError):
    """The state of things does not allow it now."""

    code = ErrorCode.FAILED_PRECONDITION


class AbortedError(ApiError):
    """Another change came between."""

    code = ErrorCode.ABORTED


class OutOfRangeError(ApiError):
    """The request goes past the end of what there is."""

    code = ErrorCode.OUT_OF_RANGE


class UnimplementedError(ApiError):
    """The server has no such rpc."""

    code = ErrorCode.UNIMPLEMENTED


class InternalError(ApiError):
    """The server, or what is between, is at fault."""

    code = ErrorCode.INTERNAL


class UnavailableError(ApiError):
    """The server cannot be reached, or takes no more calls now."""

    code = ErrorCode.UNAVAILABLE


class DataLossError(ApiError):
    """Data is lost or spoilt."""

    code = ErrorCode.DATA_LOSS


class UnauthenticatedError(ApiError):
    """The token is missing, unknown or expired."""

    code = ErrorCode.UNAUTHENTICATED


_CLASSES: Final[dict[ErrorCode, type[ApiError]]] = {
    subclass.code: subclass for subclass in ApiError.__subclasses__()
}


def error_of(
    code: ErrorCode, message: str, details: Sequence[Message] = (), metadata: Metadata | None = None
) -> ApiError:
    """Return the error of that code."""
    return _CLASSES[code](message, details=details, metadata=metadata)
