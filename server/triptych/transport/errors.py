"""An error in the wire shape of each protocol, side by side."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Sequence
from typing import Final

from protobuf import Message, Registry, message_to_json_value
from protobuf.wkt import Any

from triptych.errors import Code, Reason, RpcError
from triptych.rpc.call import Call
from triptych_api.google.rpc.error_details_pb import BadRequest, ErrorInfo
from triptych_api.google.rpc.status_pb import Status

DOMAIN: Final = "triptych"


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


_NOT_AS_IT_IS: Final = re.compile(rb"[^ -$&-~]")


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


CONNECT_STATUSES: Final = {
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
