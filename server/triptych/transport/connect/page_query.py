"""`?token=` and `?pageSize=` on the URL of a call, which the JSON SDKs of gitpod.v1 page with."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qs

from protobuf import Message

from triptych.errors import invalid_field
from triptych_api.gitpod.v1.pagination_pb import PaginationRequest

_INT32: Final = re.compile(r"-?[0-9]{1,9}")


def override_page(request: Message, query: str) -> None:
    """Let the query win over `request.pagination`: the JSON SDKs repeat the body of the first page.

    Requests without `pagination` stay as they are, and so do other keys of the query.

    Raises:
        RpcError: INVALID_ARGUMENT if pageSize is not a number, or a key is given twice.
    """
    if "pagination" not in type(request).__slots__:
        return
    values = parse_qs(query, keep_blank_values=True)
    tokens, sizes = values.get("token"), values.get("pageSize")
    if not tokens and not sizes:
        return
    given: PaginationRequest = getattr(request, "pagination") or PaginationRequest()  # noqa: B009 - not every Message has one
    token, size = given.token, given.page_size
    if tokens:
        token = _single("pagination.token", tokens)
    if sizes:
        text = _single("pagination.page_size", sizes)
        if not _INT32.fullmatch(text):
            raise invalid_field("pagination.page_size", "pageSize in the URL must be an integer")
        size = int(text)
    setattr(request, "pagination", PaginationRequest(token=token, page_size=size))  # noqa: B010 - see above


def _single(field: str, values: list[str]) -> str:
    if len(values) > 1:
        raise invalid_field(field, "is given twice in the URL")
    return values[0]
