"""An error in the shape that each protocol gives it, side by side, and the statuses of HTTP."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Sequence
from typing import Final

import orjson
from protobuf import Message, Registry, message_to_json_value
from protobuf.wkt import Any

from triptych.errors import Code, Reason, RpcError
from triptych.rpc.call import Call
from triptych_api.google.rpc.error_details_pb import BadRequest, ErrorInfo
from triptych_api.google.rpc.status_pb import Status

DOMAIN: Final = "triptych"

STATUSES: Final = {
    Code.CANCELED: 499,
    Code.UNKNOWN: 500,
    Code.INVALID_ARGUMENT: 400,
    Code.DEADLINE_EXCEEDED: 504,
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
"""The status of each code, as google/rpc/code.proto and Connect have it.

REST answers 405, 413 and 415 where that is what is wrong.
"""

DOCUMENTS_STATUSES: Final = {**STATUSES, Code.DEADLINE_EXCEEDED: 408}
"""What the API of documents answers."""

_NOT_AS_IT_IS: Final = re.compile(rb"[^ -$&-~]")
_INDEX: Final = re.compile(r"\[[0-9]+\]$")
# Clients of the API of documents know a closed set of codes at 400 and 500, without these two.
_SENT_AS: Final = {Code.OUT_OF_RANGE: Code.INVALID_ARGUMENT, Code.DATA_LOSS: Code.INTERNAL}


def details(error: RpcError, call: Call) -> Sequence[Message]:
    """Return the details of an error: its own if it has any, else BadRequest for violations and ErrorInfo."""
    return details_of(error, call.request_id, standard=call.method.standard_details)


def details_of(error: RpcError, request_id: str, *, standard: bool = True) -> Sequence[Message]:
    """Return the details of an error: its own if it has any, else the standard ones if they are wanted."""
    if error.details is not None:
        return error.details
    if not standard:
        return []
    info = ErrorInfo(reason=error.reason, domain=DOMAIN, metadata={"request_id": request_id})
    if not error.violations:
        return [info]
    violations = [
        BadRequest.FieldViolation(
            field=violation.field, description=violation.description, reason=violation.reason
        )
        for violation in error.violations
    ]
    return [BadRequest(field_violations=violations), info]


def grpc_status(error: RpcError, call: Call) -> bytes:
    """Return the google.rpc.Status of an error, for `grpc-status-details-bin`; empty without details."""
    packed = [detail if isinstance(detail, Any) else Any.pack(detail) for detail in details(error, call)]
    if not packed:
        return b""
    return Status(code=int(error.code), message=error.message, details=packed).to_binary()


def grpc_message(text: str) -> bytes:
    """Return a text as `grpc-message` has it: percent-encoded where PROTOCOL-HTTP2.md of gRPC demands it."""
    return _NOT_AS_IT_IS.sub(lambda match: b"%%%02X" % match[0][0], text.encode("utf-8", "replace"))


def connect_error(error: RpcError, call: Call, registry: Registry) -> dict[str, object]:
    """Return the JSON of a Connect error; `registry` has the types that its details may hold."""
    shown = [_connect_detail(detail, registry) for detail in details(error, call)]
    return {"code": error.code.name.lower(), "message": error.message, "details": shown}


def connect_body(error: RpcError, call: Call, registry: Registry) -> bytes:
    """Return the JSON body of a Connect error."""
    return json.dumps(connect_error(error, call, registry)).encode()


def _connect_detail(detail: Message, registry: Registry) -> dict[str, object]:
    if isinstance(detail, Any):
        return {"type": detail.type_url.rpartition("/")[2], "value": _base64(detail.value)}
    shown: dict[str, object] = {"type": detail.desc().type_name, "value": _base64(detail.to_binary())}
    with contextlib.suppress(ValueError, TypeError):  # it may hold a type that is not known here
        shown["debug"] = message_to_json_value(detail, registry=registry)
    return shown


def _base64(data: bytes) -> str:
    return base64.b64encode(data).rstrip(b"=").decode()


def challenge(error: RpcError) -> list[tuple[bytes, bytes]]:
    """Return the header that tells how to authenticate, where that is what is wrong (RFC 6750, section 3)."""
    if error.code is not Code.UNAUTHENTICATED:
        return []
    given = error.reason != Reason.MISSING_API_KEY
    return [(b"www-authenticate", b'Bearer error="invalid_token"' if given else b"Bearer")]


def connect_refusal(code: str, message: str) -> bytes:
    """Return the JSON body for a request that no protocol can answer: it has no details."""
    return json.dumps({"code": code, "message": message}).encode()


def status_body(error: RpcError, details: Sequence[Message], registry: Registry | None) -> bytes:
    """Write a google.rpc.Status: `{"code", "message", "details": [{"@type", ...}]}`, the code as its number.

    Args:
        error: The error.
        details: Its details.
        registry: The types that details may be of; others are left out, as no reader of ProtoJSON takes them.
    """
    shown: list[object] = []
    for detail in details:
        packed = detail if isinstance(detail, Any) else Any.pack(detail)
        with contextlib.suppress(ValueError, TypeError):
            shown.append(message_to_json_value(packed, registry=registry))
    return orjson.dumps({"code": int(error.code), "message": error.message, "details": shown})


def flat_body(error: RpcError, request_id: str) -> bytes:
    """Write `{"code", "message", "details": [{"reason", "param", "request_id"}]}`, as documents have it.

    There is a detail for each violation, with its field as `param` unless it concerns the whole request, or a
    single one without. The field is named as in a query: `source_format` for one of its values, too.
    """
    code = _SENT_AS.get(error.code, error.code).name.lower()
    told = [(violation.reason, violation.field) for violation in error.violations] or [(error.reason, "")]
    return orjson.dumps(
        {
            "code": code,
            "message": error.message or code,  # clients require a text
            "details": [_detail(reason, param, request_id) for reason, param in told],
        }
    )


def _detail(reason: str, param: str, request_id: str) -> dict[str, object]:
    param_member = {"param": _INDEX.sub("", param)} if param else {}
    return {"reason": reason.lower(), **param_member, "request_id": request_id}
