"""Finds the field that a dotted key stands for.

"All other fields are passed via the URL query parameters, and the parameter name is the field path in the
request message." (google/api/http.proto, "Rules for HTTP mapping")
"""

from __future__ import annotations

from typing import Any

from protobuf import DescField, DescMessage

from triptych.codec.descriptors import TEXTS, WRAPPERS, form_of, is_special, well_known
from triptych.codec.faults import refusal
from triptych.codec.limits import MAX_DEPTH
from triptych.codec.values import EnumSpellings
from triptych.transport.rest.fields import Field, Parameter
from triptych.transport.rest.texts import ReadText, text_reader

_MAX_NAMES = MAX_DEPTH  # of a key; what follows is taken for one more name, which no field has


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

    def find(self, root: DescMessage, key: str) -> Parameter:
        """Find the field of a message that a key stands for, by names of the .proto file or JSON names.

        Raises:
            FaultsError: There is no such field.
        """
        field = self._table(root).get(key)
        if field is not None:
            return Parameter(field.name, (field,))
        fields: list[Field] = []
        message: DescMessage | None = root
        for name in key.split(".", _MAX_NAMES - 1):
            field = self._table(message).get(name) if message else None
            if field is None:
                raise refusal(f"is no field of {root.type_name}")
            fields.append(field)
            message = field.inner
        return Parameter(".".join(each.name for each in fields), fields)

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


def _refusing(description: str) -> ReadText:
    def read(text: str) -> Any:
        raise refusal(description)

    return read
