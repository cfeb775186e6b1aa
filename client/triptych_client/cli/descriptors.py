"""`triptych descriptors`: which .proto files there are, and a descriptor set of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import click
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from protobuf import Oneof
from protobuf.wkt import FileDescriptorProto

import triptych_api
from triptych_api.grpc.reflection.v1 import reflection_pb as reflection
from triptych_client import Client
from triptych_client.cli.connection import connect
from triptych_client.cli.failures import CommandFailed
from triptych_client.cli.options import ClientCommand, given
from triptych_client.descriptor_set import ERROR_FILES, descriptor_set, files_of, for_clients
from triptych_client.descriptor_set import below as moved_below

_METHOD = MethodInfo(
    name="ServerReflectionInfo",
    service_name="grpc.reflection.v1.ServerReflection",
    input=reflection.ServerReflectionRequest,
    output=reflection.ServerReflectionResponse,
    stream_type=StreamType.BIDI_STREAM,
    idempotency_level=IdempotencyLevel.UNKNOWN,
)
# Folders become packages, so they are named as those of Python may be.
_FOLDER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(/[A-Za-z_][A-Za-z0-9_]*)*")


def _folder(_context: click.Context, _parameter: click.Parameter, text: str | None) -> str | None:
    """Check the path of a folder that .proto files are said to be in."""
    if text is not None and not _FOLDER.fullmatch(text):
        raise click.BadParameter("not packages of Python, as contract or my/contract")
    return text


@click.command(cls=ClientCommand)
@click.option("--client", is_flag=True, help="Only what clients need: no rules, HTTP paths and seed format.")
@click.option(
    "--below",
    metavar="FOLDER",
    callback=_folder,
    help="Put the files, but google/ and buf/, below this folder: Python then has them as one package.",
)
@click.option(
    "-o",
    "--output-file",
    "target",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the descriptor set to this file, for buf, protoc --descriptor_set_in and grpcurl -protoset.",
)
def descriptors(client: bool, below: str | None, target: Path | None) -> None:
    """Print the names of the .proto files of the contract, one a line: imports come before what needs them.

    With --server on the command line, those of that running server, which it tells by reflection, to anybody
    and without comments.
    """
    files = _running() if given("server") else files_of(packaged_set().read_bytes())
    chosen = for_clients(files) if client else files
    encoded = descriptor_set(chosen if below is None else moved_below(below, chosen))
    if target is not None:
        try:
            target.write_bytes(encoded)
        except OSError as error:
            raise CommandFailed(f"{target} cannot be written: {error.strerror}") from None
    for file in files_of(encoded):
        click.echo(file.name)


def packaged_set() -> Path:
    """Return the set that came with the package: inside of it when it is installed, in gen/ in a checkout."""
    package = Path(triptych_api.__file__).parent
    installed = package / "triptych.binpb"
    return installed if installed.exists() else package.parents[1] / "triptych.binpb"


def _running() -> list[FileDescriptorProto]:
    """Return the files of a running server.

    Raises:
        CommandFailed: It cannot be asked.
    """
    with connect(anonymous=True) as client:
        listed = [Oneof("list_services", "")]
        services = [
            service.name
            for response in _ask(client, listed)
            if isinstance(response, reflection.ListServiceResponse)
            for service in response.service
        ]
        wanted = [
            *(Oneof("file_containing_symbol", name) for name in services),
            *(Oneof("file_by_filename", name) for name in ERROR_FILES),
        ]
        encoded = [
            file
            for response in _ask(client, wanted)
            if isinstance(response, reflection.FileDescriptorResponse)
            for file in response.file_descriptor_proto
        ]
    files = [FileDescriptorProto.from_binary(each) for each in encoded]
    return list({file.name: file for file in files}.values())


def _ask(client: Client, asked: Iterable[Oneof[str, str]]) -> Iterator[object]:
    requests = (reflection.ServerReflectionRequest(message_request=each) for each in asked)  # type: ignore[arg-type] # mypy does not see the names in it
    for response in client.calls.bidi_stream(_METHOD, requests):
        if response.message_response is not None:
            yield response.message_response.value
