"""What the documents API answers over REST: messages with short names of enum values, and flat errors."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, Final, NoReturn, TypeVar

from connectrpc.code import Code
from protobuf import (
    DescEnum,
    DescField,
    DescFieldValueEnum,
    DescFieldValueList,
    DescFieldValueMap,
    DescFieldValueMessage,
    DescMessage,
    Message,
)

from triptych_api.google.rpc.error_details_pb import BadRequest, ErrorInfo
from triptych_client.attempt import Attempt
from triptych_client.errors import error_of
from triptych_client.failure_texts import FailureTexts
from triptych_client.metadata import Metadata

Res = TypeVar("Res", bound=Message)

# As Connect reads an answer that is not its own.
_CODES: Final[dict[int, Code]] = {
    HTTPStatus.BAD_REQUEST: Code.INTERNAL,
    HTTPStatus.UNAUTHORIZED: Code.UNAUTHENTICATED,
    HTTPStatus.FORBIDDEN: Code.PERMISSION_DENIED,
    HTTPStatus.NOT_FOUND: Code.UNIMPLEMENTED,
    HTTPStatus.TOO_MANY_REQUESTS: Code.UNAVAILABLE,
    HTTPStatus.BAD_GATEWAY: Code.UNAVAILABLE,
    HTTPStatus.SERVICE_UNAVAILABLE: Code.UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT: Code.UNAVAILABLE,
}


def read_answer(status: int, body: bytes | bytearray, attempt: Attempt[Any, Res], texts: FailureTexts) -> Res:
    """Return the message that a response holds.

    Raises:
        ApiError: It holds an error, or nothing that the server would say.
    """
    message_class = attempt.method.output
    try:
        value = json.loads(body)
        if status != HTTPStatus.OK:
            _refuse(value, attempt.metadata)
        full = _with_full_names(value, message_class.desc())
        return message_class.from_json(json.dumps(full), ignore_unknown_fields=True)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        text = f"the answer is not Triptych's (HTTP status {status})"
        code = _CODES.get(status, Code.UNKNOWN)
        text = texts.of(code, text, attempt.metadata)
        raise error_of(code, text, (), attempt.metadata) from None


def _refuse(body: dict[str, Any], metadata: Metadata) -> NoReturn:
    """Raise the error that `{"code", "message", "details": [{"reason", "param", "request_id"}]}` tells."""
    message = body["message"]
    told = body.get("details") or []
    # The description of each violation is a part of the message; if there are many, it cannot be cut out.
    violations = [
        BadRequest.FieldViolation(
            field=each["param"],
            description=message.removeprefix(f"{each['param']}: "),
            reason=each["reason"].upper(),
        )
        for each in told
        if "param" in each
    ]
    details: list[Message] = [BadRequest(field_violations=violations)] if violations else []
    if told:
        details.append(ErrorInfo(reason=told[0]["reason"].upper()))
    raise error_of(Code(body["code"]), message, details, metadata)


def _with_full_names(value: Any, element: object) -> Any:
    """Return what JSON says of a message or an enum, with `ACCESS_LEVEL_PUBLIC` in the place of `public`."""
    match element, value:
        case DescEnum(), str():
            return next((each.name for each in element.values if each.local_name == value.upper()), value)
        case DescMessage(), dict():
            fields = {field.name: field for field in element.fields}
            return {
                name: _field_with_full_names(each, fields[name]) if name in fields else each
                for name, each in value.items()
            }
        case _:
            return value


def _field_with_full_names(value: Any, field: DescField) -> Any:
    match field.value:
        case DescFieldValueEnum(enum=element) | DescFieldValueMessage(message=element):
            return _with_full_names(value, element)
        case DescFieldValueList(element=element):
            return [_with_full_names(each, element) for each in value]
        case DescFieldValueMap(value=element):
            return {key: _with_full_names(each, element) for key, each in value.items()}
        case _:
            return value
