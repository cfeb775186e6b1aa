"""What operations of both faces have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from protobuf import DescMethod

from triptych.openapi.comments import summary
from triptych.openapi.errors import ErrorShape, error_responses, success_headers
from triptych.openapi.scalars import Schema
from triptych.rpc.methods import Method

SECURITY: Mapping[str, Any] = {
    "bearerAuth": {"type": "http", "scheme": "bearer", "description": "A personal access token."}
}


def operation(
    desc: DescMethod,
    method: Method,
    *,
    id: str,
    comment: str,
    parameters: list[Any],
    body: Mapping[str, Any] | None,
    response: Schema,
    shape: ErrorShape,
    body_may_be_empty: bool = False,
) -> Schema:
    """Return the operation of a method.

    Args:
        desc: The method in the contract.
        method: The method in the table.
        id: What generators name it.
        comment: What the contract says about it.
        parameters: Its parameters.
        body: The content of its request, by media types; None if it has none.
        response: The schema of its response.
        shape: How its errors look.
        body_may_be_empty: Whether no content at all is content, too.
    """
    answer = {
        "description": "The call succeeded.",
        "headers": success_headers(method),
        "content": {"application/json": {"schema": response}},
    }
    request_body = {**({} if body_may_be_empty else {"required": True}), "content": body}
    return {
        "operationId": id,
        "tags": [desc.parent.name],
        **({"summary": summary(comment), "description": comment} if comment else {"summary": desc.name}),
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": request_body} if body is not None else {}),
        "responses": {"200": answer, **error_responses(method, shape, has_body=body is not None)},
        **({"deprecated": True} if desc.deprecated else {}),
        "security": [{"bearerAuth": []}] if method.needs_token else [],
    }


def operation_ids(methods: Iterable[DescMethod]) -> Mapping[DescMethod, str]:
    """Return a name for each method: its own, with that of its service before it if others share it."""
    listed = list(methods)
    counted = Counter(each.name for each in listed)
    return {
        each: _camel(each.name if counted[each.name] == 1 else each.parent.name + each.name)
        for each in listed
    }


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]
