"""What is told of rules that cannot be served."""

from __future__ import annotations

import pytest

from rest.library import LIBRARY, REGISTRY, bindings, methods, router, service
from triptych.rpc.methods import RestDialect
from triptych.transport.rest.build import HttpRulesError, http_router
from triptych.transport.rest.dialect import Dialect, dialects, documents
from triptych.transport.rest.router import Match
from triptych_api.factify.api.v1beta import document_service_pb
from triptych_api.gitpod.v1 import user_service_pb

BROKEN = service("Broken")
DIALECTS = dialects(REGISTRY)
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
        http_router(table, bindings(LIBRARY, BROKEN), DIALECTS)
    told = str(caught.value).replace("rest.test.", "").replace("Broken.", "")
    assert told.splitlines() == PROBLEMS.strip().splitlines()


def test_only_names_that_a_dialect_shortens_can_be_the_same() -> None:
    with pytest.raises(HttpRulesError) as caught:
        http_router(methods(BROKEN), bindings(BROKEN, dialect="protojson"), DIALECTS)
    assert "Odd" not in str(caught.value)
    assert "BadTemplates" in str(caught.value)


def test_services_in_two_dialects_must_not_claim_the_same() -> None:
    claims = [*bindings(LIBRARY), *bindings(service("OtherLibrary"), dialect="protojson")]
    with pytest.raises(HttpRulesError) as caught:
        http_router(methods(LIBRARY, service("OtherLibrary")), claims, DIALECTS)
    told = "is claimed by rest.test.Library.GetBook (/v1/books/{name}) and by rest.test.OtherLibrary.GetBook"
    assert f"GET /v1/books/* {told} (/v1/books/{{name}})" in str(caught.value).splitlines()


def test_paths_of_rpcs_and_probes_cannot_be_claimed() -> None:
    other = service("OtherLibrary")
    with pytest.raises(HttpRulesError) as caught:
        http_router(methods(other), bindings(other), DIALECTS, ["/v1/probe"])
    name = "rest.test.OtherLibrary.GetFile: GET"
    assert str(caught.value).splitlines() == [
        f"{name} /rest.test.OtherLibrary/GetBook: the path is not REST's",
        f"{name} /v1/probe: the path is not REST's",
    ]


def test_an_enum_can_be_exempted() -> None:
    exempting: dict[RestDialect, Dialect] = {**DIALECTS, "documents": documents(["rest.test.Odd.Kind"])}
    with pytest.raises(HttpRulesError) as caught:
        http_router(methods(BROKEN), bindings(BROKEN), exempting)
    assert "Odd" not in str(caught.value)
    assert "method table" not in str(caught.value)


def test_services_without_annotations_add_nothing() -> None:
    users = user_service_pb.desc().services[0]
    assert router(users).find("GET", b"/") is None


def test_the_contract_can_be_served() -> None:
    found = router(*document_service_pb.desc().services).find("GET", b"/v1beta/documents/doc_1")
    assert isinstance(found, Match)
    assert found.target.method.name == "GetDocument"
    assert found.target.bind(found.variables, b"", b"") == document_service_pb.GetDocumentRequest(
        document_id="doc_1"
    )
