"""An error as REST shows it: a status, and a flat body."""

from __future__ import annotations

import re
from typing import Any, Final

from triptych.errors import Code, RpcError
from triptych.transport.rest.writer import encode

STATUSES: Final = {
    Code.CANCELED: 499,
    Code.UNKNOWN: 500,
    Code.INVALID_ARGUMENT: 400,
    Code.DEADLINE_EXCEEDED: 408,
    Code.NOT_FOUND: 404,
    Code.ALREADY_EXISTS: 409,
    Code.PERMISSION_DENIED: 403,
    Code.RESOURCE_EXHAUSTED: 429,
    Code.FAILED_PRECONDITION: 400,
    Code.ABORTED: 409,
    Code.OUT_OF_RANGE: 400,
    Code.UNIMPLEMENTED: 501,
    Code.INTERNAL: 500,
    Code.UNAVAILABLE: 503,
    Code.DATA_LOSS: 500,
    Code.UNAUTHENTICATED: 401,
}
"""The HTTP status of each code. The caller knows when it is 405, 413 or 415 instead."""

_INDEX: Final = re.compile(r"\[[0-9]+\]$")

# Clients of this API know a closed set of codes at 400 and 500, without these two.
_SENT_AS: Final = {Code.OUT_OF_RANGE: Code.INVALID_ARGUMENT, Code.DATA_LOSS: Code.INTERNAL}


def error_body(error: RpcError, request_id: str) -> bytes:
    """Write `{"code", "message", "details": [{"reason", "param", "request_id"}]}`.

    There is a detail for each violation, with its field as `param` unless it concerns the whole request, or a
    single one without. The field is named as in a query: `source_format` for one of its values, too.
    """
    code = _SENT_AS.get(error.code, error.code).name.lower()
    told = [(violation.reason, violation.field) for violation in error.violations] or [(error.reason, "")]
    return encode(
        {
            "code": code,
            "message": error.message or code,  # clients require a text
            "details": [_detail(reason, param, request_id) for reason, param in told],
        }
    )


def unknown_path() -> RpcError:
    """Refuse a path that nothing is bound to: 404."""
    return RpcError(Code.NOT_FOUND, "nothing is found at this path")


def unknown_verb(allowed: tuple[str, ...]) -> RpcError:
    """Refuse a verb that the path is not bound to: 405, with the header `Allow`."""
    return RpcError(Code.UNIMPLEMENTED, f"this path allows {', '.join(allowed)} only")


def _detail(reason: str, param: str, request_id: str) -> dict[str, Any]:
    param_member = {"param": _INDEX.sub("", param)} if param else {}
    return {"reason": reason.lower(), **param_member, "request_id": request_id}
