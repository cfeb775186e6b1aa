"""How enum values are spelled: without the prefix that is the enum's name, in lower case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from protobuf import DescEnum, DescEnumValue

UNSPECIFIED = "unspecified"
"""The value 0 of that name means that there is none: it is neither read nor written."""


class EnumNames:
    """The names of enum values, as `not_owned` for `DOCUMENT_OWNERSHIP_NOT_OWNED`.

    Args:
        raw: The full names of the enums whose values are spelled as the .proto file has them.
    """

    def __init__(self, raw: Collection[str] = ()) -> None:
        self._raw = frozenset(raw)

    def name(self, value: DescEnumValue) -> str:
        """Return the name of a value: the one that `(pb.enumvalue.json)` gives it, if it has this option."""
        if value.json_name is not None:
            return value.json_name
        if value.parent.type_name in self._raw:
            return value.name
        return _without_prefix(value.name, value.parent.name).lower()

    def readable(self, enum: DescEnum) -> Mapping[str | int, int]:
        """Return the numbers of all values that a client may give, by their names.

        Raises:
            ValueError: Two of the values have the same name.
        """
        if problem := self.problem(enum):
            raise ValueError(problem)
        return {self.name(value): value.number for value in enum.values if not self.is_none(value)}

    def is_none(self, value: DescEnumValue) -> bool:
        """Tell whether a value stands for none, as `DOCUMENT_OWNERSHIP_UNSPECIFIED`."""
        return value.number == 0 and _without_prefix(value.name, value.parent.name).lower() == UNSPECIFIED

    def problem(self, enum: DescEnum) -> str:
        """Tell which values have the same name; "" if there are none."""
        numbers: dict[str, set[int]] = defaultdict(set)
        for value in enum.values:
            numbers[self.name(value)].add(value.number)
        same = [name for name, found in numbers.items() if len(found) > 1]
        return f"values of the enum {enum.type_name} have the same name: {', '.join(same)}" if same else ""


def _without_prefix(name: str, enum_name: str) -> str:
    """Cut the enum's name off, however it is split into words: HTTP_KIND_ for HttpKind and for HTTPKind."""
    pending = enum_name.replace("_", "").upper()
    for index, character in enumerate(name):
        if not pending:
            return name[index + 1 :] or name if character == "_" else name
        if character != "_":
            if character.upper() != pending[0]:
                return name
            pending = pending[1:]
    return name
