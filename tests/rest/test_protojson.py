"""The dialect of services that name no other: Google's own runtime agrees with what is written and read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf import descriptor_pool, json_format
from google.protobuf.message_factory import GetMessageClass
from hypothesis import given
from hypothesis import strategies as st
from protobuf import DescFile, Oneof

from codec.refusals import violations
from codec.strategies import messages
from rest.library import (
    REGISTRY,
    Book,
    BookResponse,
    ChangeBookRequest,
    Kinds,
    Timestamp,
    bound,
    found,
    message,
)
from rest.settings import FEWER
from triptych.transport.rest.dialect import protojson

DIALECT = protojson(REGISTRY)


def google_class(name: str) -> Any:
    """Return Google's class for a message of library.proto, or of what it imports."""
    pool = descriptor_pool.DescriptorPool()
    added: set[str] = set()

    def add(file: DescFile) -> None:
        if file.name not in added:
            added.add(file.name)
            for dependency in file.dependencies:
                add(dependency)
            pool.AddSerializedFile(file.proto.to_binary())

    add(message(name).desc().file)
    return GetMessageClass(pool.FindMessageTypeByName(name))


GoogleKinds = google_class("codec.test.Kinds")


@FEWER
@given(data=st.data())
def test_what_is_written_is_what_google_reads(data: st.DataObject) -> None:
    drawn = data.draw(messages(Kinds, depth=2))
    seen = json_format.Parse(DIALECT.writer.write(drawn), GoogleKinds())
    assert seen == GoogleKinds.FromString(drawn.to_binary())


@FEWER
@given(data=st.data())
def test_what_is_written_reads_back_equal(data: st.DataObject) -> None:
    drawn = data.draw(messages(Kinds, depth=2))
    assert DIALECT.reader.read(DIALECT.writer.write(drawn), Kinds) == drawn


def test_defaults_are_written_unless_fields_have_presence() -> None:
    book = json.loads(DIALECT.writer.write(Book(name="a")))
    assert book == {"name": "a", "title": "", "status": "BOOK_STATUS_UNSPECIFIED"}
    book = json.loads(DIALECT.writer.write(Book(old_status=0, status=1)))
    assert book == {
        "name": "",
        "title": "",
        "status": "BOOK_STATUS_NEW",
        "oldStatus": "BOOK_STATUS_UNSPECIFIED",
    }


@pytest.mark.parametrize(
    ("verb", "url", "body", "expected"),
    [
        ("PUT", "/v1/books/2", b'{"dryRun": true, "tags": ["a"]}', {"dry_run": True, "tags": ["a"]}),
        ("PUT", "/v1/books/2", b'{"dry_run": true}', {"dry_run": True}),
        ("PUT", "/v1/books/2", b'{"book": {"status": "BOOK_STATUS_NEW"}}', {"status": 1}),
        ("PUT", "/v1/books/2", b'{"book": {"status": 1}}', {"status": 1}),
        ("PUT", "/v1/books/2", b'{"book": {"old_status": "BOOK_STATUS_UNSPECIFIED"}}', {"old_status": 0}),
    ],
)
def test_bodies(verb: str, url: str, body: bytes, expected: dict[str, Any]) -> None:
    book = {key: expected.pop(key) for key in ("status", "old_status") if key in expected}
    want = ChangeBookRequest(book=Book(name="2", **book), **expected)
    assert bound(verb, url, body, "protojson") == want


@pytest.mark.parametrize("text", ["COLOUR_RED", "1"])
def test_enums_of_paths_and_queries(text: str) -> None:
    seen = bound("GET", f"/v1/search/{text}/-5/x/true?maybeColour={text}&colours={text}", b"", "protojson")
    want = Kinds(
        a_colour=1,
        maybe_colour=1,
        colours=[1],
        an_int32=-5,
        choice=Oneof("choice_string", "x"),
        a_message=Kinds(a_bool=True),
    )
    assert seen == want


@pytest.mark.parametrize(
    ("verb", "url", "body", "path"),
    [
        ("PUT", "/v1/books/2", b'{"nothing": 1}', "nothing"),
        ("PUT", "/v1/books/2", b'{"dryRun": true, "dry_run": true}', "dry_run"),
        ("PUT", "/v1/books/2", b'{"book": {"status": "new"}}', "book.status"),
        ("PUT", "/v1/books/2", b'{"book": {"status": "BOOK_STATUS_OLD"}}', "book.status"),
        ("GET", "/v1/search?nothing=1", b"", "nothing"),
        ("GET", "/v1/search?a_colour=red", b"", "a_colour"),
        ("GET", "/v1/search?a_colour=1.0", b"", "a_colour"),
        ("GET", "/v1/search?a_colour=99", b"", "a_colour"),
    ],
)
def test_refused(verb: str, url: str, body: bytes, path: str) -> None:
    assert [each.field for each in violations(bound, verb, url, body, "protojson")] == [path]


def test_a_part_of_a_response() -> None:
    update = found("PATCH", "/v1/shelves/1/books/2", "protojson").target
    assert update.write(BookResponse()) == b"null"
    create = found("POST", "/v1/shelves/1/books", "protojson").target
    assert create.write(BookResponse()) == b"{}"
    assert json.loads(create.write(BookResponse(book=Book(status=1))))["status"] == "BOOK_STATUS_NEW"
    time = BookResponse(read_at=Timestamp(seconds=1))
    assert update.write(time) == b'"1970-01-01T00:00:01Z"'
    assert found("PUT", "/v1/shelves/1/tags", "protojson").target.write(BookResponse(tags=["a"])) == b'["a"]'
