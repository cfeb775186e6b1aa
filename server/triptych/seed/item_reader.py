"""Turns the JSON of items into checked messages."""

from __future__ import annotations

import json
import re
from typing import Final

from triptych.codec.json import JsonReader
from triptych.errors import RpcError
from triptych.rpc.validation import RequestValidator
from triptych.seed.errors import SeedError, file_error
from triptych.seed.items import Place, SeedItem
from triptych.seed.json_slices import syntax_error
from triptych.seed.kinds import BY_SINGULAR, TOKEN, Kind
from triptych_api.triptych.seed.v1.seed_pb import SeedLine

_SHOWN: Final = BY_SINGULAR.keys() - {TOKEN.singular}


class ItemReader:
    """Reads items one by one, as requests are read: limits of size hold for an item, not for a file."""

    def __init__(self, validator: RequestValidator) -> None:
        self._json = JsonReader("refuse")
        self._validator = validator

    def read(self, data: bytes, kind: Kind, place: Place) -> SeedItem:
        """Read an item of a known kind.

        Raises:
            SeedError: With all that is wrong with it.
        """
        try:
            message = self._json.read(data, kind.message_class)
            self._validator.check(message)
        except RpcError as error:
            raise place.refusal(error, hide_input=kind is TOKEN) from None
        return SeedItem(kind, message, place)

    def read_line(self, data: bytes, file: str, number: int) -> SeedItem:
        """Read a line of an NDJSON file.

        Raises:
            SeedError: With all that is wrong with it.
        """
        line = self._parse_line(data, file, number)
        if line.item is None:
            keys = ", ".join(BY_SINGULAR)
            raise Place(file, number, "").error("", f"must have one of the keys {keys}")
        kind = BY_SINGULAR[line.item.field]
        item = SeedItem(kind, line.item.value, Place(file, number, kind.singular))
        try:
            self._validator.check(item.message)
        except RpcError as error:
            raise item.place.refusal(error, hide_input=kind is TOKEN) from None
        return item

    def _parse_line(self, data: bytes, file: str, number: int) -> SeedLine:
        try:
            return self._json.read(data, SeedLine)
        except RpcError as error:
            kinds = {re.split(r"\W", each.field)[0] for each in error.violations}
            refusal = Place(file, number, "").refusal(error, hide_input=not kinds <= _SHOWN)
            raise _syntax_error(data, file, number) or refusal from None


def _syntax_error(data: bytes, file: str, number: int) -> SeedError | None:
    """Tell where a line is not JSON; the reader would tell it as if the line were a file."""
    try:
        json.loads(data.decode())
    except UnicodeDecodeError:
        return file_error(file, "not UTF-8", line=number)
    except json.JSONDecodeError as error:
        return syntax_error(file, error, number)
    except (ValueError, RecursionError):
        pass
    return None
