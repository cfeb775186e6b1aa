from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.calls import TEST_METHODS
from triptych.errors import Reason, RpcError
from triptych.paging import PageTokens, Scalar
from triptych.rpc.call import Call, Caller
from triptych.store.queries import Position
from triptych.store.records import SubjectRef
from triptych_api.gitpod.v1.identity_pb import Principal
from triptych_api.gitpod.v1.pagination_pb import PaginationRequest

TOKENS = PageTokens(b"k" * 32)
VALUES = st.lists(st.none() | st.integers() | st.text())


def call(caller: str = "ada", method: int = 0) -> Call:
    made = Call(TEST_METHODS[method], "grpc", [])
    made.caller = Caller(SubjectRef(caller, Principal.USER), "org", administrator=False, read_only=False)
    return made


def refused(tokens: PageTokens, made: Call, query: bytes, token: str) -> None:
    with pytest.raises(RpcError) as caught:
        tokens.open(made, query, token, "pagination.token")
    assert caught.value.reason == Reason.INVALID_CURSOR
    assert [violation.field for violation in caught.value.violations] == ["pagination.token"]


@given(VALUES, st.binary(max_size=50))
def test_a_token_gives_its_values_back(values: list[Scalar], query: bytes) -> None:
    token = TOKENS.seal(call(), query, values)
    assert TOKENS.open(call(), query, token, "f") == values
    assert token.isascii()
    assert not set(token) & set("+/= ")


@given(VALUES, st.binary(max_size=20), st.binary(max_size=20))
def test_a_token_fits_nothing_else(values: list[Scalar], query: bytes, other: bytes) -> None:
    token = TOKENS.seal(call(), query, values)
    refused(TOKENS, call("max"), query, token)
    refused(TOKENS, call(method=1), query, token)
    refused(PageTokens(b"x" * 32), call(), query, token)
    if other != query:
        refused(TOKENS, call(), other, token)


@given(VALUES, st.data())
def test_a_changed_token_is_refused(values: list[Scalar], data: Any) -> None:
    raw = bytearray(base64.urlsafe_b64decode(TOKENS.seal(call(), b"", values) + "=="))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    refused(TOKENS, call(), b"", base64.urlsafe_b64encode(raw).decode().rstrip("="))


@given(st.text())
def test_any_text_is_refused(text: str) -> None:
    refused(TOKENS, call(), b"", text)


def test_a_well_formed_payload_without_its_mac_is_refused() -> None:
    payload = b"\0" * 12 + json.dumps([1, "id"]).encode()
    refused(TOKENS, call(), b"", base64.urlsafe_b64encode(payload).decode())


@pytest.mark.parametrize("pagination", [None, PaginationRequest()])
def test_the_first_page_has_25_rows(pagination: PaginationRequest | None) -> None:
    page = TOKENS.page(call(), b"", pagination)
    assert (page.after, page.size) == (None, 25)


def test_a_page_follows_the_position_of_its_token() -> None:
    position = Position(7, "id")
    token = TOKENS.make(call(), b"", position)
    page = TOKENS.page(call(), b"", PaginationRequest(token=token, page_size=3))
    assert (page.after, page.size) == (position, 3)
