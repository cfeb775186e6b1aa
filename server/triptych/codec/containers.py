"""Reads lists and maps from what was parsed from JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from triptych.codec.faults import MAX_FAULTS, Fault, FaultsError, element, entry, must_be, refusal, within
from triptych.codec.scalars import ReadValue


def list_reader(read_element: ReadValue) -> Callable[[Any], list[Any]]:
    """Return a reader for lists; null as an element is refused unless `read_element` takes it."""

    def read(value: Any) -> list[Any]:
        if value.__class__ is not list:
            raise must_be("an array", value)
        result: list[Any] = []
        faults: list[Fault] = []
        for index, item in enumerate(value):
            try:
                result.append(read_element(item))
            except FaultsError as error:
                faults += within(element(index), error.faults)
                if len(faults) >= MAX_FAULTS:
                    break
        if faults:
            raise FaultsError(faults)
        return result

    return read


def map_reader(
    read_key: Callable[[str], Any], read_value: ReadValue, *, takes_null: bool = False
) -> Callable[[Any], dict[Any, Any]]:
    """Return a reader for maps, which refuses two spellings of one key, as "1" and "1.0"."""

    def read(value: Any) -> dict[Any, Any]:
        if value.__class__ is not dict:
            raise must_be("an object", value)
        result: dict[Any, Any] = {}
        faults: list[Fault] = []
        for text, item in value.items():
            key = text
            try:
                key = read_key(text)
                if key in result:
                    raise refusal("is given twice, in two spellings of its key")
                if item is None and not takes_null:
                    raise refusal("must not be null")
                result[key] = read_value(item)
            except FaultsError as error:
                faults += within(entry(key), error.faults)
                if len(faults) >= MAX_FAULTS:
                    break
        if faults:
            raise FaultsError(faults)
        return result

    return read
