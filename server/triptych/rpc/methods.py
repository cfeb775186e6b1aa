"""The method table: everything that transports and the pipeline know of an rpc, by path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from protobuf import DescService, Message
from protobuf.wkt import Empty
from protobuf.wkt.google.protobuf.descriptor_pb import MethodOptions

from triptych.errors import Code, RpcError

Kind = Literal["unary", "client_streaming", "server_streaming", "bidi_streaming"]
_MAX_ECHO: Final = 200
_NO_SIDE_EFFECTS: Final = MethodOptions.IdempotencyLevel.NO_SIDE_EFFECTS


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
        refusal: What every call gets instead; None for methods that exist.
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
    refusal: RpcError | None = None

    @property
    def path(self) -> str:
        """The path of the rpc, as `/gitpod.v1.UserService/GetUser`."""
        return f"/{self.service}/{self.name}" if self.service else f"/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceBinding:
    """A service of the contract, and the object that implements it.

    Attributes:
        needs_token: Whether callers must authenticate.
        standard_details: Whether errors that bring no details of their own get the standard ones.
    """

    desc: DescService
    implementation: object
    needs_token: bool = True
    standard_details: bool = True


class MissingMethodsError(Exception):
    """The contract has rpcs that nothing implements."""


def method_table(bindings: Iterable[ServiceBinding]) -> Mapping[str, Method]:
    """Build the table from descriptors and the objects that implement them.

    Raises:
        MissingMethodsError: Rpcs have no implementation; the error lists them all.
    """
    table: dict[str, Method] = {}
    missing: list[str] = []
    for binding in bindings:
        for desc in binding.desc.methods:
            attribute = _snake_case(desc.name)
            function = getattr(binding.implementation, attribute, None)
            if function is None:
                missing.append(
                    f"{binding.desc.type_name}.{desc.name}: "
                    f"{type(binding.implementation).__name__}.{attribute} does not exist"
                )
                continue
            method = Method(
                service=binding.desc.type_name,
                name=desc.name,
                kind=desc.method_kind,
                input=desc.input.type,
                output=desc.output.type,
                no_side_effects=desc.idempotency == _NO_SIDE_EFFECTS,
                needs_token=binding.needs_token,
                function=function,
                standard_details=binding.standard_details,
            )
            table[method.path] = method
    if missing:
        raise MissingMethodsError("\n".join(missing))
    return table


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
