"""The OpenAPI documents: of the published services, and of services of one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_spec_validator import validate
from protobuf.wkt.google.protobuf.descriptor_pb import MethodOptions

from rest.library import LIBRARY, bindings, service
from triptych.codec.descriptors import form_of
from triptych.openapi.document import connect_document, rest_document
from triptych.openapi.examples import BY_FIELD, BY_NAME
from triptych.rpc.methods import ServiceBinding
from triptych.services import CONFORMANCE, PUBLISHED, listed

ROOT = Path(__file__).parents[2]
REST, CONNECT = rest_document(listed()), connect_document(listed())
ID = "[0-9a-hjkmnp-tv-z]{26}$"


def schema(name: str, document: dict[str, Any] = REST) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


def parameters(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each["schema"] for each in operation["parameters"]}


@pytest.mark.parametrize(("name", "document"), [("rest", REST), ("connect", CONNECT)])
def test_the_committed_documents_are_valid_and_what_the_server_makes(
    name: str, document: dict[str, Any]
) -> None:
    validate(document)
    assert json.loads((ROOT / f"gen/openapi/{name}.json").read_text()) == document


@pytest.mark.parametrize("dialect", ["documents", "protojson"])
def test_rules_of_every_kind_make_valid_documents(dialect: Any) -> None:
    document = rest_document([*PUBLISHED, *bindings(LIBRARY, dialect=dialect)])
    validate(document)
    paths = document["paths"]
    assert {"get", "patch"} <= set(paths["/v1/{name}"])
    (name,) = [each for each in paths["/v1/{name}"]["get"]["parameters"] if each["in"] == "path"]
    assert name["schema"]["pattern"] == "^shelves/[^/]+/books/[^/]+$"
    assert set(paths["/v1/any/{name}"]) == {"get", "put", "post", "delete", "patch"}
    body = paths["/v1/{parent}/tags"]["put"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["type"] == "array"
    keys = parameters(paths["/v1/search"]["get"])
    assert ("a_message.a_bool" if dialect == "documents" else "aMessage.aBool") in keys
    colours = keys["a_colour" if dialect == "documents" else "aColour"]["enum"]
    assert ("red" if dialect == "documents" else "COLOUR_RED") in colours


def test_one_type_in_two_spellings_has_two_components() -> None:
    own = ServiceBinding(desc=service("OwnBase"), implementation=object(), rest_dialect="protojson")
    document = rest_document([*bindings(LIBRARY), own])
    validate(document)
    books = [name for name in document["components"]["schemas"] if "Book" in name and "Request" not in name]
    assert {"rest.test.Book.documents", "rest.test.Book.protojson"} <= set(books)


@pytest.mark.parametrize("services", [CONFORMANCE, listed(conformance=True)])
def test_services_that_say_what_errors_hold_make_valid_documents(services: Any) -> None:
    validate(connect_document(services))


def test_what_is_known_of_the_published_document_of_lists() -> None:
    operation = REST["paths"]["/v1beta/documents"]["get"]
    assert operation["operationId"] == "listDocuments"
    found = parameters(operation)
    assert list(found) == [
        "page_token",
        "page_size",
        "created.after",
        "created.before",
        "created_by_id",
        "access_level",
        "processing_status",
        "sort",
        "query",
        "ownership",
        "trash_state",
        "organization_scope",
        "title_contains",
        "description_contains",
        "source_format",
    ]
    assert (found["page_size"]["minimum"], found["page_size"]["maximum"]) == (1, 100)
    assert found["created.after"]["format"] == "date-time"
    assert found["created_by_id"]["items"]["pattern"] == f"^(user|bot)_{ID}"
    assert found["access_level"]["items"]["enum"] == ["private", "organization", "public"]
    assert found["processing_status"]["items"]["enum"] == ["processing", "ready", "failed"]
    assert found["ownership"]["items"]["enum"] == ["owned", "not_owned"]
    assert found["trash_state"]["items"]["enum"] == ["active", "trashed"]
    assert found["title_contains"]["maxLength"] == 255
    assert not any(each.get("required") for each in operation["parameters"])


def test_what_is_known_of_the_published_schemas() -> None:
    document = schema("Document")
    assert set(document["required"]) >= {
        "id",
        "url",
        "title",
        "access_level",
        "processing_status",
        "created_at",
        "created_by",
    }
    optional = {"description", "current_version", "trashed_at", "last_viewed_at", "shared_at"}
    assert not optional & set(document["required"])
    assert document["properties"]["id"]["pattern"] == f"^doc_{ID}"
    assert document["properties"]["general_access"]["enum"] == ["private", "organization", "public"]
    assert set(schema("Subject")["required"]) == {"id", "type", "name"}
    assert schema("Subject")["properties"]["type"]["enum"] == ["user", "bot"]
    assert len(schema("DocumentPermissionSet")["properties"]) == 16
    assert "required" not in schema("DocumentPermissionSet")
    assert "pagination" in schema("ListDocumentsResponse")["required"]
    error = schema("Error")
    assert (set(error["required"]), list(error["properties"])) == (
        {"code", "message"},
        ["code", "message", "details"],
    )
    assert set(schema("ErrorDetail")["properties"]) == {"reason", "param", "request_id"}
    assert {"invalid_cursor", "missing_api_key"} <= set(schema("ErrorDetail")["properties"]["reason"]["enum"])
    assert not [name for name, each in REST["components"]["schemas"].items() if each["additionalProperties"]]


def test_what_is_known_of_the_published_operations() -> None:
    paths = REST["paths"]
    found = {
        each["operationId"]: f"{verb.upper()} {path}"
        for path, verbs in paths.items()
        for verb, each in verbs.items()
    }
    one = "/v1beta/documents/{document_id}"
    assert found == {
        "listDocuments": "GET /v1beta/documents",
        "createDocument": "POST /v1beta/documents",
        "getDocument": f"GET {one}",
        "updateDocument": f"PATCH {one}",
        "trashDocument": f"POST {one}/trash",
        "untrashDocument": f"POST {one}/untrash",
    }
    for verbs in paths.values():
        for each in verbs.values():
            assert {"200", "400", "401", "403", "404", "429", "500"} <= set(each["responses"])
            assert each["security"] == [{"bearerAuth": []}]
            assert {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} <= set(
                each["responses"]["200"]["headers"]
            )
    content = paths["/v1beta/documents"]["post"]["requestBody"]["content"]
    form = content["multipart/form-data"]["schema"]
    assert list(content) == ["multipart/form-data"]
    assert set(form["required"]) == {"payload", "title"}
    assert form["properties"]["payload"]["format"] == "binary"
    assert form["properties"]["title"]["maxLength"] == 255
    assert form["properties"]["access_level"]["enum"] == ["private", "organization", "public"]
    assert list(form["properties"]) == ["title", "description", "access_level", "file_name", "payload"]
    assert schema("CreateDocumentRequest", CONNECT)["properties"]["versionId"]["readOnly"]
    update = paths[one]["patch"]["requestBody"]["content"]["application/json"]["schema"]
    assert list(update["properties"]) == ["title", "description"]
    assert update["properties"]["description"]["type"] == ["string", "null"]


def test_connect_has_every_unary_rpc_and_get_where_nothing_changes() -> None:
    for each in listed():
        for desc in each.desc.methods:
            verbs = CONNECT["paths"].get(f"/{each.desc.type_name}/{desc.name}", {})
            reads = desc.idempotency == MethodOptions.IdempotencyLevel.NO_SIDE_EFFECTS
            unary = desc.method_kind == "unary"
            assert set(verbs) == ({"post"} if unary else set()) | ({"get"} if unary and reads else set())
    request = schema("CreateProjectRequest", CONNECT)
    assert set(request["required"]) == {"name", "initializer"}
    assert request["properties"]["name"]["maxLength"] == 80
    # What breaks a rule fails its item, not the call.
    item = schema("CreateProjectRequestItem", CONNECT)
    assert "required" not in item
    assert "maxLength" not in item["properties"]["name"]


def test_comments_are_told() -> None:
    assert REST["paths"]["/v1beta/documents"]["get"]["summary"] == "Lists documents"
    assert schema("Document")["properties"]["url"]["description"] == "Where a browser finds it."


def test_examples_are_those_of_the_seed() -> None:
    text = (ROOT / "examples/seed.yaml").read_text()
    for name, value in BY_FIELD.items():
        if not name.endswith("payload"):
            assert (value[0] if isinstance(value, list) else value) in text
    assert all(value in text for value in BY_NAME.values())
    assert yaml.safe_load(text)["documents"]
    known = {
        f"{desc.input.type_name}.{field.name}"
        for each in PUBLISHED
        for desc in each.desc.methods
        for field in desc.input.fields
        if form_of(field)
    }
    assert {name for name in BY_FIELD if "Request." in name} <= known
