"""Every rule of the contract compiles and can be evaluated: some mistakes show at the first call only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from protobuf import (
    DescEnum,
    DescField,
    DescFieldValueEnum,
    DescFieldValueList,
    DescFieldValueMap,
    DescFieldValueMessage,
    DescFieldValueScalar,
    DescMessage,
    DescOneof,
    Message,
    Oneof,
    ScalarType,
)

from triptych.errors import RpcError
from triptych.rpc.validation import RequestValidator
from triptych_api.gitpod.v1 import project_service_pb, user_service_pb
from triptych_api.triptych.seed.v1 import seed_pb

SERVICES = [*user_service_pb.desc().services, *project_service_pb.desc().services]


def filled(desc: DescMessage, depth: int = 0) -> Message:
    """Return a message with something in every field, so that every rule has a value to look at."""
    message = desc.type()
    for field in desc.fields:
        match field.value:
            case DescFieldValueList(element=element):
                setattr(message, field.local_name, [sample(element, depth)])
            case DescFieldValueMap(value=element):
                setattr(message, field.local_name, {"x": sample(element, depth)})
            case DescFieldValueMessage(message=element) | DescFieldValueEnum(enum=element) as value:
                put(message, field, value.oneof, sample(element, depth))
            case DescFieldValueScalar(scalar=element, oneof=oneof):
                put(message, field, oneof, sample(element, depth))
    return message


def put(message: Message, field: DescField, oneof: DescOneof | None, content: Any) -> None:
    if oneof is None:
        setattr(message, field.local_name, content)
    else:
        setattr(message, oneof.local_name, Oneof(field.local_name, content))


def sample(element: DescMessage | DescEnum | ScalarType, depth: int) -> Any:
    match element:
        case DescMessage():
            return filled(element, depth + 1) if depth < 6 else element.type()
        case DescEnum():
            return element.type(1)
        case _:
            return {ScalarType.STRING: "x", ScalarType.BYTES: b"x", ScalarType.BOOL: True}.get(element, 1)


def messages() -> Iterator[DescMessage]:
    for service in SERVICES:
        for method in service.methods:
            yield from (method.input, method.output)
    yield from seed_pb.desc().messages


@pytest.mark.parametrize("desc", list(messages()), ids=lambda desc: desc.type_name)
def test_every_rule_can_be_evaluated(desc: DescMessage) -> None:
    validator = RequestValidator()
    validator.warm([desc.type])
    for message in (desc.type(), filled(desc)):
        try:
            validator.check(message)
        except RpcError as error:
            assert all(violation.description for violation in error.violations)
