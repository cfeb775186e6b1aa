"""What real clients of the published API do over HTTP, and what they must get."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import brotli
import httpx
import pytest
import zstandard

from conftest import Server
from support.http import new_http_client

USER = "/gitpod.v1.UserService"
PROJECT = "/gitpod.v1.ProjectService"
AUTH = {"authorization": "Bearer start-token"}


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """Return a plain HTTP client with a token."""
    async with new_http_client(base_url=server.http, headers=AUTH) as client:
        yield client


async def project(http: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    """Create a project over JSON."""
    body = {"name": "site", "initializer": {"specs": []}, **fields}
    response = await http.post(f"{PROJECT}/CreateProject", json=body)
    assert response.status_code == 200, response.text
    created: dict[str, Any] = response.json()["project"]
    return created


@pytest.mark.parametrize("prefix", ["", "/api", "/", "//", "/api/", "//api//"])
async def test_paths_as_sdks_join_them(http: httpx.AsyncClient, prefix: str) -> None:
    response = await http.post(f"{http.base_url}{prefix}{USER}/GetAuthenticatedUser", json={})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"


async def test_unknown_fields_and_nulls_are_accepted(http: httpx.AsyncClient) -> None:
    response = await http.post(f"{USER}/GetAuthenticatedUser", json={"empty": True, "x": [{"y": None}]})
    assert response.status_code == 200
    created = await project(http)
    body = {"projectId": created["id"], "name": "n", "initializer": None, "prebuildConfiguration": None}
    assert (await http.post(f"{PROJECT}/UpdateProject", json=body)).status_code == 200


async def test_what_json_clients_need_is_printed(http: httpx.AsyncClient) -> None:
    body = {"filter": {"search": "nothing has this name"}}
    page = (await http.post(f"{PROJECT}/ListProjects", json=body)).json()
    assert page["projects"] == []
    created = await project(http, prebuildConfiguration={"trigger": {"dailySchedule": {}}})
    assert created["environmentClass"] == {"order": 0}
    assert created["environmentClasses"] == []
    assert created["prebuildConfiguration"]["timeout"] == "3600s"
    assert created["prebuildConfiguration"]["trigger"]["dailySchedule"] == {"hourUtc": 0}
    assert created["desiredPhase"] == "PROJECT_PHASE_ACTIVE"
    assert created["metadata"]["createdAt"].endswith("Z")
    assert "recommendedEditors" not in created
    response = await http.post(f"{PROJECT}/DeleteProject", json={"projectId": created["id"]})
    assert (response.text, response.headers["content-type"]) == ("{}", "application/json")


async def test_the_query_wins_over_the_body(http: httpx.AsyncClient) -> None:
    ids = [(await project(http, name="paged"))["id"] for _ in range(3)]
    body = {"filter": {"projectIds": ids}, "sort": {"field": "id"}, "pagination": {"pageSize": 100}}
    url, seen = f"{PROJECT}/ListProjects?pageSize=1", []
    while True:
        page = (await http.post(url, json=body)).json()
        seen += [item["id"] for item in page["projects"]]
        if not page["pagination"]["nextToken"]:
            break
        url = f"{PROJECT}/ListProjects?pageSize=1&token={page['pagination']['nextToken']}"
    assert seen == ids
    for query, field in (
        ("pageSize=x", "pagination.page_size"),
        ("pageSize=101", "pagination.page_size"),
        ("token=x", "pagination.token"),
        ("token=x&token=y", "pagination.token"),
    ):
        response = await http.post(f"{PROJECT}/ListProjects?{query}", json=body)
        assert response.status_code == 400
        assert field in response.json()["message"]


async def test_get_reads(http: httpx.AsyncClient) -> None:
    path = f"{USER}/GetAuthenticatedUser"
    expected = (await http.post(path, json={})).json()
    plain = await http.get(path, params={"connect": "v1", "encoding": "json", "message": "{}"})
    assert plain.json() == expected
    form = {"content-type": "application/x-www-form-urlencoded", "content-length": "0"}
    message = base64.urlsafe_b64encode(b"{}").decode()
    query = {"connect": "v1", "base64": "1", "encoding": "json", "message": message}
    assert (await http.get(path, params=query, headers=form)).json() == expected
    binary = await http.get(path, params={"connect": "v1", "base64": "1", "encoding": "proto", "message": ""})
    assert binary.headers["content-type"] == "application/proto"
    refused = await http.get(f"{PROJECT}/DeleteProject", params={"encoding": "json", "message": "{}"})
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert (await http.get(path, params={"encoding": "json"})).status_code == 400
    assert (await http.get(path, params={"encoding": "xml", "message": ""})).status_code == 415
    assert (await http.get(path + "?encoding=json&message=%22%FF%22")).status_code == 400


@pytest.mark.parametrize(
    ("name", "compress", "decompress"),
    [
        ("gzip", gzip.compress, gzip.decompress),
        ("br", brotli.compress, brotli.decompress),
        ("zstd", zstandard.compress, zstandard.decompress),
    ],
)
async def test_compression_both_ways(server: Server, name: str, compress: Any, decompress: Any) -> None:
    text = "what compresses well " * 100
    body = json.dumps({"name": "p", "initializer": {}, "technicalDescription": text}).encode()
    headers = {
        **AUTH,
        "content-type": "application/json",
        "content-encoding": name,
        "accept-encoding": name,
    }
    async with (
        new_http_client(base_url=server.http) as http,
        http.stream("POST", f"{PROJECT}/CreateProject", content=compress(body), headers=headers) as response,
    ):
        raw = b"".join([chunk async for chunk in response.aiter_raw()])
    assert response.headers["content-encoding"] == name
    assert int(response.headers["content-length"]) == len(raw)
    assert json.loads(decompress(raw))["project"]["technicalDescription"] == text


@pytest.mark.parametrize(
    ("verb", "path", "headers", "status", "code"),
    [
        ("POST", "/nothing", {}, 404, "unimplemented"),
        ("GET", "/nothing", {}, 404, "unimplemented"),
        ("POST", f"{USER}/Nothing", {}, 404, "unimplemented"),
        ("POST", "/gitpod.v1.Nothing/GetUser", {}, 404, "unimplemented"),
        ("PUT", f"{USER}/GetUser", {}, 405, "unknown"),
        ("HEAD", f"{USER}/GetUser", {}, 405, None),
        ("POST", f"{USER}/GetUser", {"content-type": "text/plain"}, 415, "unknown"),
        ("POST", f"{USER}/GetUser", {"content-type": "application/connect+json"}, 415, "unknown"),
        ("POST", f"{USER}/GetUser", {"content-type": "application/grpc"}, 415, "unknown"),
        ("POST", f"{USER}/GetUser", {}, 415, "unknown"),
    ],
)
async def test_errors_are_json_whatever_is_wrong(
    http: httpx.AsyncClient, verb: str, path: str, headers: dict[str, str], status: int, code: str | None
) -> None:
    response = await http.request(verb, path, headers=headers, content=b"{}" if verb != "GET" else None)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["x-request-id"]
    assert response.headers["x-should-retry"] == "false" or status != 404
    if code:
        assert response.json()["code"] == code
        assert response.json()["message"]


async def test_errors_say_whether_a_retry_can_mend_them(http: httpx.AsyncClient) -> None:
    test = "/triptych.test.v1.TestService/Unary"
    final = ("invalid_argument", "not_found", "already_exists", "unimplemented", "failed_precondition")
    for code in (*final, "permission_denied", "unauthenticated", "out_of_range", "canceled"):
        response = await http.post(test, json=f"code:{code}")
        assert response.headers["x-should-retry"] == "false", code
    for code in ("unavailable", "aborted", "internal", "unknown", "deadline_exceeded", "data_loss"):
        assert "x-should-retry" not in (await http.post(test, json=f"code:{code}")).headers, code


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", ";charset=UTF-8"])
async def test_media_type_parameters_are_ignored(http: httpx.AsyncClient, charset: str) -> None:
    headers = {"content-type": f"application/json{charset}"}
    response = await http.post(f"{USER}/GetAuthenticatedUser", content=b"{}", headers=headers)
    assert response.status_code == 200


async def test_a_wrong_protocol_version_is_refused(http: httpx.AsyncClient) -> None:
    headers = {"connect-protocol-version": "2"}
    response = await http.post(f"{USER}/GetAuthenticatedUser", json={}, headers=headers)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_argument")
