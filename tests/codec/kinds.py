"""The message types of kinds.proto, which no contract needs and so no generator knows."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import grpc_tools
from grpc_tools import protoc
from protobuf import Message, Registry
from protobuf.wkt import FileDescriptorSet


def _compile() -> Registry:
    folder = Path(__file__).parent
    with tempfile.TemporaryDirectory() as target:
        image = Path(target) / "kinds.binpb"
        arguments = [f"-I{folder}", f"-I{Path(grpc_tools.__file__).parent / '_proto'}", "--include_imports"]
        assert protoc.main(["protoc", *arguments, f"--descriptor_set_out={image}", "kinds.proto"]) == 0
        return FileDescriptorSet.from_binary(image.read_bytes()).to_registry()


def _message(name: str) -> type[Message]:
    found = REGISTRY.message(name)
    assert found is not None
    return found.type


REGISTRY = _compile()
Kinds: Any = _message("codec.test.Kinds")
Plain: Any = _message("codec.test.Plain")
WellKnown: Any = _message("codec.test.WellKnown")
Timestamp: Any = _message("google.protobuf.Timestamp")
Duration: Any = _message("google.protobuf.Duration")
