"""Finds the field that a dotted key stands for.

"All other fields are passed via the URL query parameters, and the parameter name is the field path in the
request message." (google/api/http.proto, "Rules for HTTP mapping")
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from protobuf import DescField, DescMessage

from triptych.codec.descriptors import TEXTS, WRAPPERS, form_of, is_special, well_known
from triptych.codec.faults import Fault, FaultsError, refusal
from triptych.codec.limits import MAX_DEPTH
from triptych.codec.values import EnumSpellings
from triptych.transport.rest.fields import Field, Parameter
from triptych.transport.rest.texts import ReadText, text_reader

_MAX_NAMES = MAX_DEPTH  # of a key; what follows is taken for one more name, which no field has
_LONGEST_GUESSED = 60  # characters of a key
_GUESSED_DEPTH = 2
_LEAST_LIKENESS = 0.8


class UnknownKeyError(FaultsError):
    """A key stands for no field."""

    def __init__(self, root: DescMessage) -> None:
        super().__init__([Fault(f"is no field of {root.type_name}")])


def has_parameters(message: DescMessage) -> bool:
    """Tell whether the fields of a message can be given one by one.

    "In the case of a message type, each field of the message is mapped to a separate parameter": Timestamps
    and wrappers included, which have a text of their own besides.
    """
    return not is_special(message) or well_known(message) in TEXTS or well_known(message) in WRAPPERS


class Parameters:
    """Finds parameters.

    Args:
        enum_spellings: Tells what the values of an enum may be written as.
    """

    def __init__(self, enum_spellings: EnumSpellings) -> None:
        self._enum_spellings = enum_spellings
        self._tables: dict[DescMessage, dict[str, Field]] = {}
        self._plain_keys: dict[DescMessage, dict[str, str]] = {}

    def find(self, root: DescMessage, key: str) -> Parameter:
        """Find the field of a message that a key stands for, by names of the .proto file or JSON names.

        Raises:
            UnknownKeyError: There is no such field.
        """
        field = self._table(root).get(key)
        if field is not None:
            return Parameter(field.name, (field,))
        fields: list[Field] = []
        message: DescMessage | None = root
        for name in key.split(".", _MAX_NAMES - 1):
            field = self._table(message).get(name) if message else None
            if field is None:
                raise UnknownKeyError(root)
            fields.append(field)
            message = field.inner
        return Parameter(".".join(each.name for each in fields), fields)

    def likely(self, root: DescMessage, key: str) -> str:
        """Return the key that another one, which is no field, may have been meant for; "" if none is near."""
        if len(key) > _LONGEST_GUESSED:
            return ""
        keys = self._plain_keys.get(root)
        if keys is None:
            keys = {_plain(each): each for each in self._keys(root, "", _GUESSED_DEPTH)}
            self._plain_keys[root] = keys
        plain = _plain(key)
        near = [plain] if plain in keys else get_close_matches(plain, keys, 1, _LEAST_LIKENESS)
        return keys[near[0]] if near else ""

    def _keys(self, message: DescMessage, prefix: str, depth: int) -> Iterator[str]:
        for each in message.fields:
            form, inner = form_of(each), self._table(message)[each.name].inner
            if inner and depth and not well_known(inner):
                yield from self._keys(inner, f"{prefix}{each.name}.", depth - 1)
            elif form.shape == "one" or not (form.key or isinstance(form.element, DescMessage)):
                yield prefix + each.name

    def _table(self, message: DescMessage) -> dict[str, Field]:
        table = self._tables.get(message)
        if table is None:
            fields = {each.name: self._field(each) for each in message.fields}
            json_names = {each.json_name: fields[each.name] for each in message.fields}
            table = self._tables[message] = json_names | fields
        return table

    def _field(self, field: DescField) -> Field:
        form = form_of(field)
        element = form.element
        read = text_reader(element, self._enum_spellings)
        inner = None
        if form.shape == "map":
            read = _refusing("is a map, which a parameter cannot give")
        elif isinstance(element, DescMessage) and form.shape == "list":
            read = _refusing("is a list of messages, which a parameter cannot give")
        elif isinstance(element, DescMessage) and has_parameters(element):
            inner = element
        return Field(
            name=field.name,
            slot=form.slot,
            oneof=form.oneof.name if form.oneof else "",
            is_list=form.shape == "list",
            read=read or _refusing("is a message, of which parameters give the fields only"),
            inner=inner,
        )


def _plain(key: str) -> str:
    """Return what is the same in `created.after`, `createdAfter` and `created[after]`."""
    return "".join(filter(str.isalnum, key)).lower()


def _refusing(description: str) -> ReadText:
    def read(text: str) -> Any:
        raise refusal(description)

    return read
