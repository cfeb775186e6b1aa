"""The JSON that is written, and read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protobuf import DescEnum, Message, Oneof

from codec.refusals import paths
from codec.strategies import messages
from rest.library import REGISTRY, Codes, Duration, Kinds, Timestamp, WellKnown, message
from rest.messages import NAMES, without_none
from rest.settings import FEWER
from triptych.codec.descriptors import form_of, reachable
from triptych.transport.rest.dialect import documents
from triptych.transport.rest.enums import EnumNames
from triptych_api.buf.validate.validate_pb import FieldRules, Violations
from triptych_api.factify.api.v1beta.document_pb import (
    AccessLevel,
    Document,
    DocumentPermissionSet,
    Subject,
    SubjectType,
)
from triptych_api.factify.api.v1beta.document_service_pb import ListDocumentsResponse
from triptych_api.factify.api.v1beta.pagination_pb import Pagination
from triptych_api.gitpod.v1.project_service_pb import CreateProjectsRequest

DIALECT = documents(registry=REGISTRY)
TYPES = [
    Kinds,
    WellKnown,
    ListDocumentsResponse,
    CreateProjectsRequest,
    FieldRules,
    Violations,
    Codes,
]


def written(message: Message) -> Any:
    return json.loads(DIALECT.writer.write(message))


def read(text: str) -> Any:
    return DIALECT.reader.read(text.encode(), Kinds)


@pytest.mark.parametrize("message_class", TYPES, ids=lambda each: each.__name__)
@FEWER
@given(data=st.data())
def test_what_is_written_reads_back_equal(message_class: Any, data: st.DataObject) -> None:
    message = without_none(data.draw(messages(message_class, depth=3)))
    assert DIALECT.reader.read(DIALECT.writer.write(message), message_class) == message


def test_a_document() -> None:
    document = Document(
        id="doc_1",
        title="a",
        access_level=AccessLevel.PRIVATE,
        created_by=Subject(id="user_1", type=SubjectType.USER, name="Ada"),
        general_access=AccessLevel.UNSPECIFIED,
        permission_set=DocumentPermissionSet(view=True, trash=False),
    )
    response = ListDocumentsResponse(items=[document], pagination=Pagination())
    assert written(response) == {
        "items": [
            {
                "id": "doc_1",
                "url": "",
                "title": "a",
                "access_level": "private",
                "created_by": {"id": "user_1", "type": "user", "name": "Ada"},
                "thumbnail_url": "",
                "permission_set": {"trash": False, "view": True},
                "is_demo": False,
                "owner_organization_id": "",
                "source_format": "",
            }
        ],
        "pagination": {"next_page_token": "", "prev_page_token": "", "has_more": False},
    }
    assert written(ListDocumentsResponse()) == {"items": []}


def test_fields_of_all_kinds() -> None:
    message = Kinds(
        an_int64=2**63 - 1,
        a_double=float("nan"),
        a_bytes=b"\xff\xef",
        colours=[1, 0, -7, 5],
        messages=[Kinds(a_colour=300), Kinds()],
        by_bool={True: 1, False: 0},
        by_int={7: Kinds(maybe_colour=1)},
        choice=Oneof("choice_colour", -7),
        a_duration=Duration(seconds=1, nanos=500_000_000),
        times=[Timestamp(seconds=1, nanos=1000)],
        renamed="r",
    )
    found = written(message)
    assert (found["an_int64"], found["a_double"], found["a_bytes"]) == ("9223372036854775807", "NaN", "/+8=")
    assert found["colours"] == ["red", "unspecified", "infrared", 5]
    assert [each.get("a_colour") for each in found["messages"]] == ["far", None]
    assert found["by_bool"] == {"true": "red", "false": "unspecified"}
    assert found["by_int"]["7"]["maybe_colour"] == "red"
    assert found["choice_colour"] == "infrared"
    assert (found["a_duration"], found["times"]) == ("1.500s", ["1970-01-01T00:00:01.000001Z"])
    assert found["renamed"] == "r"
    assert not {"a_colour", "maybe_colour", "maybe_string", "a_message", "a_time", "otherName"} & found.keys()


def test_what_stands_for_none_is_left_out_although_it_is_set() -> None:
    assert "maybe_colour" not in written(Kinds(maybe_colour=0))
    assert "choice_colour" not in written(Kinds(choice=Oneof("choice_colour", 0)))
    assert written(Kinds(maybe_string="", maybe_bool=False)).keys() >= {"maybe_string", "maybe_bool"}


def test_a_value_0_that_stands_for_something_is_written_where_it_is_set() -> None:
    assert written(Codes(code=0, codes=[0, 1])) == {"code": "ok", "codes": ["ok", "bad"]}
    assert written(Codes()) == {"codes": []}
    assert DIALECT.reader.read(b'{"code": "ok"}', Codes) == Codes(code=0)


def test_what_an_any_holds_is_in_the_dialect() -> None:
    url = "type.googleapis.com/"
    any_class = message("google.protobuf.Any")
    inner = any_class(type_url=f"{url}codec.test.Kinds", value=Kinds(a_colour=1).to_binary())
    outer = any_class(type_url=f"{url}google.protobuf.Any", value=inner.to_binary())
    time = any_class(type_url=f"{url}google.protobuf.Timestamp", value=Timestamp().to_binary())
    assert written(WellKnown(an_any=inner))["an_any"]["a_colour"] == "red"
    assert written(outer)["value"]["a_colour"] == "red"
    assert written(WellKnown(an_any=time))["an_any"]["value"] == "1970-01-01T00:00:00Z"
    assert written(WellKnown(an_any=any_class()))["an_any"] == {}
    assert json.loads(documents().writer.write(WellKnown(an_any=any_class())))["an_any"] == {}


def test_bodies_of_well_known_types() -> None:
    assert DIALECT.writer.write(Timestamp()) == b'"1970-01-01T00:00:00Z"'
    assert DIALECT.writer.write(WellKnown()) == b'{"a_null":null,"values":[]}'


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"x": 1}', "x"),
        ('{"a_message": {"aString": "a", "a_string": "b"}}', "a_message.a_string"),
        ('{"a_colour": "unspecified"}', "a_colour"),
        ('{"a_colour": "RED"}', "a_colour"),
        ('{"a_colour": "COLOUR_RED"}', "a_colour"),
        ('{"colours": ["red", 1]}', "colours[1]"),
    ],
)
def test_refused_bodies(text: str, path: str) -> None:
    assert paths(read, text) == [path]


def test_both_names_are_read() -> None:
    assert read('{"aString": "a", "otherName": "b", "maybe_bool": null}') == Kinds(a_string="a", renamed="b")


def every_enum() -> list[DescEnum]:
    fields = [field for each in TYPES for message in reachable(each.desc()) for field in message.fields]
    elements = [form_of(field).element for field in fields]
    return list({each.type_name: each for each in elements if isinstance(each, DescEnum)}.values())


def test_every_name_stands_for_its_value() -> None:
    enums = every_enum()
    assert len(enums) > 10
    for enum in enums:
        readable = NAMES.readable(enum)
        assert set(readable.values()) >= {value.number for value in enum.values if value.number}
        for value in enum.values:
            assert readable.get(NAMES.name(value)) == (None if NAMES.is_none(value) else value.number)


def test_prefixes_are_cut_off_however_they_are_split() -> None:
    enum = form_of(next(each for each in Codes.desc().fields if each.name == "version")).element
    assert isinstance(enum, DescEnum)
    assert [NAMES.name(value) for value in enum.values] == [
        "one",
        "http_version_",
        "2",
        "http_versionless",
        "lower",
        "other",
    ]


def test_some_enums_are_spelled_as_they_are_declared() -> None:
    dialect = documents(["codec.test.Colour"])
    message = Kinds(a_colour=1, maybe_colour=0, colours=[300])
    found = json.loads(dialect.writer.write(message))
    assert (found["a_colour"], found["colours"]) == ("COLOUR_RED", ["COLOUR_FAR"])
    assert "maybe_colour" not in found
    assert dialect.reader.read(b'{"a_colour": "COLOUR_CRIMSON"}', Kinds) == Kinds(a_colour=1)
    assert dialect.parameters.find(Kinds.desc(), "a_colour").leaf.read("COLOUR_RED") == 1


def test_an_ambiguous_enum_cannot_be_read() -> None:
    kind = form_of(message("rest.test.Odd").desc().fields[0]).element
    assert isinstance(kind, DescEnum)
    with pytest.raises(ValueError, match=r"values of the enum rest\.test\.Odd\.Kind have the same name: a"):
        EnumNames().readable(kind)
    assert not EnumNames(["rest.test.Odd.Kind"]).problem(kind)
