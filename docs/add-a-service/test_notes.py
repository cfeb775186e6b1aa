"""NoteService as the README says: its commands generate and start it; clients of four protocols call."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from connectrpc.protocol import ProtocolType
from google.protobuf import json_format
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_tools import protoc

from support.api import Api, CallError, ConnectTransport, GrpcTransport, Transport
from support.generated import Contract

FOLDER = Path(__file__).parent
DESCRIPTORS = FOLDER.parents[1] / "gen/triptych.binpb"
SERVICE = "notes.v1.NoteService"
AUTH = {"authorization": "Bearer my-secret"}
SECONDS = 30
# Who runs the tests in the background may have it ignored.
WITH_SIGINT = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
ABSENT = "01970000-0000-7000-8000-000000000001"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the folder, with what its README says to generate."""
    root = tmp_path_factory.mktemp("add-a-service")
    folder = root / "docs/add-a-service"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("gen", "__pycache__"))
    (root / "gen").mkdir()
    shutil.copy(DESCRIPTORS, root / "gen")
    commands = re.findall(r"```sh\n(.*?)```", (FOLDER / "README.md").read_text(), re.DOTALL)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(commands[0], shell=True, check=True, cwd=folder, env={**os.environ, "PATH": path})
    assert commands[1] == "python main.py\n"
    return folder


@pytest.fixture(scope="module")
def ports(generated: Path) -> Iterator[tuple[int, int]]:
    """Run main.py, and give the ports of HTTP and gRPC."""
    command = [sys.executable, "-c", WITH_SIGINT, "main.py", "0", "0"]
    with subprocess.Popen(command, cwd=generated, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            http, rpc = map(int, re.findall(r"port (\d+)", line))
            yield http, rpc
        finally:
            server.send_signal(signal.SIGINT)
            server.communicate(timeout=SECONDS)

    assert server.returncode == 0


@pytest.fixture(scope="module")
def contract(generated: Path) -> Contract:
    """Return what clients know of the service."""
    target = generated / "notes.binpb"
    arguments = ["protoc", f"-I{generated}", f"--descriptor_set_in={DESCRIPTORS}", "--include_imports"]
    assert protoc.main([*arguments, f"--descriptor_set_out={target}", "notes/v1/note_service.proto"]) == 0
    return Contract(target.read_bytes())


@pytest.fixture(params=["grpc", "grpc-web", "connect-proto", "connect-json"])
async def api(
    request: pytest.FixtureRequest, ports: tuple[int, int], contract: Contract
) -> AsyncIterator[Api]:
    """Return a caller over one protocol after the other."""
    http, rpc = ports
    async with grpc.aio.insecure_channel(f"127.0.0.1:{rpc}") as channel:
        transports: dict[str, Transport] = {
            "grpc": GrpcTransport(channel),
            "grpc-web": ConnectTransport(f"http://127.0.0.1:{http}", ProtocolType.GRPC_WEB, "proto"),
            "connect-proto": ConnectTransport(f"http://127.0.0.1:{http}", ProtocolType.CONNECT, "proto"),
            "connect-json": ConnectTransport(f"http://127.0.0.1:{http}", ProtocolType.CONNECT, "json"),
        }
        yield Api(transports[request.param], "my-secret", service=SERVICE, contract=contract)


@pytest.fixture
async def http(ports: tuple[int, int]) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of REST."""
    url = f"http://127.0.0.1:{ports[0]}"
    async with httpx.AsyncClient(base_url=url, headers=AUTH, trust_env=False) as client:
        yield client


def message(method: MethodDescriptor, body: bytes) -> Any:
    """Read a response as Google's runtime does."""
    return json_format.Parse(body, GetMessageClass(method.output_type)())


async def test_a_note_is_kept(api: Api) -> None:
    created = (await api.CreateNote(text="Water the plants", priority="PRIORITY_HIGH")).note
    assert created.create_time.seconds > 0
    assert (await api.GetNote(note_id=created.id)).note == created
    assert (await api.ListNotes()).notes[0] == created
    assert created not in (await api.ListNotes(priority="PRIORITY_LOW")).notes


async def test_what_is_wrong_is_told(api: Api, contract: Contract) -> None:
    with pytest.raises(CallError) as caught:
        await api.CreateNote(text="")
    assert (caught.value.code, list(caught.value.violations)) == ("invalid_argument", ["text"])
    with pytest.raises(CallError) as caught:
        await api.GetNote(note_id=ABSENT)
    assert (caught.value.code, caught.value.reason) == ("not_found", "RESOURCE_NOT_FOUND")
    with pytest.raises(CallError) as caught:
        await Api(api.transport, "wrong", service=SERVICE, contract=contract).ListNotes()
    assert caught.value.code == "unauthenticated"


async def test_creating_is_limited_apart(api: Api) -> None:
    _, headers = await api.call_with_headers("CreateNote", api.contract.request("CreateNote", text="a"))
    assert headers["x-ratelimit-limit"] == "60"
    _, headers = await api.call_with_headers("ListNotes", api.contract.request("ListNotes"))
    assert headers["x-ratelimit-limit"] == "600"


async def test_rest(http: httpx.AsyncClient) -> None:
    response = await http.post("/v1/notes", json={"text": "Water the plants", "priority": 2})
    assert response.status_code == 200
    note = response.json()
    assert note.keys() == {"id", "text", "priority", "createTime"}
    assert (note["text"], note["priority"]) == ("Water the plants", "PRIORITY_HIGH")
    assert (await http.get(f"/v1/notes/{note['id']}")).json() == note
    assert note in (await http.get("/v1/notes", params={"priority": "PRIORITY_HIGH"})).json()["notes"]
    assert note not in (await http.get("/v1/notes?priority=1")).json()["notes"]
    assert (await http.head("/v1/notes")).status_code == 200


async def test_rest_agrees_with_the_others(http: httpx.AsyncClient, api: Api) -> None:
    created = (await api.CreateNote(text="a")).note
    response = await http.get("/v1/notes")
    assert message(api.contract.method(f"{SERVICE}/ListNotes"), response.content).notes[0] == created
    assert response.json()["notes"][0]["priority"] == "PRIORITY_UNSPECIFIED"


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "code", "fields"),
    [
        ("POST", "/v1/notes", {"text": ""}, 400, 3, ["text"]),
        ("POST", "/v1/notes", {"txt": "a"}, 400, 3, ["txt"]),
        ("POST", "/v1/notes", {"text": "a", "priority": "high"}, 400, 3, ["priority"]),
        ("GET", "/v1/notes?page=1", None, 400, 3, ["page"]),
        ("GET", "/v1/notes/1", None, 400, 3, ["note_id"]),
        ("GET", "/v1/notes/%zz", None, 400, 3, [""]),
        ("GET", f"/v1/notes/{ABSENT}", None, 404, 5, []),
        ("DELETE", "/v1/notes", None, 405, 12, []),
    ],
)
async def test_errors_of_rest(
    http: httpx.AsyncClient, verb: str, path: str, body: Any, status: int, code: int, fields: list[str]
) -> None:
    response = await http.request(verb, path, json=body)
    assert response.status_code == status
    shown = json_format.Parse(response.content, status_pb2.Status())
    assert shown.code == code
    bad_request, info = error_details_pb2.BadRequest(), error_details_pb2.ErrorInfo()
    assert shown.details[-1].Unpack(info)
    assert info.metadata["request_id"] == response.headers["x-request-id"]
    if fields:
        assert shown.details[0].Unpack(bad_request)
    assert [each.field for each in bad_request.field_violations] == fields


async def test_rest_without_a_token(http: httpx.AsyncClient) -> None:
    response = await http.get("/v1/notes", headers={"authorization": ""})
    assert (response.status_code, response.json()["code"]) == (401, 16)


async def test_what_nothing_is_bound_to_is_as_it_was(http: httpx.AsyncClient) -> None:
    assert (await http.delete("/v1/notes")).headers["allow"] == "GET, HEAD, POST, OPTIONS"
    assert (await http.get("/v1/nothing")).json()["code"] == "unimplemented"
    assert (await http.get("/v1beta/nothing")).json()["code"] == "not_found"
    assert (await http.get("/v1beta/documents")).json()["items"] == []


async def test_it_is_told_of(ports: tuple[int, int]) -> None:
    def look() -> None:
        with grpc.insecure_channel(f"127.0.0.1:{ports[1]}") as channel:
            assert SERVICE in ProtoReflectionDescriptorDatabase(channel).get_services()
            health = health_pb2_grpc.HealthStub(channel)
            status = health.Check(health_pb2.HealthCheckRequest(service=SERVICE)).status
            assert status == health_pb2.HealthCheckResponse.SERVING

    await asyncio.to_thread(look)
