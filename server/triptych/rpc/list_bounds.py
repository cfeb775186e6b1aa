"""Whether the lists of a message keep their bounds: asked before anybody looks at what is in them.

The rules of the contract are checked all at once, the items of a list that is far too long included, and each
that breaks a rule costs 25 us and 3 KB. So lists and maps are counted first. What must be counted is worked
out once for a class of messages; most have nothing to count.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from protobuf import DescField, DescMessage, Oneof

from triptych.codec.descriptors import FieldForm, form_of, reachable
from triptych.codec.faults import element, entry
from triptych.errors import Violation
from triptych_api.buf.validate.validate_pb import Ignore, MapRules, RepeatedRules, ext_field

Count: TypeAlias = Callable[[Any, str], Violation | None]
"""Looks for the first list of a message that is too long; the path to its fields is given, as `filter.`."""


class ListBounds:
    """Makes what counts the lists of a message, by its class."""

    def __init__(self) -> None:
        self._counts: dict[str, list[Count]] = {}

    def of(self, desc: DescMessage) -> Count | None:
        """Return what counts the lists of the messages of a type; None if none of them has a bound."""
        if not _has_bounds(desc):
            return None
        counts = self._of(desc)
        return lambda message, path: _first(counts, message, path)

    def _of(self, desc: DescMessage) -> list[Count]:
        counts = self._counts.get(desc.type_name)
        if counts is None:
            counts = self._counts[desc.type_name] = []  # a type that holds itself finds it
            for field in desc.fields:
                counts += self._of_field(field)
        return counts

    def _of_field(self, field: DescField) -> list[Count]:
        bound, checked = _bound(field)
        counts = [] if bound is None else [_length(field, bound)]
        form = form_of(field)
        if checked and isinstance(form.element, DescMessage) and _has_bounds(form.element):
            counts.append(_INSIDE[form.shape](field, form, self._of(form.element)))
        return counts


def _has_bounds(desc: DescMessage) -> bool:
    return any(_bound(field)[0] is not None for message in reachable(desc) for field in message.fields)


def _bound(field: DescField) -> tuple[int | None, bool]:
    """Return the most items that a field may have, and whether there are rules for what is in it."""
    options = field.proto.options
    if options is None or ext_field not in options:
        return None, True
    rules = options[ext_field]
    match rules.type:
        case _ if rules.ignore is Ignore.ALWAYS:
            return None, False
        case Oneof(field="repeated", value=RepeatedRules() as lists):
            bound, items = (lists.max_items if lists.has_field("max_items") else None), lists.items
        case Oneof(field="map", value=MapRules() as maps):
            bound, items = (maps.max_pairs if maps.has_field("max_pairs") else None), maps.values
        case _:
            return None, True
    return bound, items is None or items.ignore is not Ignore.ALWAYS


def _first(counts: list[Count], message: Any, path: str) -> Violation | None:
    for count in counts:
        found = count(message, path)
        if found is not None:
            return found
    return None


def _length(field: DescField, bound: int) -> Count:
    slot, name = field.local_name, field.name

    def count(message: Any, path: str) -> Violation | None:
        length = len(getattr(message, slot))
        return Violation(path + name, f"{at_most(bound)}, not {length}") if length > bound else None

    return count


def at_most(bound: int) -> str:
    """Say how many items there may be."""
    return f"must have at most {bound} item{'s' if bound != 1 else ''}"


def _in_one(field: DescField, form: FieldForm, inner: list[Count]) -> Count:
    slot, chosen, name = form.slot, form.oneof and field.local_name, field.name

    def count(message: Any, path: str) -> Violation | None:
        value = getattr(message, slot)
        if value is not None and chosen:
            value = value.value if value.field == chosen else None
        return None if value is None else _first(inner, value, f"{path}{name}.")

    return count


def _in_list(field: DescField, form: FieldForm, inner: list[Count]) -> Count:
    def count(message: Any, path: str) -> Violation | None:
        for index, value in enumerate(getattr(message, form.slot)):
            if found := _first(inner, value, f"{path}{field.name}{element(index)}."):
                return found
        return None

    return count


def _in_map(field: DescField, form: FieldForm, inner: list[Count]) -> Count:
    def count(message: Any, path: str) -> Violation | None:
        for key, value in getattr(message, form.slot).items():
            if found := _first(inner, value, f"{path}{field.name}{entry(key)}."):
                return found
        return None

    return count


_INSIDE: dict[str, Callable[[DescField, FieldForm, list[Count]], Count]] = {
    "one": _in_one,
    "list": _in_list,
    "map": _in_map,
}
