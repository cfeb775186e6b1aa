"""The operations of Connect: unary rpcs in JSON, as POST, and as GET where nothing changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from protobuf import DescMethod

from triptych.openapi.examples import sample_of
from triptych.openapi.operations import operation
from triptych.openapi.scalars import Schema
from triptych.openapi.schemas import Schemas
from triptych.rpc.methods import Method

_HEADERS: Final[list[Schema]] = [
    {
        "name": "Connect-Protocol-Version",
        "in": "header",
        "description": "The version of the protocol.",
        "schema": {"type": "string", "const": "1"},
    },
]


def connect_operations(
    desc: DescMethod, method: Method, id: str, comment: str, schemas: Schemas
) -> Iterator[tuple[str, str, Schema]]:
    """Yield the path, the verb and the operation of each way to call a unary method."""
    request = schemas.ref(desc.input, "input")
    response = schemas.ref(desc.output, "output")
    sample = sample_of(desc.input, schemas.spelling.key)
    yield (
        method.path,
        "post",
        operation(
            desc,
            method,
            id=id,
            comment=comment,
            parameters=[*_HEADERS],
            body={"application/json": {"schema": request, "example": sample}},
            response=response,
            shape="connect",
        ),
    )
    if method.no_side_effects:
        yield (
            method.path,
            "get",
            operation(
                desc,
                method,
                id=f"{id}ByGet",
                comment=comment,
                parameters=[
                    {
                        "name": "encoding",
                        "in": "query",
                        "required": True,
                        "description": "How the message is written.",
                        "schema": {"type": "string", "const": "json"},
                    },
                    {
                        "name": "message",
                        "in": "query",
                        "required": True,
                        "description": "The request message.",
                        "content": {"application/json": {"schema": request, "example": sample}},
                    },
                ],
                body=None,
                response=response,
                shape="connect",
            ),
        )
