"""Clients' own messages: google.protobuf classes, generated from the descriptor set by protoc.

They share nothing with the server but gen/triptych.binpb, as a client in another language would.
"""

from __future__ import annotations

import atexit
import importlib
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import grpc_tools
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass
from grpc_tools import protoc

ROOT = Path(__file__).parents[2]
DESCRIPTOR_SET = ROOT / "gen/triptych.binpb"
SERVICE_FILES = (
    "gitpod/v1/user_service",
    "gitpod/v1/project_service",
    "factify/api/v1beta/document_service",
)
FILES = (
    *SERVICE_FILES,
    *(
        f"gitpod/v1/{name}"
        for name in (
            "count",
            "environment_initializer",
            "identity",
            "pagination",
            "personal_access_token",
            "project",
            "runner_configuration",
            "sort",
            "user",
        )
    ),
    "factify/api/v1beta/document",
    "factify/api/v1beta/pagination",
    "buf/validate/validate",
)


@cache
def modules() -> dict[str, ModuleType]:
    """Generate the modules, once a process, and return them by the name of their file."""
    folder = tempfile.mkdtemp(prefix="triptych-generated-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    arguments = [
        "protoc",
        f"--descriptor_set_in={DESCRIPTOR_SET}",
        f"--python_out={folder}",
        f"--grpc_python_out={folder}",
        *(f"{name}.proto" for name in FILES),
    ]
    assert protoc.main(arguments) == 0, grpc_tools
    sys.path.insert(0, folder)
    return {name: importlib.import_module(name.replace("/", ".") + "_pb2") for name in FILES}


@cache
def methods() -> dict[str, MethodDescriptor]:
    """Return the rpcs of the services by name."""
    found = {}
    for name in SERVICE_FILES:
        for service in modules()[name].DESCRIPTOR.services_by_name.values():
            found.update({method.name: method for method in service.methods})
    return found


def request(rpc: str, **fields: Any) -> Any:
    """Return the request message of an rpc."""
    return GetMessageClass(methods()[rpc].input_type)(**fields)
