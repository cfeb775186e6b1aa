"""Server reflection, asked by grpcio's own reflection client and by its messages over every transport."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import pytest
from connectrpc.client import ConnectClient
from connectrpc.compat import google_protobuf_binary_codec, google_protobuf_json_codec
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.protocol import ProtocolType
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse

from conftest import Server
from support import generated
from support.apps import running_app
from triptych.discovery import reflection
from triptych.services import listed

V1 = "grpc.reflection.v1.ServerReflection"
ALPHA = "grpc.reflection.v1alpha.ServerReflection"
SERVICES = sorted(service.desc.type_name for service in listed())

Ask = Callable[..., Awaitable[list[ServerReflectionResponse]]]


async def requests(asked: tuple[dict[str, Any], ...]) -> AsyncIterator[ServerReflectionRequest]:
    for fields in asked:
        yield ServerReflectionRequest(**fields)


@pytest.fixture(params=[V1, ALPHA])
def service(request: pytest.FixtureRequest) -> str:
    """Return the one version and the other: their messages are the same on the wire."""
    name: str = request.param
    return name


@pytest.fixture(params=["grpc", "grpc-web", "connect-proto", "connect-json"])
async def ask(server: Server, service: str, request: pytest.FixtureRequest) -> AsyncIterator[Ask]:
    """Return what sends requests on one stream and returns the answers, over one way in after the other."""
    way = request.param
    if way == "grpc":
        async with grpc.aio.insecure_channel(server.grpc) as channel:
            call = channel.stream_stream(
                f"/{service}/ServerReflectionInfo",
                ServerReflectionRequest.SerializeToString,
                ServerReflectionResponse.FromString,
            )

            async def by_grpc(*asked: dict[str, Any]) -> list[ServerReflectionResponse]:
                return [response async for response in call(requests(asked))]

            yield by_grpc
        return
    protocol = ProtocolType.GRPC_WEB if way == "grpc-web" else ProtocolType.CONNECT
    codec = google_protobuf_json_codec() if way == "connect-json" else google_protobuf_binary_codec()
    client = ConnectClient(server.http, protocol=protocol, codec=codec)
    method: MethodInfo[Any, Any] = MethodInfo(
        name="ServerReflectionInfo",
        service_name=service,
        input=ServerReflectionRequest,
        output=ServerReflectionResponse,
        idempotency_level=IdempotencyLevel.UNKNOWN,
        stream_type=StreamType.BIDI_STREAM,
    )

    async def by_connect(*asked: dict[str, Any]) -> list[ServerReflectionResponse]:
        replies = client.execute_bidi_stream(request=requests(asked), method=method)
        return [response async for response in replies]

    yield by_connect


def files(response: ServerReflectionResponse) -> dict[str, FileDescriptorProto]:
    """Return the files of an answer by name, in the order they came."""
    parsed = map(FileDescriptorProto.FromString, response.file_descriptor_response.file_descriptor_proto)
    return {file.name: file for file in parsed}


def names(response: ServerReflectionResponse) -> list[str]:
    """Return the services of an answer."""
    return [service.name for service in response.list_services_response.service]


async def test_the_services_are_listed_with_those_of_discovery(ask: Ask) -> None:
    (response,) = await ask({"host": "here", "list_services": "*"})
    assert names(response) == SERVICES
    assert response.valid_host == "here"
    assert response.original_request == ServerReflectionRequest(host="here", list_services="*")


@pytest.mark.parametrize(
    ("symbol", "file"),
    [
        ("gitpod.v1.UserService", "gitpod/v1/user_service.proto"),
        ("gitpod.v1.UserService.GetUser", "gitpod/v1/user_service.proto"),
        ("gitpod.v1.User", "gitpod/v1/user.proto"),
        ("gitpod.v1.User.avatar_url", "gitpod/v1/user.proto"),
        ("gitpod.v1.USER_STATUS_ACTIVE", "gitpod/v1/user.proto"),
        ("grpc.health.v1.HealthCheckResponse.ServingStatus", "grpc/health/v1/health.proto"),
        ("grpc.health.v1.HealthCheckResponse.SERVING", "grpc/health/v1/health.proto"),
        ("grpc.health.v1.HealthListResponse.StatusesEntry", "grpc/health/v1/health.proto"),
        ("grpc.reflection.v1.ServerReflectionRequest.message_request", "grpc/reflection/v1/reflection.proto"),
        ("google.protobuf.Timestamp", "google/protobuf/timestamp.proto"),
        ("google.rpc.ErrorInfo", "google/rpc/error_details.proto"),
        ("google.api.http", "google/api/annotations.proto"),
    ],
)
async def test_a_symbol_leads_to_its_file(ask: Ask, symbol: str, file: str) -> None:
    (response,) = await ask({"file_containing_symbol": symbol})
    assert next(iter(files(response))) == file


async def test_a_file_comes_with_all_that_it_imports_once_a_stream(ask: Ask) -> None:
    name = "factify/api/v1beta/document_service.proto"
    first, again, other = await ask(
        {"file_by_filename": name},
        {"file_by_filename": name},
        {"file_by_filename": "factify/api/v1beta/document.proto"},
    )
    pool, waiting = DescriptorPool(), files(first)
    assert next(iter(waiting)) == name
    while waiting:  # each file can be added once those are there that it imports
        ready = [file for file in waiting.values() if not waiting.keys() & set(file.dependency)]
        assert ready
        for file in ready:
            pool.Add(waiting.pop(file.name))
    assert pool.FindServiceByName("factify.api.v1beta.DocumentService").full_name
    assert list(files(again)) == [name]
    assert list(files(other)) == ["factify/api/v1beta/document.proto"]


async def test_extensions(ask: Ask) -> None:
    options = "google.protobuf.MethodOptions"
    http, numbers, none = await ask(
        {"file_containing_extension": {"containing_type": options, "extension_number": 72295728}},
        {"all_extension_numbers_of_type": options},
        {"all_extension_numbers_of_type": "gitpod.v1.User"},
    )
    assert next(iter(files(http))) == "google/api/annotations.proto"
    assert numbers.all_extension_numbers_response.base_type_name == options
    assert list(numbers.all_extension_numbers_response.extension_number) == [72295728]
    assert none.WhichOneof("message_response") == "all_extension_numbers_response"
    assert list(none.all_extension_numbers_response.extension_number) == []


async def test_what_is_not_found_is_an_error_in_the_response_and_the_stream_goes_on(ask: Ask) -> None:
    *errors, last = await ask(
        {"file_by_filename": "gitpod/v1/nothing.proto"},
        {"file_containing_symbol": "gitpod.v1"},
        {"file_containing_symbol": ".gitpod.v1.User"},
        {"file_containing_extension": {"containing_type": "gitpod.v1.User", "extension_number": 1}},
        {"all_extension_numbers_of_type": "gitpod.v1.UserService"},
        {"list_services": ""},
    )
    assert [response.error_response.error_code for response in errors] == [5] * 5
    assert errors[0].error_response.error_message == "file gitpod/v1/nothing.proto is not known here"
    assert names(last) == SERVICES


async def test_a_request_that_asks_for_nothing_is_invalid(ask: Ask) -> None:
    (response,) = await ask({})
    assert response.error_response.error_code == 3


async def test_the_descriptors_are_those_of_the_contract(server: Server) -> None:
    contract = FileDescriptorSet.FromString(generated.DESCRIPTOR_SET.read_bytes())

    def compare() -> None:
        with grpc.insecure_channel(server.grpc) as channel:
            database = ProtoReflectionDescriptorDatabase(channel)
            for service in database.get_services():
                assert DescriptorPool(database).FindServiceByName(service).full_name == service
            for file in contract.file:
                if not file.name.startswith("triptych/"):  # the seed file's, which no service imports
                    assert known(database.FindFileByName(file.name)) == known(file)

    await asyncio.to_thread(compare)


def known(file: FileDescriptorProto) -> list[object]:
    """Return what a file declares: buf adds fields of its own, and only sources have comments."""
    return [
        *(file.name, file.package, file.syntax, file.options, list(file.dependency)),
        *(file.message_type, file.enum_type, file.service, file.extension),
    ]


async def test_what_the_conformance_flag_mounts_is_listed() -> None:
    async with (
        running_app(conformance=True) as app,
        grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc.port}") as channel,
    ):
        call = channel.stream_stream(
            f"/{V1}/ServerReflectionInfo",
            ServerReflectionRequest.SerializeToString,
            ServerReflectionResponse.FromString,
        )
        (response,) = [reply async for reply in call(requests(({"list_services": ""},)))]
        assert set(names(response)) > {*SERVICES, "connectrpc.conformance.v1.ConformanceService"}


async def test_one_stream_may_not_ask_for_ever(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reflection, "MAX_BYTES", 100_000)
    path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
    async with grpc.aio.insecure_channel(server.grpc) as channel:
        call = channel.stream_stream(path)()
        name = b"gitpod/v1/project_service.proto"
        size = 0
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            for _ in range(1000):
                await call.write(b"\x1a" + bytes([len(name)]) + name)
                size += len(await call.read())
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert 100_000 < size < 400_000


async def test_reflection_can_be_switched_off() -> None:
    async with (
        running_app(reflection=False) as app,
        grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc.port}") as channel,
    ):
        for service in (V1, ALPHA):
            call = channel.stream_stream(f"/{service}/ServerReflectionInfo")()
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await anext(aiter(call))
            assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
