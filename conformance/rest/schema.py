"""transcoding.proto, compiled when it is needed, and read by Google's own runtime.

Google's runtime judges: it is independent of the one that the server is made with.
"""

from __future__ import annotations

import importlib.util
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Final

import grpc_tools
from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    json_format,
    message_factory,
    text_format,
)
from grpc_tools import protoc

SERVICE: Final = "triptych.transcoding.v1.TranscodingService"
FOLDER: Final = Path(__file__).parent
SOURCE: Final = "transcoding.proto"
ParseError = json_format.ParseError


@cache
def descriptor_set(peer: str = "") -> bytes:
    """Compile transcoding.proto: a descriptor set with all that it imports.

    Args:
        peer: Who it is for: without the rules that this implementation refuses.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / SOURCE).write_text(source(peer))
        image = Path(folder) / "transcoding.binpb"
        arguments = [*(f"-I{include}" for include in (folder, *includes())), "--include_imports"]
        if protoc.main(["protoc", *arguments, f"--descriptor_set_out={image}", SOURCE]):
            raise RuntimeError(f"{SOURCE} cannot be compiled; protoc has told why")
        return image.read_bytes()


def source(peer: str = "") -> str:
    """Return transcoding.proto, without the lines that are not for a peer."""
    lines = (FOLDER / SOURCE).read_text().splitlines(keepends=True)
    return "".join(line for line in lines if not peer or f"// not for {peer}" not in line)


def includes() -> list[Path]:
    """Return the folders in which protoc finds what transcoding.proto imports."""
    annotations = importlib.util.find_spec("google.api.annotations_pb2")
    if annotations is None or annotations.origin is None:
        raise RuntimeError("googleapis-common-protos is not installed")
    return [Path(grpc_tools.__file__).parent / "_proto", Path(annotations.origin).parents[2]]


def rpcs() -> frozenset[str]:
    """Return the names of the rpcs."""
    return frozenset(method.name for method in _pool().FindServiceByName(SERVICE).methods)


def from_json(value: Any) -> Any:
    """Return the ProtoJSON of a request in its canonical form, to compare requests by.

    Raises:
        json_format.ParseError: It is no request.
    """
    return _canonical(json_format.ParseDict(value, _request()(), descriptor_pool=_pool()))


def from_binary(data: bytes) -> Any:
    """Return the ProtoJSON of a request in its canonical form; a text if ProtoJSON cannot spell it.

    Raises:
        google.protobuf.message.DecodeError: It is no request.
    """
    message = _request().FromString(data)
    try:
        return _canonical(message)
    except json_format.SerializeToJsonError:
        return text_format.MessageToString(message, as_one_line=True)


def _canonical(message: Any) -> Any:
    return json_format.MessageToDict(message, descriptor_pool=_pool())


@cache
def _pool() -> Any:
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(descriptor_set()).file:
        pool.Add(file)
    return pool


@cache
def _request() -> Any:
    name = "triptych.transcoding.v1.Everything"
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(name))
