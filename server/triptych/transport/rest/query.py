"""Reads the parameters of a query or a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from protobuf import DescMessage

from triptych.codec.faults import MAX_FAULTS, Fault, FaultsError, clip, refusal, within
from triptych.errors import Code, RpcError
from triptych.transport.rest.fields import Field, Parameter
from triptych.transport.rest.parameters import Parameters, UnknownKeyError
from triptych.transport.rest.percent import PercentError, as_text, decode_form

MAX_PARAMETERS: Final = 1000
"""Keys and values of one query: a few milliseconds to read."""

ALL: Final = "*"
"""The body of a rule that maps all fields, but those of the path, to it."""


@dataclass(slots=True)
class _Given:
    parameter: Parameter
    key: str
    texts: list[str] = field(default_factory=list)


class ParameterReader:
    """Reads the parameters of one binding.

    Args:
        message: The request message.
        parameters: Finds its fields.
        path: The fields that the path gives.
        body: The field that the body gives, `ALL`, or "".
    """

    def __init__(self, message: DescMessage, parameters: Parameters, path: Iterable[str], body: str) -> None:
        self._message = message
        self._parameters = parameters
        self._path = frozenset(path)
        self._body = body

    def read_query(self, raw: bytes) -> list[tuple[Parameter, Any]]:
        """Read the query of a URL: the fields that it gives, and their values.

        Raises:
            RpcError: RESOURCE_EXHAUSTED if it has too many parameters.
            FaultsError: Something in it is wrong.
        """
        return self.read_pairs(_pairs(raw))

    def plain_fields(self) -> Mapping[str, Field]:
        """Return, by their keys, the fields that a query may give: of the request itself, and of no oneof."""
        found: dict[str, Field] = {}
        for each in self._message.fields:
            for key in (each.name, each.json_name):
                parameter = self._parameters.find(self._message, key)
                try:
                    self._check(parameter)
                except FaultsError:
                    continue
                if not parameter.leaf.oneof:
                    found[key] = parameter.leaf
        return found

    def read_pairs(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[Parameter, Any]]:
        """Read keys and values that are decoded already. Raises what `read_query` raises."""
        faults: list[Fault] = []
        values: list[tuple[Parameter, Any]] = []
        for given in self._grouped(pairs, faults).values():
            try:
                values.append((given.parameter, _value(given)))
            except FaultsError as error:
                faults += within(f".{given.parameter.path}", error.faults)
        if faults:
            raise FaultsError(faults[:MAX_FAULTS])
        return values

    def _grouped(self, pairs: Iterable[tuple[str, str]], faults: list[Fault]) -> dict[str, _Given]:
        """Collect the values of each field; fields that must not be given become faults."""
        groups: dict[str, _Given] = {}
        refused: set[str] = set()
        for key, text in pairs:
            if key in refused:
                continue
            try:
                parameter = self._parameters.find(self._message, key)
                given = groups.get(parameter.path)
                if given is None:
                    self._check(parameter)
                    given = groups[parameter.path] = _Given(parameter, key)
                elif given.key != key:
                    raise refusal("is given twice, in two spellings of its name")
            except FaultsError as error:
                refused.add(key)
                if len(faults) < MAX_FAULTS:
                    if isinstance(error, UnknownKeyError):
                        self._suggest(error, key)
                    faults += within(_step(key), error.faults)
            else:
                given.texts.append(text)
        for path, given in groups.items():
            if given.parameter.is_part and path.rpartition(".")[0] in groups:
                faults += within(f".{path}", [Fault("is given as a whole too")])
        return groups

    def _suggest(self, error: UnknownKeyError, key: str) -> None:
        if likely := self._parameters.likely(self._message, key):
            error.faults[0].description += f"; did you mean {likely}?"

    def _check(self, parameter: Parameter) -> None:
        by_path = "is given by the path already"
        if parameter.path in self._path:
            raise refusal(by_path)
        if self._body in (ALL, parameter.fields[0].name):
            raise refusal("is to be given in the body, not in the query")
        if any(path.startswith(f"{parameter.path}.") for path in self._path):
            raise refusal(by_path)


def _step(key: str) -> str:
    """Write the step to what a key stands for: the key, shortened."""
    return f".{clip(key)}" if key else '[""]'


def _value(given: _Given) -> Any:
    leaf = given.parameter.leaf
    if leaf.is_list:
        return [leaf.read(text) for text in given.texts]
    if len(given.texts) > 1:
        raise refusal("is given more than once")
    return leaf.read(given.texts[0])


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    """Split a query as forms write it, and decode keys and values."""
    try:
        pieces = [piece for piece in as_text(raw).split("&") if piece]
    except PercentError as error:
        raise refusal(f"the query of the URL {error}") from None
    if len(pieces) > MAX_PARAMETERS:
        raise RpcError(Code.RESOURCE_EXHAUSTED, f"the query has more than {MAX_PARAMETERS} parameters")
    pairs: list[tuple[str, str]] = []
    faults: list[Fault] = []
    for piece in pieces:
        key, _, text = piece.partition("=")
        try:
            key = decode_form(key)
            pairs.append((key, decode_form(text)))
        except PercentError as error:
            faults += within(_step(key), [Fault(str(error))])
    if faults:
        raise FaultsError(faults[:MAX_FAULTS])
    return pairs
