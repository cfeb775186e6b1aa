"""How REST spells messages: as JSON, and as parameters."""

from __future__ import annotations

from collections.abc import Collection

from protobuf import Registry

from triptych.codec.json import JsonReader
from triptych.transport.rest.enums import EnumNames
from triptych.transport.rest.parameters import Parameters
from triptych.transport.rest.writer import JsonWriter


class Dialect:
    """The dialect: ProtoJSON but for names, enums and what is left out.

    - Fields are written by their names in the .proto file, in snake_case. They are read by these and by their
      JSON names, since "the proto to JSON conversion must follow the proto3 specification"
      (google/api/http.proto). Both names for one field, and a key that is no field, are refused.
    - Enum values are spelled as `EnumNames` says, never as numbers. The one that stands for none is not read.
    - What is not set is left out, as `JsonWriter` says.

    Attributes:
        names: The names of enum values.
        reader: Reads bodies.
        writer: Writes bodies.
        parameters: Finds the fields that the keys of a query stand for.

    Args:
        raw_enums: The full names of the enums whose values are spelled as the .proto file has them.
        registry: The types that a google.protobuf.Any may hold.
    """

    def __init__(self, raw_enums: Collection[str] = (), registry: Registry | None = None) -> None:
        self.names = EnumNames(raw_enums)
        self.reader = JsonReader("refuse", enum_spellings=self.names.readable, registry=registry)
        self.writer = JsonWriter(self.names, registry)
        self.parameters = Parameters(self.names.readable)
