"""What one rule binds: requests to the messages of an rpc, and its responses to bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from protobuf import DescField, DescMessage, Message

from triptych.codec.composed import Composed, Response
from triptych.codec.descriptors import form_of, is_special
from triptych.codec.faults import Fault, FaultsError, for_each, malformed, refusal, refused, within
from triptych.codec.limits import check_json, too_deep
from triptych.codec.syntax import parse
from triptych.codec.wellformed import check_wellformed
from triptych.rpc.methods import Method
from triptych.transport.rest.dialect import Dialect
from triptych.transport.rest.fields import Field, Parameter
from triptych.transport.rest.query import ALL, ParameterReader
from triptych.transport.rest.writer import encode

_PLAIN_QUERY: Final = 1024  # bytes, of the queries that are read without care

Given: TypeAlias = tuple[Parameter, Any]


class Binding:
    """One way to call an rpc over HTTP.

    "Leaf request fields are classified into three categories: fields referred by the path template, fields
    referred by the body, and all other fields, which are passed via the URL query parameters."
    (google/api/http.proto, "Rules for HTTP mapping")

    Attributes:
        method: The rpc.
        dialect: How messages and errors are spelled.

    Args:
        method: The rpc.
        dialect: How messages and errors are spelled.
        path: The fields that the path gives, by their paths, as `book.name`.
        body: The field that the body gives, "*" for all but those of the path, "" for none.
        response_body: The field that is the body of the response, "" for the whole message.
    """

    def __init__(
        self, method: Method, dialect: Dialect, path: Iterable[str], body: str = "", response_body: str = ""
    ) -> None:
        self.method = method
        self.dialect = dialect
        request = method.input.desc()
        self._path = {each: dialect.parameters.find(request, each) for each in path}
        self._query = ParameterReader(request, dialect.parameters, self._path, body)
        self._form = ParameterReader(request, dialect.parameters, self._path, "")
        self._body = body
        self._plain_path = {
            name: each.leaf
            for name, each in self._path.items()
            if len(each.fields) == 1 and _is_plain(each.leaf)
        }
        self._plain_query = self._query.plain_fields()
        part = _field(method.output.desc(), response_body) if response_body else None
        self._response_field = part.name if part else ""
        self._response_key = dialect.writer.key(part) if part else ""
        self._no_response = _empty(part) if part else None
        dialect.reader.prepare(method.input)
        dialect.writer.prepare(method.output)

    def bind(self, variables: Mapping[str, str], query: bytes, body: bytes) -> Message:
        """Read the request message.

        A field that the path gives wins over the body, which may repeat it and must not contradict it.

        Args:
            variables: The variables of the path, decoded.
            query: The query of the URL as it came, without the question mark.
            body: The body; empty if there is none.

        Raises:
            RpcError: INVALID_ARGUMENT with what is wrong; RESOURCE_EXHAUSTED beyond `triptych.codec.limits`.
        """
        if not body and not self._body and (plain := self._bind_plainly(variables, query)) is not None:
            return plain
        path, others = self._given(variables, lambda: self._query.read_query(query))
        message = self._read_body(body)
        if self._body:
            _check_same(message, path)
        return _filled(message, path + others)

    def bind_form(
        self, variables: Mapping[str, str], query: bytes, texts: Iterable[tuple[str, str]]
    ) -> Message:
        """Read the request message from a form, whose texts are spelled as a query would spell them.

        Raises:
            RpcError: As `bind` does.
        """
        path, others = self._given(
            variables, lambda: self._query.read_query(query) + self._form.read_pairs(texts)
        )
        return _filled(self.method.input(), path + others)

    def write(self, response: Response) -> bytes:
        """Write the body of a response."""
        writer = self.dialect.writer
        if not self._response_key:
            return writer.write(response)
        if isinstance(response, Composed):
            return response.field_json(writer, self._response_field) or encode(self._no_response)
        value = writer.value(response)
        return encode(value.get(self._response_key, self._no_response))

    def _bind_plainly(self, variables: Mapping[str, str], query: bytes) -> Message | None:
        """Read a request that is as nearly all are; None for one that is to be read with care, or is wrong.

        That is one without encoded characters, whose keys are fields of the request itself, each in one
        spelling.
        """
        if b"%" in query or b"+" in query or len(query) > _PLAIN_QUERY or not query.isascii():
            return None
        message = self.method.input()
        keys: dict[str, str] = {}
        try:
            for name, text in variables.items():
                field = self._plain_path[name]
                setattr(message, field.slot, field.read(text))
            for piece in query.decode("ascii").split("&") if query else ():
                key, _, text = piece.partition("=")
                field = self._plain_query[key]
                slot = field.slot
                if field.is_list:
                    if keys.setdefault(slot, key) != key:
                        return None
                    getattr(message, slot).append(field.read(text))
                elif slot in keys:
                    return None
                else:
                    keys[slot] = key
                    setattr(message, slot, field.read(text))
        except (KeyError, FaultsError):
            return None
        return message

    def _given(
        self, variables: Mapping[str, str], read: Callable[[], list[Given]]
    ) -> tuple[list[Given], list[Given]]:
        path: list[Given] = []
        others: list[Given] = []
        faults: list[Fault] = []
        for name, text in variables.items():
            parameter = self._path[name]
            try:
                path.append((parameter, parameter.leaf.read(text)))
            except FaultsError as error:
                faults += within(f".{name}", error.faults)
        try:
            others = read()
        except FaultsError as error:
            faults += error.faults
        if faults:
            raise refused(faults)
        return path, others

    def _read_body(self, body: bytes) -> Message:
        if self._body == ALL:
            if not body:  # as generated clients send the empty message
                return self.method.input()
            return self.dialect.reader.read(body, self.method.input)
        if self._body:
            _check_value(body)
            return self.dialect.reader.read(b'{"%b":%b}' % (self._body.encode(), body), self.method.input)
        if body:
            raise malformed("the request must not have a body: the URL gives all fields")
        return self.method.input()


def _is_plain(field: Field) -> bool:
    return not field.oneof


def _check_value(body: bytes) -> None:
    """Refuse what is not one JSON value, and so might end the object that it is going to be put into."""
    check_json(body)
    try:
        parse(body)
    except RecursionError:
        raise too_deep() from None


def _check_same(message: Message, path: list[Given]) -> None:
    def check(parameter: Parameter, value: Any) -> None:
        if parameter.differs(message, value):
            raise refusal("must not differ from what the path gives")

    _act_on(path, check)


def _filled(message: Message, given: list[Given]) -> Message:
    _act_on(given, lambda parameter, value: parameter.set(message, value))
    if any(parameter.is_part for parameter, _ in given):
        check_wellformed(message)
    return message


def _act_on(given: list[Given], act: Callable[[Parameter, Any], None]) -> None:
    try:
        for_each(given, act, lambda parameter: f".{parameter.path}")
    except FaultsError as error:
        raise refused(error.faults) from None


def _field(message: DescMessage, name: str) -> DescField:
    return next(each for each in message.fields if each.name == name)


def _empty(field: DescField) -> Any:
    """Return what is written for a field of a response that is not set."""
    element = form_of(field).element
    return {} if isinstance(element, DescMessage) and not is_special(element) else None
