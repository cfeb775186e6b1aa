"""What paths, queries and bodies make together."""

from __future__ import annotations

from typing import Any

import pytest
from protobuf import Oneof

from codec.refusals import refusal, violations
from rest.library import (
    Book,
    BookResponse,
    ChangeBookRequest,
    Codes,
    GetBookRequest,
    Kinds,
    Timestamp,
    bound,
    found,
)
from triptych.errors import Code, Reason

SHELF = "/v1/shelves/1"


@pytest.mark.parametrize(
    ("verb", "url", "body", "request_message"),
    [
        ("GET", f"{SHELF}/books/2%2F3%20", b"", GetBookRequest(name="shelves/1/books/2%2F3 ")),
        ("GET", "/v1/books/2%2F3%20?", b"", GetBookRequest(name="2/3 ")),
        ("LOCK", "/v1/books/x", b"", GetBookRequest(name="x")),
        ("POST", f"{SHELF}/books?dry_run=true&tags=a", b'{"title": "t"}',
            ChangeBookRequest(parent="shelves/1", book=Book(title="t"), dry_run=True, tags=["a"])),
        ("POST", f"{SHELF}/books", b" {} ", ChangeBookRequest(parent="shelves/1", book=Book())),
        ("POST", f"{SHELF}/books", b"null", ChangeBookRequest(parent="shelves/1")),
        ("PATCH", f"{SHELF}/books/2?parent=x", b'{"title": "t", "status": "new"}',
            ChangeBookRequest(parent="x", book=Book(name="shelves/1/books/2", title="t", status=1))),
        ("PATCH", f"{SHELF}/books/2", b"null", ChangeBookRequest(book=Book(name="shelves/1/books/2"))),
        ("PATCH", f"{SHELF}/books/2", b'{"name": "shelves/1/books/2"}',
            ChangeBookRequest(book=Book(name="shelves/1/books/2"))),
        ("PUT", "/v1/books/2", b'{"book": {"name": "", "title": "t"}, "dryRun": true}',
            ChangeBookRequest(book=Book(name="2", title="t"), dry_run=True)),
        ("PUT", "/v1/books/2", b"{}", ChangeBookRequest(book=Book(name="2"))),
        ("PUT", "/v1/books/2", b"", ChangeBookRequest(book=Book(name="2"))),
        ("PUT", f"{SHELF}/tags?dry_run=false", b'["a", "b"]',
            ChangeBookRequest(parent="shelves/1", tags=["a", "b"])),
        ("POST", f"{SHELF}/books/2:purge", b"{}", ChangeBookRequest(book=Book(name="shelves/1/books/2"))),
        ("GET", "/v1/search/red/-5/x/true?a_message.a_string=y", b"",
            Kinds(a_colour=1, an_int32=-5, choice=Oneof("choice_string", "x"),
                a_message=Kinds(a_bool=True, a_string="y"))),
        ("POST", "/v1/codes/one/ok", b"{}", Codes(version=1, code=0)),
        ("GET", "/v1/since/1714564800?a_time.nanos=0", b"", Kinds(a_time=Timestamp(seconds=1714564800))),
        ("PUT", "/v1/search/x", b'{"a_bool": true, "choice_string": "x"}',
            Kinds(a_bool=True, choice=Oneof("choice_string", "x"))),
    ],
)  # fmt: skip
def test_requests(verb: str, url: str, body: bytes, request_message: Any) -> None:
    assert bound(verb, url, body) == request_message


@pytest.mark.parametrize(
    ("verb", "url", "body", "told"),
    [
        ("GET", "/v1/search/blue/x/y/1", b"", {
            "a_colour": 'must be one of red, infrared, far, not "blue"',
            "an_int32": 'must be a whole number, not "x"',
            "a_message.a_bool": 'must be true or false, not "1"',
        }),
        ("GET", "/v1/since/1?a_time=2024-05-01T12:00:00Z", b"", {"a_time": "is given by the path already"}),
        ("GET", "/v1/since/-62135596801", b"", {
            "a_time": "must be a timestamp of the years 0001 to 9999, with nanos from 0 to 999999999"
        }),
        ("GET", "/v1/search/red/x/y/true?a_string=1&a_string=2", b"", {
            "an_int32": 'must be a whole number, not "x"',
            "a_string": "is given more than once",
        }),
        ("GET", "/v1/books/x?name=x", b"", {"name": "is given by the path already"}),
        ("GET", "/v1/books/x", b" ", {"": "the request must not have a body: the URL gives all fields"}),
        ("PUT", "/v1/books/x?dry_run=true&y=1&book.name=z", b"{}", {
            "dry_run": "is to be given in the body, not in the query",
            "y": "is no field of rest.test.ChangeBookRequest",
            "book.name": "is given by the path already",
        }),
        ("PATCH", f"{SHELF}/books/2?book.title=t&book=x", b"{}", {
            "book.title": "is to be given in the body, not in the query",
            "book": "is to be given in the body, not in the query",
        }),
        ("PATCH", f"{SHELF}/books/2", b'{"name": "3"}',
            {"book.name": "must not differ from what the path gives"}),
        ("PUT", "/v1/books/2", b'{"book": {"name": "3"}}',
            {"book.name": "must not differ from what the path gives"}),
        ("POST", "/v1/codes/one/bad", b'{"code": "ok"}',
            {"code": "must not differ from what the path gives"}),
        ("PUT", "/v1/search/x", b'{"choice_int": "3"}', {
            "choice_string": "must not be given together with another field of the oneof choice",
        }),
        ("PUT", "/v1/search?choice_string=x&choice_int=3", b"{}", {
            "choice_int": "must not be given together with another field of the oneof choice",
        }),
        ("PATCH", f"{SHELF}/books/2", b'{"x": 1, "title": 2, "status": "NEW"}', {
            "book.x": "is no field of rest.test.Book",
            "book.title": "must be a string, not 2",
            "book.status": 'must be one of new, not "NEW"',
        }),
        ("PATCH", f"{SHELF}/books/2", b'{"title": "a", "title": "b"}',
            {"book.title": "is given more than once"}),
        ("PUT", "/v1/books/2", b'{"dry_run": true, "dryRun": true}',
            {"dry_run": "is given twice, in two spellings of its name"}),
        ("PATCH", f"{SHELF}/books/2", b"[]", {"book": "must be an object, not an array"}),
        ("PUT", f"{SHELF}/tags", b'["a", 1]', {"tags[1]": "must be a string, not 1"}),
        ("PUT", "/v1/books/2", b"[]", {"": "the message must be a JSON object, not an array"}),
        ("PATCH", f"{SHELF}/books/2", b"", {"": "the body is empty: a JSON object is expected"}),
        ("PATCH", f"{SHELF}/books/2", b'{}, "parent": "x"',
            {"": "the body is not valid JSON: see line 1, column 3"}),
        ("PATCH", f"{SHELF}/books/2", b'{}}, {"a": {}',
            {"": "the body is not valid JSON: see line 1, column 3"}),
        ("PATCH", f"{SHELF}/books/2", b"\xff", {"": "the body is not valid UTF-8: see byte 0"}),
    ],
)  # fmt: skip
def test_refused_requests(verb: str, url: str, body: bytes, told: dict[str, str]) -> None:
    seen = violations(bound, verb, url, body)
    assert {violation.field: violation.description for violation in seen} == told


def test_reasons_are_those_of_the_values() -> None:
    seen = violations(bound, "GET", "/v1/search/blue/x/y/true")
    assert [violation.reason for violation in seen] == [Reason.INVALID_ENUM_VALUE, Reason.INVALID_FIELD_VALUE]


@pytest.mark.parametrize("url", [f"{SHELF}/books/2", "/v1/books/2"])
@pytest.mark.parametrize(
    ("body", "code"),
    [(b"[" * 100_000, Code.RESOURCE_EXHAUSTED), (b"[" * 500 + b"]" * 500, Code.INVALID_ARGUMENT)],
)
def test_bodies_that_unfold_into_too_much_are_refused(url: str, body: bytes, code: Code) -> None:
    verb = "PATCH" if "shelves" in url else "PUT"
    assert refusal(bound, verb, url, body).code is code


def form(url: str, texts: list[tuple[str, str]]) -> Any:
    path, _, query = url.partition("?")
    match = found("PUT", path)
    return match.target.bind_form(match.variables, query.encode(), texts)


def test_forms_are_read_as_queries_are_but_as_they_are() -> None:
    message = form(
        "/v1/books/2", [("book.title", "a+b%20"), ("tags", "x"), ("book.status", "new"), ("tags", "y")]
    )
    book = Book(name="2", title="a+b%20", status=1)
    assert message == ChangeBookRequest(book=book, tags=["x", "y"])


@pytest.mark.parametrize(
    ("url", "texts", "paths"),
    [
        ("/v1/books/2", [("book.name", "2")], ["book.name"]),
        ("/v1/books/2", [("x", ""), ("dry_run", "yes")], ["x", "dry_run"]),
        ("/v1/books/2?dry_run=true", [("tags", "x")], ["dry_run"]),
        ("/v1/books/2", [("dry_run", "true"), ("dry_run", "true")], ["dry_run"]),
    ],
)
def test_refused_forms(url: str, texts: list[tuple[str, str]], paths: list[str]) -> None:
    assert [violation.field for violation in violations(form, url, texts)] == paths


@pytest.mark.parametrize(
    ("verb", "url", "response", "body"),
    [
        ("GET", "/v1/books/2", Book(title="ü"), '{"name":"","title":"ü"}'),
        ("POST", f"{SHELF}/books", BookResponse(book=Book(name="n")), '{"name":"n","title":""}'),
        ("POST", f"{SHELF}/books", BookResponse(), "{}"),
        ("PUT", f"{SHELF}/tags", BookResponse(tags=["a"]), '["a"]'),
        ("PUT", f"{SHELF}/tags", BookResponse(), "[]"),
        ("PATCH", f"{SHELF}/books/2", BookResponse(read_at=Timestamp()), '"1970-01-01T00:00:00Z"'),
        ("PATCH", f"{SHELF}/books/2", BookResponse(), "null"),
        ("PUT", "/v1/books/2", BookResponse(status=1), '"new"'),
        ("PUT", "/v1/books/2", BookResponse(), "null"),
    ],
)
def test_responses(verb: str, url: str, response: Any, body: str) -> None:
    assert found(verb, url).target.write(response) == body.encode()


def test_a_binding_knows_its_method() -> None:
    assert found("HEAD", "/v1/files/a/b").target.method.path == "/rest.test.Library/GetFile"
