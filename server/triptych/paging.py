"""Page tokens: one opaque, authenticated form for all lists."""

from __future__ import annotations

import base64
import hmac
import json
from binascii import b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from struct import Struct
from typing import Any, Final, TypeAlias

import orjson

from triptych.errors import Reason, RpcError, invalid_field
from triptych.rpc.call import Call
from triptych.store.queries import Position
from triptych_api.gitpod.v1.pagination_pb import PaginationRequest

Scalar: TypeAlias = int | str | None

_MAC_BYTES: Final = 12
_LENGTHS: Final = Struct(">3I")
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
_DEFAULT_SIZE: Final = 25


@dataclass(frozen=True, slots=True)
class Page:
    """Which page is asked for: what it follows (None for the first) and how many rows it may have."""

    after: Position | None
    size: int


class PageTokens:
    """Makes and reads page tokens.

    A token is base64url of a MAC and of what tells a position. The MAC binds the position to the rpc, the
    caller and the query (filters and sort), which are not in the token: with another one of them it does not
    fit.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def page(self, call: Call, query: bytes, pagination: PaginationRequest | None) -> Page:
        """Return the page that a request of gitpod.v1 asks for.

        Args:
            call: The call, for its rpc and caller.
            query: What else the token is bound to, as bytes.
            pagination: As in the request.

        Raises:
            RpcError: INVALID_ARGUMENT (INVALID_CURSOR) if the token is not one for this query.
        """
        if pagination is None:
            return Page(None, _DEFAULT_SIZE)
        after = None
        if pagination.token:
            after = Position(*self.open(call, query, pagination.token, "pagination.token"))
        return Page(after, pagination.page_size or _DEFAULT_SIZE)

    def make(self, call: Call, query: bytes, position: Position) -> str:
        """Return the token, for gitpod.v1, of the page that follows a position."""
        return self.seal(call, query, tuple(position))

    def seal(self, call: Call, query: bytes, values: Sequence[Scalar]) -> str:
        """Return a token that holds the values, for a call and a query."""
        try:
            payload = orjson.dumps(values)
        except TypeError:  # an instant that needs more than 64 bits
            payload = json.dumps(values, ensure_ascii=False).encode()
        text = b2a_base64(self._mac(call, query, payload) + payload, newline=False)
        return text.rstrip(b"=").translate(_URL_SAFE).decode()

    def open(self, call: Call, query: bytes, token: str, field: str) -> list[Any]:
        """Return the values in a token.

        Raises:
            RpcError: INVALID_ARGUMENT (INVALID_CURSOR), naming `field`.
        """
        try:
            data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except ValueError:
            raise _invalid(field) from None
        mac, payload = data[:_MAC_BYTES], data[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(call, query, payload)):
            raise _invalid(field)
        values: list[Any] = json.loads(payload)
        return values

    def _mac(self, call: Call, query: bytes, payload: bytes) -> bytes:
        path, caller = call.method.path.encode(), call.caller.id.encode()
        lengths = _LENGTHS.pack(len(path), len(caller), len(query))
        message = b"".join((lengths, path, caller, query, payload))
        return blake2b(message, digest_size=_MAC_BYTES, key=self._key).digest()


def _invalid(field: str) -> RpcError:
    return invalid_field(field, "is not a token of this list, filter and sort", Reason.INVALID_CURSOR)
