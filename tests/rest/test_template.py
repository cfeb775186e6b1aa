"""The grammar of path templates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rest.settings import SETTINGS
from rest.strategies import templates
from triptych.transport.rest.template import Template, Variable, Wildcard
from triptych.transport.rest.template_parser import TemplateError, parse_template

ONE, REST = Wildcard.ONE, Wildcard.REST


@SETTINGS
@given(template=templates())
def test_what_is_written_is_parsed_again(template: Template) -> None:
    assert parse_template(str(template)) == template


@SETTINGS
@given(text=st.text(alphabet="/*{}=:.ab%2Fü ", max_size=12).map("/".__add__) | st.text(max_size=12))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        template = parse_template(text)
    except TemplateError as error:
        assert 0 <= error.position <= len(text)
    else:
        assert parse_template(str(template)) == template


@pytest.mark.parametrize(
    ("text", "template"),
    [
        ("/v1", Template(("v1",))),
        ("/*/**", Template((ONE, REST))),
        ("/v1/{name}", Template(("v1", ONE), (Variable(("name",), 1, 2),))),
        ("/{a.b=x/*}/y", Template(("x", ONE, "y"), (Variable(("a", "b"), 0, 2),))),
        ("/{a=x}/{b}", Template(("x", ONE), (Variable(("a",), 0, 1), Variable(("b",), 1, 2)))),
        ("/{path=**}:go", Template((REST,), (Variable(("path",), 0, 1),), "go")),
        ("/{path=a/**}", Template(("a", REST), (Variable(("path",), 0, 2),))),
        ("/a%3Ab/%C3%BC/c%2fd", Template(("a:b", "ü", "c/d"))),
        ("/$x;y,(z)!'@&=+~-._", Template(("$x;y,(z)!'@&=+~-._",))),
    ],
)
def test_templates(text: str, template: Template) -> None:
    assert parse_template(text) == template


@pytest.mark.parametrize(
    ("text", "position", "description"),
    [
        ("", 0, '"/" is expected'),
        ("v1", 0, '"/" is expected'),
        ("/", 1, "a segment is expected"),
        ("/v1/", 4, "a segment is expected"),
        ("//v1", 1, "a segment is expected"),
        ("/v1/*a", 5, '"/", ":" or the end is expected'),
        ("/v1 x", 3, '"/", ":" or the end is expected'),
        ("/ü", 1, "a segment is expected"),
        ("/***", 3, '"/", ":" or the end is expected'),
        ("/**/a", 4, '"**" must be the last segment'),
        ("/{a=**}/b", 8, '"**" must be the last segment'),
        ("/{a=**/b}", 7, '"**" must be the last segment'),
        ("/{", 2, "the name of a field is expected"),
        ("/{}", 2, "the name of a field is expected"),
        ("/{1a}", 2, "the name of a field is expected"),
        ("/{a.}", 4, "the name of a field is expected"),
        ("/{a", 3, '"}" is expected'),
        ("/{a-b}", 3, '"}" is expected'),
        ("/{a=}", 4, "a segment is expected"),
        ("/{a=b:c}", 5, '"}" is expected'),
        ("/{a={b}}", 4, "a variable must not contain another one"),
        ("/{a=x/{b}}", 6, "a variable must not contain another one"),
        ("/{a}/{a}", 6, "the variable a is there twice"),
        ("/{a}b", 4, '"/", ":" or the end is expected'),
        ("/a}", 2, '"/", ":" or the end is expected'),
        ("/a:", 3, "a verb is expected"),
        ("/a:b/c", 4, "the end is expected"),
        ("/a:b:c", 4, "the end is expected"),
        ("/a/%4", 3, "the literal has a % without two hexadecimal digits after it"),
        ("/a/%FF", 3, "the literal is not valid UTF-8"),
    ],
)
def test_refused_templates(text: str, position: int, description: str) -> None:
    with pytest.raises(TemplateError) as caught:
        parse_template(text)
    assert (caught.value.position, str(caught.value)) == (
        position,
        f"{description}, at character {position + 1}",
    )


def test_the_shape_has_no_variables() -> None:
    assert parse_template("/v1/{a=b/*}/{c=**}:go").shape() == "/v1/b/*/**:go"
