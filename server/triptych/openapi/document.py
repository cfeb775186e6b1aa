"""The two documents of a server."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final

from protobuf import DescEnum, DescMethod

from triptych.openapi.comments import contract_comments
from triptych.openapi.connect import connect_operations
from triptych.openapi.errors import SCHEMAS, ErrorShape
from triptych.openapi.operations import SECURITY, operation_ids
from triptych.openapi.rest import rest_operations
from triptych.openapi.scalars import Schema
from triptych.openapi.schemas import Schemas, Spelling, component_names
from triptych.rpc.methods import Method, RestDialect, ServiceTraits, method_of
from triptych.transport.rest.enums import EnumNames
from triptych.transport.rest.http_rule import http_rules

_INTRODUCTION: Final = """\
{face}

Every call but those without a padlock needs a token, as `Authorization: Bearer <token>`. The server also \
speaks gRPC, gRPC-Web and {other}: the same methods, rules and errors."""
_REST: Final = "REST/JSON, as the `google.api.http` rules of the contract map it."
_CONNECT: Final = """\
Connect with JSON: each rpc is a POST of its request message to `/<service>/<method>`, and those that only \
read are a GET as well. `Connect-Timeout-Ms` tells how long a call may take. Streams are left out: OpenAPI \
cannot tell of them."""


def _declared(enum: DescEnum) -> Sequence[tuple[str, int]]:
    return [(value.json_name or value.name, value.number) for value in enum.values]


def _short(enum: DescEnum) -> Sequence[tuple[str, int]]:
    names = EnumNames()
    return [(names.name(value), value.number) for value in enum.values if not names.is_none(value)]


_VARIABLE: Final = re.compile(r"\{([^}]*)\}")
_PROTOJSON: Final = Spelling(key=lambda field: field.json_name, enum=_declared, closed=True, writes_zero=True)
_SPELLINGS: Final[Mapping[RestDialect, Spelling]] = {
    "protojson": _PROTOJSON,
    "documents": Spelling(key=lambda field: field.name, enum=_short, closed=True, writes_zero=False),
}
_OPEN: Final = Spelling(key=lambda field: field.json_name, enum=_declared, closed=False, writes_zero=True)
_SHAPES: Final[Mapping[RestDialect, ErrorShape]] = {"protojson": "status", "documents": "flat"}


def rest_document(services: Iterable[ServiceTraits]) -> Schema:
    """Return the OpenAPI document of the REST face.

    Args:
        services: The services that are served; those without annotations are left out.
    """
    document = _Document("Triptych over REST", _INTRODUCTION.format(face=_REST, other="Connect"))
    listed = [(service, [desc for desc in service.desc.methods if http_rules(desc)]) for service in services]
    ids = operation_ids(desc for _, descs in listed for desc in descs)
    groups = {
        dialect: [(service, descs) for service, descs in listed if service.rest_dialect == dialect]
        for dialect in _SPELLINGS
    }
    names = component_names(
        {dialect: [desc for _, descs in group for desc in descs] for dialect, group in groups.items()}
    )
    for dialect, group in groups.items():
        schemas = Schemas.of(
            _SPELLINGS[dialect],
            document.comments,
            names[dialect],
            [desc for _, descs in group for desc in descs],
        )
        shape = _SHAPES[dialect]
        for service, descs in group:
            if descs:
                document.add_tag(service)
                document.add_schemas(SCHEMAS[shape])
            for desc in descs:
                method, comment = _described(service, desc), document.comment(desc)
                document.add(rest_operations(desc, method, ids[desc], comment, schemas, shape))
        document.add_schemas(schemas.components)
    return document.content


def connect_document(services: Iterable[ServiceTraits]) -> Schema:
    """Return the OpenAPI document of the unary rpcs of Connect, in JSON.

    Args:
        services: The services that are served.
    """
    document = _Document("Triptych over Connect", _INTRODUCTION.format(face=_CONNECT, other="REST"))
    listed = [
        (service, [desc for desc in service.desc.methods if desc.method_kind == "unary"])
        for service in services
    ]
    ids = operation_ids(desc for _, descs in listed for desc in descs)
    names = component_names({"connect": list(ids)})["connect"]
    schemas = Schemas.of(_OPEN, document.comments, names, list(ids))
    document.add_schemas(SCHEMAS["connect"])
    for service, descs in listed:
        if descs:
            document.add_tag(service)
        for desc in descs:
            method, comment = _described(service, desc), document.comment(desc)
            document.add(connect_operations(desc, method, ids[desc], comment, schemas))
    document.add_schemas(schemas.components)
    return document.content


def _described(service: ServiceTraits, desc: DescMethod) -> Method:
    return method_of(service, desc, lambda *_: None)  # nobody calls it


class _Document:
    """A document that grows."""

    def __init__(self, title: str, introduction: str) -> None:
        self.comments = contract_comments()
        self._shapes: dict[str, str] = {}
        self.content: dict[str, Any] = {
            "openapi": "3.1.0",
            "info": {"title": title, "version": version("triptych"), "description": introduction},
            "servers": [{"url": "/"}],
            "tags": [],
            "paths": {},
            "components": {"securitySchemes": SECURITY, "schemas": {}},
        }

    def comment(self, desc: DescMethod) -> str:
        return self.comments.get(f"{desc.parent.type_name}.{desc.name}", "")

    def add_tag(self, service: ServiceTraits) -> None:
        text = self.comments.get(service.desc.type_name, "")
        tag = {"name": service.desc.name, **({"description": text} if text else {})}
        if tag not in self.content["tags"]:
            self.content["tags"].append(tag)

    def add(self, operations: Iterator[tuple[str, str, Schema]]) -> None:
        for path, verb, operation in operations:
            names = _VARIABLE.findall(path)
            # Paths that differ in the names of variables only are one path.
            known = self._shapes.setdefault(_VARIABLE.sub("{}", path), path)
            renamed = dict(zip(names, _VARIABLE.findall(known), strict=True))
            for each in operation.get("parameters", ()):
                if each["in"] == "path":
                    each["name"] = renamed[each["name"]]
            self.content["paths"].setdefault(known, {})[verb] = operation

    def add_schemas(self, schemas: Mapping[str, Schema]) -> None:
        self.content["components"]["schemas"] |= schemas
