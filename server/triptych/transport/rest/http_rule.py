"""Reads `google.api.http` annotations, and finds what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from protobuf import DescField, DescMessage, DescMethod, Oneof

from triptych.codec.descriptors import form_of
from triptych.transport.rest.parameters import has_parameters
from triptych.transport.rest.query import ALL
from triptych.transport.rest.routes import ANY_VERB
from triptych.transport.rest.template import Template, Variable
from triptych.transport.rest.template_parser import TemplateError, parse_template
from triptych_api.google.api.annotations_pb import ext_http
from triptych_api.google.api.http_pb import CustomHttpPattern, HttpRule

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_WITHOUT_BODY: Final = {"GET", "HEAD"}


def http_rules(method: DescMethod) -> list[HttpRule]:
    """Return the rules of an rpc: the annotation, and its additional bindings."""
    options = method.proto.options
    if options is None or ext_http not in options:
        return []
    rule = options[ext_http]
    return [rule, *rule.additional_bindings]


class CheckedRule:
    """A rule, and what is wrong with it.

    Attributes:
        rule: The rule.
        verb: The HTTP verb; `ANY_VERB` for all of them.
        template: The path template; None if it cannot be parsed.
        problems: What is wrong, each beginning with the verb and the path.
    """

    def __init__(self, rule: HttpRule, method: DescMethod, *, additional: bool) -> None:
        self.rule = rule
        self.verb, self._path = _pattern(rule)
        self.template: Template | None = None
        shown = f"{self.verb} {self._path}".strip() or "a rule without a pattern"
        self.problems = [f"{shown}: {problem}" for problem in self._check(method, additional=additional)]

    def _check(self, method: DescMethod, *, additional: bool) -> Iterator[str]:
        if not self.verb and not self._path:
            yield "one of get, put, post, delete, patch and custom is needed"
        else:
            if not _TOKEN.fullmatch(self.verb) or (self.verb != ANY_VERB and ANY_VERB in self.verb):
                yield "the kind of a custom pattern must be an HTTP verb or *"
            try:
                self.template = parse_template(self._path)
            except TemplateError as error:
                yield str(error)
        if additional and self.rule.additional_bindings:
            yield "an additional binding must not have additional bindings itself"
        if method.method_kind != "unary":
            yield "only unary rpcs can be called over REST"
        for variable in self.template.variables if self.template else ():
            yield from _check_variable(variable, method.input)
        if self.rule.body:
            yield from self._check_body(method.input)
        response_body = self.rule.response_body
        if response_body and _field(method.output, response_body) is None:
            yield f"response_body: {_no_field(method.output, response_body)}"

    def _check_body(self, request: DescMessage) -> Iterator[str]:
        body = self.rule.body
        if self.verb in _WITHOUT_BODY:
            yield f"body: a {self.verb} request has none"
        if body == ALL:
            return
        if _field(request, body) is None:
            yield f"body: {_no_field(request, body)}"
        if self.template and any(variable.name == body for variable in self.template.variables):
            yield f"body: {body} is given by the path already"


def _pattern(rule: HttpRule) -> tuple[str, str]:
    match rule.pattern:
        case Oneof(value=CustomHttpPattern(kind=kind, path=path)):
            return kind, path
        case Oneof(field=verb, value=str(path)):
            return verb.upper(), path
        case _:
            return "", ""


def _check_variable(variable: Variable, request: DescMessage) -> Iterator[str]:
    """Check what http.proto demands: "each field is a non-repeated field with a primitive type"."""
    message: DescMessage | None = request
    shape = "one"
    for name in variable.path:
        if message is None or not has_parameters(message):
            yield f"{{{variable.name}}}: the field before {name} has no fields of its own"
            return
        field = _field(message, name)
        if field is None:
            yield f"{{{variable.name}}}: {message.type_name} has no field {name}"
            return
        form = form_of(field)
        shape = form.shape if shape == "one" else shape
        message = form.element if isinstance(form.element, DescMessage) else None
    if shape != "one":
        yield f"{{{variable.name}}}: a path cannot give lists and maps"
    elif message is not None:
        yield f"{{{variable.name}}}: a path cannot give messages"


def _field(message: DescMessage, name: str) -> DescField | None:
    return next((field for field in message.fields if field.name == name), None)


def _no_field(message: DescMessage, name: str) -> str:
    return f"{message.type_name} has no field {name} at its top level"
