"""The method table: everything that transports and the pipeline know of an rpc, by path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from protobuf import DescMethod, DescService, Message
from protobuf.wkt import Empty
from protobuf.wkt.google.protobuf.descriptor_pb import MethodOptions

from triptych.errors import Code, RpcError

Kind = Literal["unary", "client_streaming", "server_streaming", "bidi_streaming"]
_MAX_ECHO: Final = 200
_NO_SIDE_EFFECTS: Final = MethodOptions.IdempotencyLevel.NO_SIDE_EFFECTS

Admission = Literal["shared", "apart", "always"]
"""What calls of a method need: a place among all calls, one among those of their service, or none."""

RestDialect = Literal["protojson", "documents"]
"""How REST spells messages and errors, by the names of `triptych.transport.rest.dialect`."""


@dataclass(frozen=True, slots=True)
class CallsPerMinute:
    """How often a caller may call the methods of a service: all together, and those that create things."""

    calls: int
    creations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One rpc.

    `function` is the method of a service that implements it. By kind, it takes and returns

    - unary: `async (request, call) -> response`
    - client_streaming: `async (requests, call) -> response`, requests being an async iterator
    - server_streaming: `(request, call) -> responses`, an async iterator
    - bidi_streaming: `(requests, call) -> responses`

    Attributes:
        service: The full name of the service, as `gitpod.v1.UserService`.
        name: The name of the rpc, as `GetUser`.
        no_side_effects: Whether the rpc only reads. Then a read-only token will do, and Connect allows GET.
        needs_token: Whether callers must authenticate.
        standard_details: Whether errors that bring no details of their own get the standard ones.
        creates: Whether the rpc creates things, which has a limit of its own.
        limits: How often a caller may call the methods of the service; None for as often as it likes.
        refusal: What every call gets instead; None for methods that exist.
        admission: What kind of place a call needs to run.
        path: The path of the rpc, as `/gitpod.v1.UserService/GetUser`.
    """

    service: str
    name: str
    kind: Kind
    input: type[Message]
    output: type[Message]
    no_side_effects: bool
    needs_token: bool
    function: Callable[..., Any]
    standard_details: bool = True
    creates: bool = False
    limits: CallsPerMinute | None = None
    refusal: RpcError | None = None
    admission: Admission = "shared"
    path: str = field(init=False)

    def __post_init__(self) -> None:
        """Make the path, which every call asks for."""
        path = f"/{self.service}/{self.name}" if self.service else f"/{self.name}"
        object.__setattr__(self, "path", path)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTraits:
    """A service of the contract, and what is its own among services.

    Attributes:
        desc: The service.
        needs_token: Whether callers must authenticate.
        standard_details: Whether errors that bring no details of their own get the standard ones.
        rest_dialect: How REST spells messages and errors, for the rpcs that `google.api.http` rules map.
        creates: The names of the rpcs that create things, which `limits` counts apart as well.
        limits: How often a caller may call, where the settings ask for limits; None for as often as it likes.
        admissions: What kind of place the calls of an rpc need, by its name, if not one among all calls.
    """

    desc: DescService
    needs_token: bool = True
    standard_details: bool = True
    rest_dialect: RestDialect = "protojson"
    creates: frozenset[str] = frozenset()
    limits: CallsPerMinute | None = None
    admissions: Mapping[str, Admission] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceBinding(ServiceTraits):
    """A service, and the object that implements it: it has a method for each rpc, named in snake_case."""

    implementation: object


class BindingsError(Exception):
    """Services cannot be served as they are bound; the error lists all reasons."""


def method_table(bindings: Iterable[ServiceBinding]) -> Mapping[str, Method]:
    """Build the table from descriptors and the objects that implement them.

    Raises:
        BindingsError: Rpcs have no implementation, two bindings are of one service, or a binding names rpcs
            that the service has not, or limits callers that it does not know.
    """
    table: dict[str, Method] = {}
    problems: list[str] = []
    for binding in bindings:
        problems += _problems(binding)
        for desc in binding.desc.methods:
            attribute = _snake_case(desc.name)
            function = getattr(binding.implementation, attribute, None)
            if function is None:
                name = type(binding.implementation).__name__
                problems.append(f"{binding.desc.type_name}.{desc.name}: {name}.{attribute} does not exist")
                continue
            method = method_of(binding, desc, function)
            if method.path in table:
                problems.append(f"{method.service}.{method.name}: is bound twice")
            table[method.path] = method
    if problems:
        raise BindingsError("\n".join(problems))
    return table


def method_of(service: ServiceTraits, desc: DescMethod, function: Callable[..., Any]) -> Method:
    """Return a method of a service that is implemented by a function."""
    return Method(
        service=service.desc.type_name,
        name=desc.name,
        kind=desc.method_kind,
        input=desc.input.type,
        output=desc.output.type,
        no_side_effects=desc.idempotency == _NO_SIDE_EFFECTS,
        needs_token=service.needs_token,
        function=function,
        standard_details=service.standard_details,
        creates=desc.name in service.creates,
        limits=service.limits,
        admission=service.admissions.get(desc.name, "shared"),
    )


def _problems(binding: ServiceBinding) -> list[str]:
    name = binding.desc.type_name
    known = {desc.name for desc in binding.desc.methods}
    unknown = binding.creates - known
    problems = [
        f"{name}: admissions names {each}, which is no rpc of it"
        for each in sorted(set(binding.admissions) - known)
    ]
    problems += [f"{name}: creates names {each}, which is no rpc of it" for each in sorted(unknown)]
    if binding.limits and not binding.needs_token:
        problems.append(f"{name}: limits are for each caller, and callers are not known without a token")
    return problems


def unknown_method(path: str) -> Method:
    """Return what stands for a path that is not in the table: refused, but logged like others."""
    service, _, name = path.removeprefix("/").rpartition("/")
    refusal = RpcError(Code.UNIMPLEMENTED, f"unknown method {path[:_MAX_ECHO]}")
    return Method(
        service=service,
        name=name,
        kind="unary",
        input=Empty,
        output=Empty,
        no_side_effects=True,
        needs_token=False,
        function=Empty,
        standard_details=False,
        refusal=refusal,
    )


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
