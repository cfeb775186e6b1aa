"""Random templates, and the paths that they stand for."""

from __future__ import annotations

import string
from urllib.parse import quote, unquote

from hypothesis import strategies as st

from triptych.transport.rest.template import Segment, Template, Variable, Wildcard

_LITERALS = st.sampled_from(["v1", "a", "b", "quota", "a:b", "ü", "%", "*", "{x}", "a/b", "x=y"])
_IDENTS = st.text(string.ascii_letters + "_", min_size=1, max_size=3)
_SEGMENTS: st.SearchStrategy[Segment] = (
    st.sampled_from(Wildcard) | _LITERALS | st.text(min_size=1, max_size=4)
)


@st.composite
def templates(draw: st.DrawFn) -> Template:
    """Draw a template of any form."""
    segments = draw(st.lists(_SEGMENTS, min_size=1, max_size=5))
    segments = [
        Wildcard.ONE if each is Wildcard.REST and index < len(segments) - 1 else each
        for index, each in enumerate(segments)
    ]
    marks = draw(st.lists(st.integers(0, len(segments)), max_size=6, unique=True).map(sorted))
    ranges = list(zip(marks[::2], marks[1::2], strict=False))
    paths = st.lists(_IDENTS, min_size=1, max_size=3).map(tuple)
    names = draw(st.lists(paths, min_size=len(ranges), max_size=len(ranges), unique=True))
    variables = [Variable(name, start, end) for name, (start, end) in zip(names, ranges, strict=True)]
    verb = draw(st.sampled_from(["", "", "go", "a:b"]))
    return Template(tuple(segments), tuple(variables), verb)


@st.composite
def expansions(draw: st.DrawFn, template: Template) -> tuple[str, dict[str, str]]:
    """Draw a path that matches a template, encoded as http.proto tells clients to, and its variables."""
    encoded: list[str] = []
    decoded: list[str] = []  # as variables of many segments have them
    starts = []
    for segment in template.segments:
        starts.append(len(encoded))
        if segment is Wildcard.REST:
            for text in draw(st.lists(st.text(max_size=6), max_size=1)):
                encoded.append(quote(text, safe="/"))
                decoded.append(text)
        else:
            text = segment if isinstance(segment, str) else draw(st.text(min_size=1, max_size=4))
            encoded.append(quote(text, safe=""))
            decoded.append(text.replace("/", "%2F"))
    values = {}
    for variable in template.variables:
        own = slice(starts[variable.start], [*starts, None][variable.end])
        value = "/".join(decoded[own])
        values[variable.name] = value if template.is_multiple(variable) else unquote(encoded[own][0])
    verb = f":{quote(template.verb, safe='')}" if template.verb else ""
    return f"/{'/'.join(encoded)}{verb}", values
