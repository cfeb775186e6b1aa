"""A client of REST that looks like the others: it reads the google.api.http rules as a stranger would."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
from google.api import annotations_pb2
from google.protobuf import json_format
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.rpc import error_details_pb2

from support import generated
from support.api import CallError, Headers


class RestTransport:
    """httpx, with the rules of the contract."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def call(
        self, service: str, rpc: str, request: Any, response: type, headers: Headers, timeout: float | None
    ) -> tuple[Any, Headers]:
        """Call an rpc by its first rule."""
        rule = generated.contract().method(f"{service}/{rpc}").GetOptions().Extensions[annotations_pb2.http]
        verb = rule.WhichOneof("pattern")
        fields = json_format.MessageToDict(request, preserving_proto_field_name=True)
        fields = spell(request.DESCRIPTOR, fields, short)
        path = re.sub(r"{(\w+)}", lambda match: fields.pop(match[1], ""), getattr(rule, verb))
        query = "" if rule.body else urlencode(list(flat(fields)))
        if timeout is not None:
            headers = {**headers, "x-server-timeout": str(timeout)}
        reply = await self._http.request(
            verb.upper(), path, params=query, json=fields if rule.body else None, headers=headers
        )
        if reply.status_code != 200:
            raise error_of(reply)
        message = response()
        body = spell(message.DESCRIPTOR, reply.json(), full)
        return json_format.ParseDict(body, message), dict(reply.headers)


def error_of(reply: httpx.Response) -> CallError:
    """Return what the flat body of an error says, as the other transports say it."""
    body = reply.json()
    details = body["details"]
    violations = [
        error_details_pb2.BadRequest.FieldViolation(field=item["param"], description=body["message"])
        for item in details
        if "param" in item
    ]
    packed = [AnyMessage() for _ in range(2)]
    packed[0].Pack(error_details_pb2.BadRequest(field_violations=violations))
    packed[1].Pack(error_details_pb2.ErrorInfo(reason=details[0]["reason"].upper(), domain="triptych"))
    return CallError(body["code"], body["message"], packed if violations else packed[1:], dict(reply.headers))


def flat(fields: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the query parameters of a message: dotted names, repeated ones repeated."""
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        else:
            for item in value if isinstance(value, list) else [value]:
                yield prefix + name, item if isinstance(item, str) else json.dumps(item)


def spell(message: Descriptor, fields: dict[str, Any], enum: Any) -> dict[str, Any]:
    """Return the JSON of a message with its enum values spelled another way."""
    return {name: _value(message.fields_by_name[name], value, enum) for name, value in fields.items()}


def _value(field: FieldDescriptor, value: Any, enum: Any) -> Any:
    if isinstance(value, list):
        return [_value(field, item, enum) for item in value]
    if field.enum_type is not None:
        return enum(field, value)
    if isinstance(value, dict) and field.message_type is not None:
        return spell(field.message_type, value, enum)
    return value


def short(field: FieldDescriptor, name: str) -> str:
    """Return `private` for ACCESS_LEVEL_PRIVATE."""
    return name.removeprefix(_prefix(field)).lower()


def full(field: FieldDescriptor, name: str) -> str:
    """Return ACCESS_LEVEL_PRIVATE for `private`."""
    return _prefix(field) + name.upper()


def _prefix(field: FieldDescriptor) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", field.enum_type.name).upper() + "_"
