"""Reads and writes the JSON form of messages.

What is read is ProtoJSON (https://protobuf.dev/programming-guides/json/). protobuf-py's native parser reads
what a guard trusts it with. The rest, and whatever that parser refuses, our own reader reads, which takes
several times as long: it alone refuses a body, with the paths of all that is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar, cast

from protobuf import Message, Registry

from triptych.codec.composed import Composed, Response
from triptych.codec.descriptors import is_dense, is_special
from triptych.codec.faults import FaultsError, malformed, refused, shown
from triptych.codec.guard import Guard, guard_of
from triptych.codec.limits import check_json, max_depth, too_deep
from triptych.codec.reader import FieldKeys, MessageReader, Readers, UnknownKeys, both_keys
from triptych.codec.syntax import find_blemishes, parse
from triptych.codec.values import EnumSpellings, ReadValue, declared_spellings

M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class _Root:
    """What there is to know of a message type that bodies have."""

    read: ReadValue
    reader: MessageReader | None
    guard: Guard | None
    dense: bool
    max_depth: int


class JsonReader:
    """Reads messages from one dialect of JSON; the default is that of Connect.

    Args:
        unknown_keys: Whether a key that is no field is ignored or refused.
        field_keys: Tells the keys that a field may have; by default its JSON name and its name.
        enum_spellings: Tells what the values of an enum may be written as, and the number of each; by default
            the names as declared and the numbers.
        registry: The types that a google.protobuf.Any may hold; without it, only an empty Any can be read.
    """

    def __init__(
        self,
        unknown_keys: UnknownKeys = "ignore",
        *,
        field_keys: FieldKeys = both_keys,
        enum_spellings: EnumSpellings = declared_spellings,
        registry: Registry | None = None,
    ) -> None:
        self._readers = Readers(unknown_keys, field_keys, enum_spellings, registry)
        self._roots: dict[type[Message], _Root] = {}

    def read(self, data: bytes, message_class: type[M]) -> M:
        """Read a message from a body.

        Raises:
            RpcError: INVALID_ARGUMENT with what is wrong; RESOURCE_EXHAUSTED beyond `triptych.codec.limits`.
        """
        root = self._roots.get(message_class) or self._prepare(message_class)
        if len(data) > root.max_depth:  # what is shorter can hold no more levels, nor much else
            check_json(data, root.dense, root.max_depth)
        if root.guard is not None and root.guard.trusts(data):
            try:
                message = message_class.from_json(data)
            except Exception:  # protobuf-py has no common class for what it raises
                message = None
            if message is not None:
                return message
        return self.read_carefully(data, message_class)

    def read_carefully(self, data: bytes, message_class: type[M]) -> M:
        """Read a message from a body of which the limits were checked, without the native parser.

        Raises:
            RpcError: INVALID_ARGUMENT with what is wrong.
        """
        try:
            parsed = parse(data)
            if parsed.is_doubtful:
                root = self._roots.get(message_class) or self._prepare(message_class)
                if faults := find_blemishes(parsed.value, root.reader):
                    raise refused(faults)
        except RecursionError:  # the depth was checked, but the caller may have used up the stack
            raise too_deep() from None
        return self.read_value(parsed.value, message_class)

    def read_value(self, value: Any, message_class: type[M]) -> M:
        """Read a message from what is parsed already, without the checks that come before parsing.

        Raises:
            RpcError: INVALID_ARGUMENT with what is wrong.
        """
        root = self._roots.get(message_class) or self._prepare(message_class)
        if root.reader is not None and not isinstance(value, dict):
            raise malformed(f"the message must be a JSON object, not {shown(value)}")
        try:
            return cast("M", root.read(value))
        except FaultsError as error:
            raise refused(error.faults) from None
        except RecursionError:
            raise too_deep() from None

    def prepare(self, *message_classes: type[Message]) -> None:
        """Make the readers for message classes ahead of their first use, which is slower without."""
        for message_class in message_classes:
            self._prepare(message_class)

    def _prepare(self, message_class: type[Message]) -> _Root:
        message = message_class.desc()
        readers = self._readers
        reader = None if is_special(message) else readers.message_reader(message)
        declared = readers.enum_spellings is declared_spellings
        guard = guard_of(message, declared_enums=declared) if readers.field_keys is both_keys else None
        root = _Root(readers.reader(message), reader, guard, is_dense(message), max_depth(message))
        self._roots[message_class] = root
        return root


def write_json(message: Message, registry: Registry | None = None) -> bytes:
    """Write a message as ProtoJSON, with all fields that have no presence, empty lists and zeros included."""
    return message.to_json(registry=registry, always_emit_implicit=True).encode()


class ProtoJsonWriter:
    """Writes responses as `write_json` writes messages.

    Args:
        registry: The types that a google.protobuf.Any may hold; without it, only an empty Any can be written.
    """

    proto_names = False

    def __init__(self, registry: Registry | None = None) -> None:
        self._registry = registry

    def write(self, response: Response) -> bytes:
        """Write a message."""
        if isinstance(response, Composed):
            return response.json(self)
        return response.to_json(registry=self._registry, always_emit_implicit=True).encode()
