"""Clients' own messages: google.protobuf classes, made from a descriptor set.

They share nothing with the server but gen/triptych.binpb, as a client in another language would.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.message_factory import GetMessageClass

ROOT = Path(__file__).parents[2]
DESCRIPTOR_SET = ROOT / "gen/triptych.binpb"


class Contract:
    """The rpcs of all services in descriptor sets.

    Args:
        descriptor_sets: google.protobuf.FileDescriptorSets, each with all that its files import.
    """

    def __init__(self, *descriptor_sets: bytes) -> None:
        files = [file for each in descriptor_sets for file in FileDescriptorSet.FromString(each).file]
        pool = descriptor_pool.Default()
        _add(pool, files)
        services = {f"{file.package}.{service.name}" for file in files for service in file.service}
        self._methods: dict[str, list[MethodDescriptor]] = {}
        for service in sorted(services):
            for method in pool.FindServiceByName(service).methods:
                for name in (method.name, f"{service}/{method.name}"):
                    self._methods.setdefault(name, []).append(method)

    def method(self, name: str) -> MethodDescriptor:
        """Return an rpc.

        Args:
            name: Its name, as `GetUser`; with its service, as `gitpod.v1.UserService/GetUser`, where several
                services have it.
        """
        found = self._methods.get(name, [])
        if len(found) != 1:
            services = ", ".join(method.containing_service.full_name for method in found) or "no service"
            raise LookupError(f"{name} is an rpc of {services}")
        return found[0]

    def request(self, rpc: str, **fields: Any) -> Any:
        """Return the request message of an rpc."""
        return GetMessageClass(self.method(rpc).input_type)(**fields)


@cache
def contract() -> Contract:
    """Return the contract of the server, read once a process."""
    return Contract(DESCRIPTOR_SET.read_bytes())


def request(rpc: str, **fields: Any) -> Any:
    """Return the request message of an rpc of the server."""
    return contract().request(rpc, **fields)


def _add(pool: descriptor_pool.DescriptorPool, files: Iterable[FileDescriptorProto]) -> None:
    """Make files known, of which each comes after its imports."""
    for file in files:
        if file.name.startswith("google/"):
            # Its classes are installed, and must be the same for everyone.
            importlib.import_module(file.name.removesuffix(".proto").replace("/", ".") + "_pb2")
            continue
        try:
            pool.FindFileByName(file.name)
        except KeyError:
            pool.AddSerializedFile(file.SerializeToString())
