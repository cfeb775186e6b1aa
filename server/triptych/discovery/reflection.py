"""Server reflection: which services there are, and the descriptors of their files.

Answered from the descriptors that the server itself runs on, for grpc.reflection.v1 and v1alpha alike.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Final, TypeVar

from protobuf import DescFile, DescMessage, DescService, Message, Oneof, Registry
from protobuf.wkt.google.protobuf.descriptor_pb import (
    DescriptorProto,
    EnumDescriptorProto,
    FileDescriptorProto,
)

from triptych.errors import Code, RpcError
from triptych.rpc.call import Call
from triptych_api.grpc.reflection.v1 import reflection_pb as v1
from triptych_api.grpc.reflection.v1alpha import reflection_pb as v1alpha

DescT = TypeVar("DescT", DescFile, DescMessage)

_MAX_ECHO: Final = 200
# All descriptors together are a twentieth of it.
MAX_BYTES: Final = 8 * 1024 * 1024
MAX_REQUESTS: Final = 10_000


class ReflectionService:
    """grpc.reflection.v1.ServerReflection.

    Args:
        services: The services that are told of, with all that their files import.
        files: Files that no service imports, but clients need: those of error details.
    """

    def __init__(self, services: Iterable[DescService], files: Iterable[DescFile] = ()) -> None:
        services = list(services)
        self._services = sorted(service.type_name for service in services)
        self._registry = Registry(*(service.file for service in services), *files)
        known = [desc for desc in self._registry if isinstance(desc, DescFile)]
        self._encoded = {file.name: file.proto.to_binary() for file in known}
        self._symbols = {name: file for file in known for name in _symbols(file.proto)}

    async def server_reflection_info(
        self, requests: AsyncIterator[v1.ServerReflectionRequest], call: Call
    ) -> AsyncIterator[v1.ServerReflectionResponse]:
        """Answer each request as it comes; what cannot be found is an error inside the response.

        A file that is answered comes with its imports, but for those that the stream has brought already.

        Raises:
            RpcError: RESOURCE_EXHAUSTED beyond what one stream may ask for.
        """
        sent: set[str] = set()
        size = count = 0
        async for request in requests:
            count += 1
            if size > MAX_BYTES or count > MAX_REQUESTS:
                raise RpcError(
                    Code.RESOURCE_EXHAUSTED,
                    f"one stream may ask {MAX_REQUESTS} times, and for {MAX_BYTES} bytes of descriptors",
                )
            try:
                answer = self._answer(request, sent)
            except RpcError as error:
                message = v1.ErrorResponse(error_code=int(error.code), error_message=error.message)
                answer = Oneof("error_response", message)
            size += _size(answer)
            yield v1.ServerReflectionResponse(
                valid_host=request.host,
                original_request=request,
                message_response=answer,  # type: ignore[arg-type] # mypy does not see the names in it
            )

    def _answer(self, request: v1.ServerReflectionRequest, sent: set[str]) -> Oneof[str, Message]:
        match request.message_request:
            case Oneof("list_services"):
                services = [v1.ServiceResponse(name=name) for name in self._services]
                return Oneof("list_services_response", v1.ListServiceResponse(service=services))
            case Oneof("all_extension_numbers_of_type", str(name)):
                return Oneof("all_extension_numbers_response", self._extension_numbers(name))
            case asked:
                return Oneof("file_descriptor_response", self._descriptors(self._file(asked), sent))

    def _file(self, asked: object) -> DescFile:
        """Return the file that a request asks for.

        Raises:
            RpcError: NOT_FOUND if there is none, INVALID_ARGUMENT if nothing is asked.
        """
        match asked:
            case Oneof("file_by_filename", str(name)):
                return _found(self._registry.file(name), f"file {name}")
            case Oneof("file_containing_symbol", str(name)):
                return _found(self._symbols.get(name), f"symbol {name}")
            case Oneof("file_containing_extension", v1.ExtensionRequest() as wanted):
                extension = self._registry.extension_for(wanted.containing_type, wanted.extension_number)
                what = f"extension {wanted.extension_number} of {wanted.containing_type}"
                return _found(extension and extension.file, what)
            case _:
                raise RpcError(Code.INVALID_ARGUMENT, "the request asks for nothing that is known here")

    def _extension_numbers(self, type_name: str) -> v1.ExtensionNumberResponse:
        _found(self._registry.message(type_name), f"message {type_name}")
        numbers = sorted(extension.number for extension in self._registry.extensions_for(type_name))
        return v1.ExtensionNumberResponse(base_type_name=type_name, extension_number=numbers)

    def _descriptors(self, file: DescFile, sent: set[str]) -> v1.FileDescriptorResponse:
        names = [file.name, *(name for name in _imports(file) if name not in sent)]
        sent.update(names)
        return v1.FileDescriptorResponse(file_descriptor_proto=[self._encoded[name] for name in names])


class AlphaReflectionService:
    """grpc.reflection.v1alpha.ServerReflection, which older clients ask: the same messages by other names."""

    def __init__(self, reflection: ReflectionService) -> None:
        self._reflection = reflection

    async def server_reflection_info(
        self, requests: AsyncIterator[v1alpha.ServerReflectionRequest], call: Call
    ) -> AsyncIterator[v1alpha.ServerReflectionResponse]:
        """Answer as v1 does."""
        same = (v1.ServerReflectionRequest.from_binary(request.to_binary()) async for request in requests)
        async for response in self._reflection.server_reflection_info(same, call):
            yield v1alpha.ServerReflectionResponse.from_binary(response.to_binary())


def _size(answer: Oneof[str, Message]) -> int:
    files = answer.value
    if isinstance(files, v1.FileDescriptorResponse):
        return sum(map(len, files.file_descriptor_proto))
    return 0


def _found(desc: DescT | None, what: str) -> DescT:
    if desc is None:
        raise RpcError(Code.NOT_FOUND, f"{what[:_MAX_ECHO]} is not known here")
    return desc


def _imports(file: DescFile) -> list[str]:
    """Return the names of the files that a file imports, and those import, each once."""
    names: dict[str, None] = {}
    waiting = list(file.dependencies)
    while waiting:
        dependency = waiting.pop(0)
        if dependency.name not in names:
            names[dependency.name] = None
            waiting += dependency.dependencies
    return list(names)


def _symbols(file: FileDescriptorProto) -> Iterator[str]:
    """Yield the full name of everything that a file declares."""
    prefix = f"{file.package}." if file.package else ""
    for message in file.message_type:
        yield from _symbols_of_message(message, prefix)
    for enum in file.enum_type:
        yield from _symbols_of_enum(enum, prefix)
    for extension in file.extension:
        yield prefix + extension.name
    for service in file.service:
        yield prefix + service.name
        for method in service.method:
            yield f"{prefix}{service.name}.{method.name}"


def _symbols_of_message(message: DescriptorProto, prefix: str) -> Iterator[str]:
    yield prefix + message.name
    prefix += f"{message.name}."
    for field in (*message.field, *message.extension):
        yield prefix + field.name
    for oneof in message.oneof_decl:
        yield prefix + oneof.name
    for nested in message.nested_type:
        yield from _symbols_of_message(nested, prefix)
    for enum in message.enum_type:
        yield from _symbols_of_enum(enum, prefix)


def _symbols_of_enum(enum: EnumDescriptorProto, prefix: str) -> Iterator[str]:
    yield prefix + enum.name
    for value in enum.value:  # the scope of a value is that of its enum
        yield prefix + value.name
