"""How REST spells messages, as JSON and as parameters, and errors."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from protobuf import DescEnum, DescField, Message, Registry, message_to_json_value

from triptych.codec.composed import Response
from triptych.codec.json import JsonReader, ProtoJsonWriter
from triptych.codec.values import declared_spellings
from triptych.errors import Code, RpcError
from triptych.rpc.methods import RestDialect
from triptych.transport.errors import DOCUMENTS_STATUSES, STATUSES, details_of, flat_body, status_body
from triptych.transport.rest.enums import EnumNames
from triptych.transport.rest.parameters import Parameters
from triptych.transport.rest.writer import JsonWriter


class Writer(Protocol):
    """Writes bodies.

    Attributes:
        proto_names: Whether fields are written by their names in the .proto file, or else in lowerCamelCase.
    """

    @property
    def proto_names(self) -> bool:
        """Whether fields are written by their names in the .proto file."""
        ...

    def write(self, response: Response) -> bytes:
        """Write a message."""
        ...

    def value(self, message: Message) -> Any:
        """Return what `json.dumps` makes the JSON of the message of."""
        ...

    def key(self, field: DescField) -> str:
        """Return the key that a field has."""
        ...

    def prepare(self, *message_classes: type[Message]) -> None:
        """Look at message classes ahead of their first use, which is slower without."""
        ...


class ErrorBody(Protocol):
    """Writes the bodies of errors."""

    def __call__(self, error: RpcError, request_id: str, *, standard_details: bool = True) -> bytes:
        """Write an error; with the standard details if it has none of its own, unless they are unwanted."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How REST spells messages and errors.

    Attributes:
        reader: Reads bodies.
        writer: Writes bodies.
        parameters: Finds the fields that the keys of a query stand for.
        enum_problem: Tells why the values of an enum cannot be spelled; "" if they can.
        error_body: Writes the bodies of errors.
        statuses: The HTTP status of each code.
        prefix: What unknown paths begin with that are refused in this dialect, as `/v1beta/`; "" for none.
    """

    reader: JsonReader
    writer: Writer
    parameters: Parameters
    enum_problem: Callable[[DescEnum], str]
    error_body: ErrorBody
    statuses: Mapping[Code, int]
    prefix: str = ""


def dialects(registry: Registry | None = None) -> Mapping[RestDialect, Dialect]:
    """Return the dialects by their names.

    Args:
        registry: The types that a google.protobuf.Any may hold; those of the details of errors, too.
    """
    return {"protojson": protojson(registry), "documents": documents(registry=registry)}


def protojson(registry: Registry | None = None) -> Dialect:
    """Return the dialect of services that name no other: ProtoJSON, and errors as google.rpc.Status.

    - Fields are written by their JSON names, defaults included unless the field has presence. They are read
      by these and by their names in the .proto file. Both names for one field, and a key that is no field,
      are refused.
    - Enum values are written by their names as declared, and read by these and by their numbers.
    """

    def error_body(error: RpcError, request_id: str, *, standard_details: bool = True) -> bytes:
        return status_body(error, details_of(error, request_id, standard=standard_details), registry)

    return Dialect(
        reader=JsonReader("refuse", registry=registry),
        writer=_ProtoJsonWriter(registry),
        parameters=Parameters(_parameter_spellings),
        enum_problem=lambda _: "",
        error_body=error_body,
        statuses=STATUSES,
    )


def documents(
    raw_enums: Collection[str] = (), registry: Registry | None = None, prefix: str = "/v1beta/"
) -> Dialect:
    """Return the dialect of the API of documents: ProtoJSON but for names, enums and what is left out.

    - Fields are written by their names in the .proto file, in snake_case. They are read by these and by their
      JSON names, since "the proto to JSON conversion must follow the proto3 specification"
      (google/api/http.proto). Both names for one field, and a key that is no field, are refused.
    - Enum values are spelled as `EnumNames` says, never as numbers. The one that stands for none is not read.
    - What is not set is left out, as `JsonWriter` says.
    - Errors are flat.

    Args:
        raw_enums: The full names of the enums whose values are spelled as the .proto file has them.
        registry: The types that a google.protobuf.Any may hold.
        prefix: Where paths that nothing is bound to are refused in this dialect.
    """
    names = EnumNames(raw_enums)

    def error_body(error: RpcError, request_id: str, *, standard_details: bool = True) -> bytes:
        return flat_body(error, request_id)

    return Dialect(
        reader=JsonReader("refuse", enum_spellings=names.readable, registry=registry),
        writer=JsonWriter(names, registry),
        parameters=Parameters(names.readable),
        enum_problem=names.problem,
        error_body=error_body,
        statuses=DOCUMENTS_STATUSES,
        prefix=prefix,
    )


class _ProtoJsonWriter(ProtoJsonWriter):
    def value(self, message: Message) -> Any:
        return message_to_json_value(message, registry=self._registry, always_emit_implicit=True)

    def key(self, field: DescField) -> str:
        return field.json_name

    def prepare(self, *message_classes: type[Message]) -> None:
        """Do nothing: what is native needs no plan."""


def _parameter_spellings(enum: DescEnum) -> Mapping[str | int, int]:
    """Tell what a text may give: a name as declared, or the digits of a number."""
    return {str(spelling): number for spelling, number in declared_spellings(enum).items()}
