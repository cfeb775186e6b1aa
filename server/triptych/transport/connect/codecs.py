"""The two forms of a message in the protocols of Connect, by the name that media types give them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from protobuf import Message, Registry

from triptych.codec.binary import read_binary, write_binary
from triptych.codec.composed import Response
from triptych.codec.json import JsonReader, ProtoJsonWriter
from triptych.rpc.methods import Method


@dataclass(frozen=True, slots=True)
class Codec:
    """How messages are read and written."""

    read: Callable[[bytes, type[Message]], Message]
    write: Callable[[Response], bytes]


def make_codecs(methods: Iterable[Method], registry: Registry) -> Mapping[str, Codec]:
    """Return the codecs, ready for the requests of these methods.

    Args:
        methods: The methods that will be called.
        registry: The types that a google.protobuf.Any may hold in JSON.
    """
    reader = JsonReader(registry=registry)
    reader.prepare(*(method.input for method in methods))
    return {
        "json": Codec(reader.read, ProtoJsonWriter(registry).write),
        "proto": Codec(read_binary, write_binary),
    }
