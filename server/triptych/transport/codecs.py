"""The two forms of a message in the protocols of Connect, by the name that media types give them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from protobuf import Message

from triptych.codec.binary import read_binary, write_binary
from triptych.codec.json import JsonReader, write_json


@dataclass(frozen=True, slots=True)
class Codec:
    """How messages are read and written."""

    read: Callable[[bytes, type[Message]], Message]
    write: Callable[[Message], bytes]


JSON_READER: Final = JsonReader()
CODECS: Final = {
    "json": Codec(JSON_READER.read, write_json),
    "proto": Codec(read_binary, write_binary),
}
