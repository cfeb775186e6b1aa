"""An error as REST shows it: a status, and a body in one of two shapes."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from typing import Any, Final

from protobuf import Message, Registry, message_to_json_value
from protobuf.wkt import Any as AnyMessage

from triptych.errors import Code, RpcError
from triptych.transport.errors import CONNECT_STATUSES
from triptych.transport.rest.writer import encode

STATUSES: Final = CONNECT_STATUSES
"""The HTTP status of each code, as google/rpc/code.proto has it, and Connect.

The caller knows when it is 405, 413 or 415 instead.
"""

DOCUMENTS_STATUSES: Final = {**STATUSES, Code.DEADLINE_EXCEEDED: 408}
"""What the API of documents answers."""

_INDEX: Final = re.compile(r"\[[0-9]+\]$")

# Clients of the API of documents know a closed set of codes at 400 and 500, without these two.
_SENT_AS: Final = {Code.OUT_OF_RANGE: Code.INVALID_ARGUMENT, Code.DATA_LOSS: Code.INTERNAL}


def status_body(error: RpcError, details: Sequence[Message], registry: Registry | None) -> bytes:
    """Write a google.rpc.Status: `{"code", "message", "details": [{"@type", ...}]}`, the code as its number.

    Args:
        error: The error.
        details: Its details.
        registry: The types that details may be of; others are left out, as no reader of ProtoJSON takes them.
    """
    shown: list[Any] = []
    for detail in details:
        packed = detail if isinstance(detail, AnyMessage) else AnyMessage.pack(detail)
        with contextlib.suppress(ValueError, TypeError):
            shown.append(message_to_json_value(packed, registry=registry))
    return encode({"code": int(error.code), "message": error.message, "details": shown})


def flat_body(error: RpcError, request_id: str) -> bytes:
    """Write `{"code", "message", "details": [{"reason", "param", "request_id"}]}`, as documents have it.

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
