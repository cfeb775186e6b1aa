"""What is told of rules that cannot be served."""

from __future__ import annotations

import pytest

from rest.library import LIBRARY, methods, service
from triptych.transport.rest.build import HttpRulesError, http_router
from triptych.transport.rest.router import Match, NoMatch
from triptych_api.factify.api.v1beta import document_service_pb
from triptych_api.gitpod.v1 import user_service_pb

BROKEN = service("Broken")
PROBLEMS = """
NoPattern: a rule without a pattern: one of get, put, post, delete, patch and custom is needed
BadTemplates: GET v1: "/" is expected, at character 1
BadTemplates: GET /v1/{name: "}" is expected, at character 10
BadTemplates: GET /v1/{name: an additional binding must not have additional bindings itself
BadTemplates: NO VERB /v1/**/x: the kind of a custom pattern must be an HTTP verb or *
BadTemplates: NO VERB /v1/**/x: "**" must be the last segment, at character 8
BadFields: GET /v2/{nothing}: {nothing}: codec.test.Kinds has no field nothing
BadFields: GET /v2/{a_message.nothing}/1: {a_message.nothing}: codec.test.Kinds has no field nothing
BadFields: GET /v2/{a_string.nothing}/2: {a_string.nothing}: the field before nothing has no fields of its own
BadFields: GET /v2/{aString}/3: {aString}: codec.test.Kinds has no field aString
BadFields: GET /v2/{strings}/list: {strings}: a path cannot give lists and maps
BadFields: GET /v2/{messages.a_string}/lists: {messages.a_string}: a path cannot give lists and maps
BadFields: GET /v2/{by_int}/map: {by_int}: a path cannot give lists and maps
BadFields: GET /v2/{a_message}/message: {a_message}: a path cannot give messages
BadTrees: GET /v6/{a_struct.fields}: {a_struct.fields}: the field before fields has no fields of its own
BadBodies: GET /v3: body: a GET request has none
BadBodies: POST /v3/{parent}: body: parent is given by the path already
BadBodies: POST /v3: body: ChangeBookRequest has no field nothing at its top level
BadBodies: POST /v3/book: body: ChangeBookRequest has no field book.title at its top level
BadBodies: POST /v3/response: response_body: Book has no field nothing at its top level
Streams: GET /v4/{name}: only unary rpcs can be called over REST
First: is not in the method table
Second: values of the enum Odd.Kind have the same name: a
GET /v5/*/x is claimed by First (/v5/{name}/x) and by Second (/v5/{parent}/x)
GET /v5/y%20z is claimed by First (/v5/y%20z) and by Second (/v5/y%20z)
"""


def test_all_problems_are_told() -> None:
    table = methods(LIBRARY, BROKEN)
    del table["/rest.test.Broken/First"]
    with pytest.raises(HttpRulesError) as caught:
        http_router(table, [LIBRARY, BROKEN])
    told = str(caught.value).replace("rest.test.", "").replace("Broken.", "")
    assert told.splitlines() == PROBLEMS.strip().splitlines()


def test_an_enum_can_be_exempted() -> None:
    with pytest.raises(HttpRulesError) as caught:
        http_router(methods(BROKEN), [BROKEN], raw_enums=["rest.test.Odd.Kind"])
    assert "Odd" not in str(caught.value)
    assert "method table" not in str(caught.value)


def test_services_without_annotations_add_nothing() -> None:
    users = user_service_pb.desc().services[0]
    assert http_router(methods(users), [users]).find("GET", b"/") == NoMatch(())


def test_the_contract_can_be_served() -> None:
    documents = document_service_pb.desc().services
    router = http_router(methods(*documents), documents)
    found = router.find("GET", b"/v1beta/documents/doc_1")
    assert isinstance(found, Match)
    assert found.target.method.name == "GetDocument"
    assert found.target.bind(found.variables, b"", b"") == document_service_pb.GetDocumentRequest(
        document_id="doc_1"
    )
