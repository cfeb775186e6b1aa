"""Parses path templates.

    Template = "/" Segments [ Verb ] ;
    Segments = Segment { "/" Segment } ;
    Segment  = "*" | "**" | LITERAL | Variable ;
    Variable = "{" FieldPath [ "=" Segments ] "}" ;
    FieldPath = IDENT { "." IDENT } ;
    Verb     = ":" LITERAL ;

(google/api/http.proto, "Path template syntax")
"""

from __future__ import annotations

import re

from triptych.transport.rest.percent import PercentError, decode
from triptych.transport.rest.template import LITERAL_CHARACTERS, Segment, Template, Variable, Wildcard

_LITERAL = re.compile(rf"[A-Za-z0-9%{re.escape(LITERAL_CHARACTERS)}]+")
_IDENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class TemplateError(ValueError):
    """Says what is wrong with a template.

    Attributes:
        position: The index of the character where it is wrong.
    """

    def __init__(self, description: str, position: int) -> None:
        super().__init__(f"{description}, at character {position + 1}")
        self.position = position


def parse_template(text: str) -> Template:
    """Parse a path template.

    Raises:
        TemplateError: The text is not what the grammar allows.
    """
    return _Parser(text).template()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._segments: list[Segment] = []
        self._variables: list[Variable] = []

    def template(self) -> Template:
        self._expect("/")
        self._parse_segments(inside=False)
        verb = self._literal("a verb") if self._skip(":") else ""
        if self._at < len(self._text):
            raise self._error('"/", ":" or the end is expected' if not verb else "the end is expected")
        return Template(tuple(self._segments), tuple(self._variables), verb)

    def _parse_segments(self, *, inside: bool) -> None:
        self._parse_segment(inside=inside)
        while self._skip("/"):
            if self._segments[-1] is Wildcard.REST:
                raise self._error('"**" must be the last segment')
            self._parse_segment(inside=inside)

    def _parse_segment(self, *, inside: bool) -> None:
        if self._skip("**"):
            self._segments.append(Wildcard.REST)
        elif self._skip("*"):
            self._segments.append(Wildcard.ONE)
        elif self._peek("{"):
            if inside:
                raise self._error("a variable must not contain another one")
            self._parse_variable()
        else:
            self._segments.append(self._literal("a segment"))

    def _parse_variable(self) -> None:
        self._expect("{")
        begin, start = self._at, len(self._segments)
        path = [self._ident()]
        while self._skip("."):
            path.append(self._ident())
        if self._skip("="):
            self._parse_segments(inside=True)
        else:
            self._segments.append(Wildcard.ONE)
        self._expect("}")
        variable = Variable(tuple(path), start, len(self._segments))
        if any(variable.path == other.path for other in self._variables):
            raise TemplateError(f"the variable {variable.name} is there twice", begin)
        self._variables.append(variable)

    def _ident(self) -> str:
        match = _IDENT.match(self._text, self._at)
        if match is None:
            raise self._error("the name of a field is expected")
        self._at = match.end()
        return match[0]

    def _literal(self, expected: str) -> str:
        match = _LITERAL.match(self._text, self._at)
        if match is None:
            raise self._error(f"{expected} is expected")
        try:
            literal = decode(match[0])
        except PercentError as error:
            raise self._error(f"the literal {error}") from None
        self._at = match.end()
        return literal

    def _peek(self, text: str) -> bool:
        return self._text.startswith(text, self._at)

    def _skip(self, text: str) -> bool:
        found = self._peek(text)
        self._at += len(text) if found else 0
        return found

    def _expect(self, text: str) -> None:
        if not self._skip(text):
            raise self._error(f'"{text}" is expected')

    def _error(self, description: str) -> TemplateError:
        return TemplateError(description, self._at)
