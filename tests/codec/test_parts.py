"""Messages that are joined from printed parts are what they would be if they were printed whole."""

from __future__ import annotations

import json
from copy import copy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from protobuf import Message
from protobuf.wkt import Timestamp

from codec.kinds import REGISTRY
from codec.strategies import messages
from triptych.codec.binary import write_binary
from triptych.codec.composed import Composed, Composer
from triptych.codec.delimiters import varint
from triptych.codec.json import ProtoJsonWriter
from triptych.codec.parts import NOTHING, Composition, CompositionError, Part
from triptych.documents.messages import DOCUMENT
from triptych.projects.messages import PROJECT
from triptych.rpc.methods import unknown_method
from triptych.transport.rest.binding import Binding
from triptych.transport.rest.dialect import documents
from triptych.transport.rest.enums import EnumNames
from triptych.transport.rest.writer import JsonWriter
from triptych.users.messages import USER
from triptych_api.factify.api.v1beta.document_pb import AccessLevel, Document, DocumentPermissionSet
from triptych_api.factify.api.v1beta.document_service_pb import GetDocumentResponse, ListDocumentsResponse
from triptych_api.factify.api.v1beta.pagination_pb import Pagination
from triptych_api.gitpod.v1.count_pb import CountResponse
from triptych_api.gitpod.v1.environment_initializer_pb import EnvironmentInitializer
from triptych_api.gitpod.v1.pagination_pb import PaginationRequest
from triptych_api.gitpod.v1.project_pb import Project, ProjectEnvironmentClass
from triptych_api.gitpod.v1.project_service_pb import GetProjectResponse, ListProjectsResponse
from triptych_api.gitpod.v1.user_service_pb import GetUserResponse

WRITERS: list[Any] = [ProtoJsonWriter(REGISTRY), JsonWriter(EnumNames(), REGISTRY)]
COMPOSERS: list[tuple[Composer[Any], Composition[Any]]] = [
    (Composer(GetProjectResponse, "project", PROJECT), PROJECT),
    (Composer(ListProjectsResponse, "projects", PROJECT), PROJECT),
    (Composer(GetDocumentResponse, "document", DOCUMENT), DOCUMENT),
    (Composer(ListDocumentsResponse, "items", DOCUMENT), DOCUMENT),
    (Composer(GetUserResponse, "user", USER), USER),
]
slow = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


def split(message: Any, composition: Composition[Any]) -> list[Part]:
    """Return the parts of a message: the rest, and each of the fields that stand apart."""
    rest = copy(message)
    parts = []
    for name, field in composition.apart.items():
        parts.append(composition.field(name, getattr(message, field.name)))
        setattr(rest, field.name, None)
    return [composition.rest(rest), *parts]


def composed(response: Any, composer: Composer[Any], composition: Composition[Any]) -> Composed[Any]:
    """Return a response that is joined from the parts of a message."""
    found = getattr(response, composer.composed)
    rows = [split(message, composition) for message in (found if composer.many else [found])]
    columns = list(zip(*rows, strict=True)) or [(), ()]
    names = [field.name for field in composer.fields if field.name != composer.composed]
    return Composed(composer, columns, {name: getattr(response, name) for name in names})


@slow
@given(st.sampled_from(COMPOSERS), st.data())
def test_joined_and_whole_are_the_same(
    how: tuple[Composer[Any], Composition[Any]], data: st.DataObject
) -> None:
    composer, composition = how
    whole: Any = data.draw(messages(composer.message_class, depth=4))
    if not composer.many and getattr(whole, composer.composed) is None:
        setattr(whole, composer.composed, data.draw(messages(composition.message_class, depth=3)))
    joined = composed(whole, composer, composition)
    for _ in range(2):  # printed, and kept
        for writer in WRITERS:
            assert json.loads(writer.write(joined)) == json.loads(writer.write(whole))
        assert composer.message_class.from_binary(write_binary(joined)) == whole
        assert joined.message() == whole


@given(st.integers(0, 2**35))
def test_a_length_is_written_as_the_encoding_says(value: int) -> None:
    message = CountResponse.from_binary(b"\x08" + varint(value & 0x7FFFFFFF))
    assert message.value == value & 0x7FFFFFFF
    assert len(varint(value)) == max(1, -(-value.bit_length() // 7))


def test_a_long_message_has_its_length() -> None:
    document = Document(id="doc", title="t" * 3_000_000)
    response = Composed(COMPOSERS[2][0], ([DOCUMENT.rest(document)],))
    assert GetDocumentResponse.from_binary(response.binary()).document == document


def test_each_part_is_printed_once_for_each_writer() -> None:
    class Counting(ProtoJsonWriter):
        written = 0

        def write(self, response: Any) -> bytes:
            Counting.written += not isinstance(response, Composed)
            return super().write(response)

    part, other = PROJECT.rest(Project(id="p")), PROJECT.field("used_by", Project.UsedBy(total_subjects=1))
    response = Composed(COMPOSERS[1][0], ([part, part], [other, NOTHING]))
    one, another = Counting(), Counting()
    first = one.write(response)
    assert Counting.written == 2
    assert one.write(response) == first
    assert Counting.written == 2
    assert another.write(response) == first
    assert Counting.written == 4


@pytest.mark.parametrize(
    ("message_class", "names"),
    [
        (Project, ["used_by", "used_by"]),  # in two parts
        (Document, ["created_by", "shared_at", "created_by"]),
        (Project, ["usedBy"]),  # no field
        (Project, ["environment_classes"]),  # a list
        (Project, ["name_of_nothing"]),
        (Document, ["title"]),  # no message
        (EnvironmentInitializer.Spec, ["git"]),  # a member of a oneof
        (Timestamp, []),  # not written as an object
        (DocumentPermissionSet, []),  # fields that are left out if they are not set: nothing may be left
    ],
)
def test_parts_that_cannot_be_joined_are_refused_when_they_are_declared(
    message_class: type[Message], names: list[str]
) -> None:
    with pytest.raises(CompositionError):
        Composition(message_class, *names)


@pytest.mark.parametrize(
    ("message_class", "name", "of"),
    [
        (ListProjectsResponse, "project", PROJECT),
        (ListProjectsResponse, "projects", DOCUMENT),
        (ListProjectsResponse, "pagination", PROJECT),
        (ProjectEnvironmentClass, "order", PROJECT),
        (PaginationRequest, "token", PROJECT),
    ],
)
def test_responses_that_cannot_be_joined_are_refused_when_they_are_declared(
    message_class: type[Message], name: str, of: Composition[Any]
) -> None:
    with pytest.raises(CompositionError):
        Composer(message_class, name, of)


def test_a_rest_with_a_field_that_stands_apart_is_refused() -> None:
    with pytest.raises(ValueError, match="used_by"):
        PROJECT.rest(Project(used_by=Project.UsedBy()))


def test_parts_that_are_not_equally_many_are_refused() -> None:
    part = PROJECT.rest(Project(id="p"))
    with pytest.raises(ValueError, match="equally many"):
        Composed(COMPOSERS[1][0], ([part, part], [NOTHING]))


@pytest.mark.parametrize("many", [0, 2])
def test_a_field_of_a_response_is_a_body_of_its_own(many: int) -> None:
    method = replace(unknown_method("/a.Service/List"), output=ListDocumentsResponse)
    whole = ListDocumentsResponse(items=[Document(id="d", access_level=AccessLevel.PUBLIC)] * many)
    joined = composed(whole, *COMPOSERS[3])
    for field in ("items", "pagination"):
        binding = Binding(method, documents(), [], response_body=field)
        assert json.loads(binding.write(joined)) == json.loads(binding.write(whole))
        whole.pagination = Pagination(next_page_token="next")
        joined = composed(whole, *COMPOSERS[3])
        assert json.loads(binding.write(joined)) == json.loads(binding.write(whole))
