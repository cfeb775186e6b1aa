"""`--conformance`: the service of the Connect conformance suite, as a tester of clients would call it."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from protobuf import Oneof
from protobuf.wkt import Any

from conftest import Server
from support.apps import running_app
from support.http import new_http_client
from triptych_api.connectrpc.conformance.v1.config_pb import Code
from triptych_api.connectrpc.conformance.v1.service_pb import (
    ClientStreamRequest,
    Error,
    UnaryRequest,
    UnaryResponseDefinition,
)
from triptych_api.google.rpc.error_details_pb import ErrorInfo

SERVICE = "/connectrpc.conformance.v1.ConformanceService"


@pytest.fixture(scope="module")
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with (
        running_app(conformance=True) as app,
        new_http_client(base_url=f"http://127.0.0.1:{app.http_port}") as client,
    ):
        yield client


async def test_it_is_not_there_unless_asked_for(server: Server) -> None:
    async with new_http_client() as client:
        response = await client.post(f"{server.http}{SERVICE}/Unary", json={})
    assert response.status_code == 404


async def test_it_answers_as_told(http: httpx.AsyncClient) -> None:
    definition = {
        "responseData": "eA==",
        "responseHeaders": [{"name": "X-Twice", "value": ["a", "b"]}],
        "responseTrailers": [{"name": "x-late", "value": ["c"]}],
    }
    response = await http.post(
        f"{SERVICE}/Unary", json={"responseDefinition": definition}, headers={"x-mine": "1"}
    )
    assert response.status_code == 200
    assert response.headers.get_list("x-twice") == ["a", "b"]
    assert response.headers["trailer-x-late"] == "c"
    payload = response.json()["payload"]
    assert payload["data"] == "eA=="
    assert {"name": "x-mine", "value": ["1"]} in payload["requestInfo"]["requestHeaders"]
    (request,) = payload["requestInfo"]["requests"]
    assert request["@type"] == "type.googleapis.com/connectrpc.conformance.v1.UnaryRequest"
    assert request["responseDefinition"]["responseTrailers"] == definition["responseTrailers"]


async def test_its_errors_have_their_own_details_only(http: httpx.AsyncClient) -> None:
    detail = {
        "@type": "type.googleapis.com/connectrpc.conformance.v1.Header",
        "name": "n",
        "value": ["v"],
    }
    error = {"code": "CODE_ABORTED", "message": "told so", "details": [detail]}
    response = await http.post(f"{SERVICE}/Unary", json={"responseDefinition": {"error": error}})
    assert response.status_code == 409
    body = response.json()
    assert (body["code"], body["message"]) == ("aborted", "told so")
    types = [detail["type"] for detail in body["details"]]
    assert types == [
        "connectrpc.conformance.v1.Header",
        "connectrpc.conformance.v1.ConformancePayload.RequestInfo",
    ]
    assert base64.b64decode(body["details"][0]["value"] + "==") == b"\n\x01n\x12\x01v"


async def test_details_may_be_of_types_that_are_not_known(http: httpx.AsyncClient) -> None:
    details = [
        Any(type_url="type.googleapis.com/unknown.Type", value=b"x"),
        Any.pack(ErrorInfo(reason="R", domain="d")),
    ]
    error = Error(code=Code.ABORTED, message="told so", details=details)
    request = UnaryRequest(
        response_definition=UnaryResponseDefinition(response=Oneof("error", error))
    ).to_binary()
    response = await http.post(
        f"{SERVICE}/Unary", content=request, headers={"content-type": "application/proto"}
    )
    assert response.status_code == 409
    types = [detail["type"] for detail in response.json()["details"][:2]]
    assert types == ["unknown.Type", "google.rpc.ErrorInfo"]


@pytest.mark.parametrize(
    ("method", "body", "code"),
    [
        ("Unimplemented", b"{}", "unimplemented"),
        ("Unary", b"{", "invalid_argument"),
        ("Unary", b'{"responseDefinition": 1}', "invalid_argument"),
    ],
)
async def test_other_errors_have_no_details(
    http: httpx.AsyncClient, method: str, body: bytes, code: str
) -> None:
    response = await http.post(
        f"{SERVICE}/{method}", content=body, headers={"content-type": "application/json"}
    )
    assert response.json()["code"] == code
    assert response.json().get("details", []) == []


async def test_a_read_may_come_by_get(http: httpx.AsyncClient) -> None:
    message = json.dumps({"responseDefinition": {"responseData": "eQ=="}})
    response = await http.get(
        f"{SERVICE}/IdempotentUnary", params={"encoding": "json", "message": message, "connect": "v1"}
    )
    assert response.json()["payload"]["data"] == "eQ=="


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-a", "a\r\nset-cookie: b"),
        ("x-a\r\nset-cookie", "b"),
        ("", "a"),
        (":status", "200"),
        ("x-\u00e9", "a"),
        ("x-a", "\u2603"),
        ("x-a-bin", "a"),
        ("Content-Length", "1"),
        ("transfer-encoding", "chunked"),
        ("grpc-status", "0"),
        ("x-a", "a" * 65536),
    ],
)
@pytest.mark.parametrize("field", ["responseHeaders", "responseTrailers"])
async def test_metadata_that_cannot_be_sent_is_refused(
    http: httpx.AsyncClient, field: str, name: str, value: str
) -> None:
    definition = {"responseData": "eA==", field: [{"name": name, "value": [value]}]}
    response = await http.post(f"{SERVICE}/Unary", json={"responseDefinition": definition})
    assert response.status_code == 400
    assert response.json()["code"] == "invalid_argument"
    assert "set-cookie" not in response.headers


async def test_an_error_that_is_none_is_refused(http: httpx.AsyncClient) -> None:
    definition = {"error": {"code": 0, "message": "x"}}
    response = await http.post(f"{SERVICE}/Unary", json={"responseDefinition": definition})
    assert (response.status_code, response.json()["code"]) == (400, "invalid_argument")


@pytest.mark.parametrize(("size", "count"), [(1_000_000, 17), (0, 10_001)])
async def test_a_stream_that_would_be_kept_has_an_end(http: httpx.AsyncClient, size: int, count: int) -> None:
    message = ClientStreamRequest(request_data=bytes(size)).to_binary()
    frame = b"\0" + len(message).to_bytes(4, "big") + message
    response = await http.post(
        f"{SERVICE}/ClientStream",
        content=frame * count,
        headers={"content-type": "application/connect+proto"},
    )
    end = json.loads(response.content[5:])
    assert end["error"]["code"] == "resource_exhausted"
