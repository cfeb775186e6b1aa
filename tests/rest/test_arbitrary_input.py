"""Whatever comes in, it is read or refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codec.strategies import json_values
from rest.library import ROUTERS, found
from rest.settings import SETTINGS
from triptych.errors import Code, RpcError
from triptych.rpc.methods import RestDialect
from triptych.transport.rest.router import Match

VERBS = ["GET", "PUT", "PATCH", "POST", "LOCK", "BREW"]
KEYS = [
    "a_string",
    "strings",
    "a_message.a_bool",
    "choice_int",
    "a_time",
    "colours",
    "x",
    "book.name",
    "a_mask",
]
VALUES = ["", "1", "true", "red", "2024-05-01T12:00:00Z", "%C3%BC", "%", "%FF", "+", "\ud7ff", "a,b", "AAAA"]

paths = st.binary(max_size=30).map(b"/v1/".__add__) | st.lists(
    st.sampled_from(
        [b"v1", b"books", b"shelves", b"search", b"files", b"red", b"1", b"%2F", b"%", b"", b"x:purge"]
    ),
    max_size=6,
).map(lambda pieces: b"/" + b"/".join(pieces))
pieces = st.tuples(st.sampled_from(KEYS), st.sampled_from(VALUES)).map("=".join).map(str.encode)
queries = st.lists(pieces | st.binary(max_size=8), max_size=5).map(b"&".join)
bodies = (
    st.binary(max_size=20)
    | json_values.map(json.dumps).map(str.encode)
    | st.sampled_from([b"", b"{}", b"[]", b"null"])
)


def tried(call: Any, *arguments: Any) -> Any:
    try:
        return call(*arguments)
    except RpcError as error:
        assert error.code in {Code.INVALID_ARGUMENT, Code.RESOURCE_EXHAUSTED}
        error.message.encode()
        for violation in error.violations:
            violation.field.encode()
        return None


@SETTINGS
@given(verb=st.sampled_from(VERBS), path=paths, query=queries, body=bodies)
@pytest.mark.parametrize("dialect", ["documents", "protojson"])
def test_requests(dialect: RestDialect, verb: str, path: bytes, query: bytes, body: bytes) -> None:
    found = ROUTERS[dialect].find(verb, path)
    if isinstance(found, Match):
        tried(found.target.bind, found.variables, query, body)
    elif found is not None:
        assert (found.status, bool(found.allowed)) in {(400, False), (404, False), (405, True)}
    known = ROUTERS[dialect].dialect_of(path)
    assert known is (found.target.dialect if isinstance(found, Match) else found and found.dialect)


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/v1/search"),
        ("GET", "/v1/more"),
        ("PUT", "/v1/search"),
        ("PUT", "/v1/search/x"),
        ("PATCH", "/v1/shelves/1/books/2"),
        ("PUT", "/v1/shelves/1/tags"),
    ],
)
@SETTINGS
@given(query=queries, body=bodies)
def test_queries_and_bodies(verb: str, path: str, query: bytes, body: bytes) -> None:
    match = found(verb, path)
    tried(match.target.bind, match.variables, query, body)
    tried(match.target.bind, match.variables, query, b"")


@SETTINGS
@given(
    texts=st.lists(st.tuples(st.sampled_from(KEYS) | st.text(max_size=5), st.text(max_size=5)), max_size=5)
)
def test_forms(texts: list[tuple[str, str]]) -> None:
    match = found("PUT", "/v1/search/x")
    tried(match.target.bind_form, match.variables, b"", texts)
