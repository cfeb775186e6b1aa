"""What Connect has in the query of a URL: the message of a GET request, and the page that SDKs ask for."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs

from protobuf import DescFieldValueMessage, Message

from triptych.errors import Code, RpcError, invalid_field
from triptych.transport.http.compression import coding_of, decompressed
from triptych_api.gitpod.v1.pagination_pb import PaginationRequest

_INT32: Final = re.compile(r"-?[0-9]{1,9}")
_BASE64: Final = re.compile(r"[A-Za-z0-9_-]*")
_PAGINATION: Final = "pagination"


@dataclass(frozen=True, slots=True)
class GetQuery:
    """The query of a GET request (Connect's protocol, "Unary-Get-Request").

    Attributes:
        values: The first value of each key.
    """

    values: dict[str, str]

    @classmethod
    def of(cls, query: bytes) -> GetQuery:
        """Read a query.

        Raises:
            RpcError: INVALID_ARGUMENT if it is not text.
        """
        try:
            found = parse_qs(query.decode(), keep_blank_values=True, errors="strict")
        except UnicodeDecodeError:
            raise RpcError(Code.INVALID_ARGUMENT, "the query of the URL is not valid UTF-8") from None
        return cls({key: values[0] for key, values in found.items()})

    def message(self, limit: int) -> bytes:
        """Return the message.

        Raises:
            RpcError: INVALID_ARGUMENT if there is none, or it is not in base64 as it should be;
                UNIMPLEMENTED for an unknown compression; RESOURCE_EXHAUSTED beyond `limit` bytes.
        """
        if self.values.get("connect", "v1") != "v1":
            raise RpcError(Code.INVALID_ARGUMENT, "connect in the URL must be v1 if it is given")
        text = self.values.get("message")
        if text is None:
            raise RpcError(Code.INVALID_ARGUMENT, "message is missing in the URL of a GET request")
        data = _from_base64(text) if self.values.get("base64") == "1" else text.encode()
        coding = coding_of(self.values.get("compression", "").encode())
        return decompressed(data, coding, limit) if coding else data


def _from_base64(text: str) -> bytes:
    """Decode base64 with the alphabet for URLs, with all of its padding or none (RFC 4648, section 5).

    Each message has one spelling, or two with the padding: bits that no byte has must be 0 (section 3.5).
    """
    bare = text.rstrip("=")
    if (
        _BASE64.fullmatch(bare)
        and len(bare) % 4 != 1
        and len(text) in (len(bare), len(bare) + -len(bare) % 4)
    ):
        data = urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
        if urlsafe_b64encode(data).rstrip(b"=") == bare.encode():
            return data
    raise RpcError(Code.INVALID_ARGUMENT, "message in the URL is not base64 with the alphabet for URLs")


def takes_page(message_class: type[Message]) -> bool:
    """Tell whether requests of a type have the pagination of gitpod.v1."""
    for field in message_class.desc().fields:
        match field.value:
            case DescFieldValueMessage(message=message) if field.name == _PAGINATION:
                return message.type_name == PaginationRequest.desc().type_name
    return False


def override_page(request: Message, query: bytes) -> None:
    """Let `?token=` and `?pageSize=` win over `request.pagination`.

    The JSON SDKs repeat the body of the first page. Other keys of the query do not count.

    Raises:
        RpcError: INVALID_ARGUMENT if pageSize is not a number, or a key is given twice.
    """
    values = parse_qs(query.decode("utf-8", "replace"), keep_blank_values=True)
    tokens, sizes = values.get("token"), values.get("pageSize")
    if not tokens and not sizes:
        return
    given: PaginationRequest = getattr(request, _PAGINATION) or PaginationRequest()
    token, size = given.token, given.page_size
    if tokens:
        token = _single("pagination.token", tokens)
    if sizes:
        text = _single("pagination.page_size", sizes)
        if not _INT32.fullmatch(text):
            raise invalid_field("pagination.page_size", "pageSize in the URL must be an integer")
        size = int(text)
    setattr(request, _PAGINATION, PaginationRequest(token=token, page_size=size))


def _single(field: str, values: list[str]) -> str:
    if len(values) > 1:
        raise invalid_field(field, "is given twice in the URL")
    return values[0]
