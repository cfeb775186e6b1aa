"""Errors as each face answers with them: their schemas, and the responses of an operation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, TypeAlias

from triptych.errors import Code, Reason
from triptych.openapi.scalars import Schema
from triptych.rpc.methods import Method
from triptych.transport.errors import DOCUMENTS_STATUSES, STATUSES

ErrorShape: TypeAlias = Literal["flat", "status", "connect"]

_REASONS: Final = [value for name, value in vars(Reason).items() if name.isupper()]
_CODES: Final = [code.name.lower() for code in Code if code is not Code.OK]
_OF_EVERY_CALL: Final = (
    Code.INVALID_ARGUMENT,
    Code.NOT_FOUND,
    Code.DEADLINE_EXCEEDED,
    Code.RESOURCE_EXHAUSTED,
    Code.INTERNAL,
    Code.UNAVAILABLE,
)
_WITH_TOKEN: Final = (Code.UNAUTHENTICATED, Code.PERMISSION_DENIED)
_TEXTS: Final[Mapping[int, str]] = {
    400: "What is asked for cannot be understood, breaks a rule, or cannot be done in the state of things.",
    401: "The token is missing, malformed, unknown or expired.",
    403: "The caller may not do that.",
    404: "There is no such thing that the caller may see.",
    408: "It took longer than the request allowed.",
    413: "The request is larger than the server takes.",
    414: "The URL is longer than the server takes.",
    415: "The media type or the coding of the body is not taken here.",
    429: "The caller's rate, a quota or a size is exceeded; `Retry-After` tells when a rate is not.",
    500: "A fault of the server.",
    503: "The server has no room for the call, or stops; a later try may succeed.",
    504: "It took longer than the request allowed.",
}
_TEXT: Final[Schema] = {"type": "string"}
_DETAIL: Final[Schema] = {
    "type": "object",
    "properties": {
        "reason": {"type": "string", "enum": [reason.lower() for reason in _REASONS]},
        "param": {**_TEXT, "description": "The parameter or field, if one is wrong."},
        "request_id": {**_TEXT, "description": "What the log calls the request."},
    },
    "required": ["reason", "request_id"],
    "additionalProperties": False,
}
_FLAT: Final[Schema] = {
    "type": "object",
    "properties": {
        "code": {"type": "string", "enum": _CODES},
        "message": {**_TEXT, "minLength": 1},
        "details": {"type": "array", "items": {"$ref": "#/components/schemas/ErrorDetail"}},
    },
    "required": ["code", "message"],
    "additionalProperties": False,
}
_STATUS: Final[Schema] = {
    "type": "object",
    "description": "google.rpc.Status.",
    "properties": {
        "code": {
            "type": "integer",
            "minimum": 1,
            "maximum": 16,
            "description": "The number of google.rpc.Code.",
        },
        "message": _TEXT,
        "details": {
            "type": "array",
            "description": "google.rpc.ErrorInfo, with a reason, and google.rpc.BadRequest, with the fields.",
            "items": {"type": "object", "properties": {"@type": _TEXT}, "required": ["@type"]},
        },
    },
    "required": ["code", "message"],
}
_CONNECT: Final[Schema] = {
    "type": "object",
    "properties": {
        "code": {"type": "string", "enum": _CODES},
        "message": _TEXT,
        "details": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "type": {**_TEXT, "examples": ["google.rpc.ErrorInfo", "google.rpc.BadRequest"]},
                    "value": {**_TEXT, "contentEncoding": "base64"},
                    "debug": {"type": "object", "description": "The detail as JSON."},
                },
                "required": ["type", "value"],
            },
        },
    },
    "required": ["code"],
}
NAMES: Final = frozenset({"Error", "ErrorDetail", "Status", "ConnectError"})
"""What messages cannot be named."""

SCHEMAS: Final[Mapping[ErrorShape, Mapping[str, Schema]]] = {
    "flat": {"Error": _FLAT, "ErrorDetail": _DETAIL},
    "status": {"Status": _STATUS},
    "connect": {"ConnectError": _CONNECT},
}
"""The components of each shape, the error itself first."""

_REQUEST_ID: Final[Schema] = {
    "X-Request-Id": {"description": "What the log calls the request.", "schema": _TEXT}
}


def success_headers(method: Method) -> Schema:
    """Return the headers of every response of a method."""
    if method.limits is None:
        return dict(_REQUEST_ID)
    of_minute = f"{method.limits.calls} calls a minute, where the server limits rates"
    if method.creates:
        of_minute += f", {method.limits.creations} of them creating"
    number = {"type": "integer"}
    return {
        **_REQUEST_ID,
        "X-RateLimit-Limit": {"description": f"The limit: {of_minute}.", "schema": number},
        "X-RateLimit-Remaining": {"description": "How many calls are left in this minute.", "schema": number},
        "X-RateLimit-Reset": {
            "description": "When the next minute begins, in Unix seconds.",
            "schema": number,
        },
    }


def error_responses(method: Method, shape: ErrorShape, *, has_body: bool) -> dict[str, Any]:
    """Return the responses of a method that are errors, by their statuses."""
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{next(iter(SCHEMAS[shape]))}"}}}
    responses: dict[str, Any] = {}
    for status in _statuses(method, shape, has_body=has_body):
        headers = success_headers(method) if status == 429 else dict(_REQUEST_ID)  # noqa: PLR2004 - Too Many Requests
        if status == 401:  # noqa: PLR2004 - Unauthorized
            headers["WWW-Authenticate"] = {"description": "How to authenticate.", "schema": _TEXT}
        if status == 429 and method.limits is not None:  # noqa: PLR2004
            headers["Retry-After"] = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
        responses[str(status)] = {"description": _TEXTS[status], "headers": headers, "content": content}
    return responses


def _statuses(method: Method, shape: ErrorShape, *, has_body: bool) -> Iterable[int]:
    known = DOCUMENTS_STATUSES if shape == "flat" else STATUSES
    codes = (*_OF_EVERY_CALL, *(_WITH_TOKEN if method.needs_token else ()))
    found = {known[code] for code in codes}
    if not has_body:
        found.add(414)
    if shape == "connect":
        found.add(415)
    elif has_body:
        found |= {413, 415}
    return sorted(found)
