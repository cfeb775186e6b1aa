"""Which route a path finds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rest.settings import SETTINGS
from rest.strategies import expansions, templates
from triptych.errors import Code, RpcError
from triptych.transport.rest.router import Match, NoMatch, Router
from triptych.transport.rest.routes import Route, conflicts
from triptych.transport.rest.template import Template, Wildcard
from triptych.transport.rest.template_parser import parse_template

VERBS = ["GET", "POST", "HEAD", "*"]


def router(*rules: str) -> Router[str]:
    """Return a router for rules such as "GET /v1", of which each is its own target."""
    routes = []
    for rule in rules:
        verb, _, template = rule.partition(" ")
        routes.append(Route(verb, parse_template(template), rule, "test"))
    return Router(routes)


DOCUMENTS = router(
    "GET /v1/documents",
    "POST /v1/documents",
    "GET /v1/documents/quota",
    "GET /v1/documents/{id}",
    "PATCH /v1/documents/{id}",
    "POST /v1/documents/{id}/trash",
    "POST /v1/documents/{id}:copy",
    "POST /v1/{name=documents/*/versions/*}:copy",
    "GET /v1/files/{path=**}",
    "DELETE /v1/files/{path=**}:purge",
    "GET /v1/a%2Fb/{x}",
    "* /v1/any/{x}",
    "GET /v1/any/{y}",
)


def shown(found: Match[str] | NoMatch) -> object:
    return (found.target, found.variables) if isinstance(found, Match) else found.allowed


@pytest.mark.parametrize(
    ("request_line", "expected"),
    [
        ("GET /v1/documents", ("GET /v1/documents", {})),
        ("HEAD /v1/documents", ("GET /v1/documents", {})),
        ("GET /v1/documents/quota", ("GET /v1/documents/quota", {})),
        ("GET /v1/documents/quot%61", ("GET /v1/documents/quota", {})),
        ("GET /v1/documents/Quota", ("GET /v1/documents/{id}", {"id": "Quota"})),
        ("PATCH /v1/documents/quota", ("PATCH /v1/documents/{id}", {"id": "quota"})),
        ("GET /v1/documents/a%2Fb%20c+d%C3%BC", ("GET /v1/documents/{id}", {"id": "a/b c+dü"})),
        ("GET /v1/documents/ü", ("GET /v1/documents/{id}", {"id": "ü"})),
        ("GET /v1/documents/a:b", ("GET /v1/documents/{id}", {"id": "a:b"})),
        ("GET /v1/documents/a:copy", ("GET /v1/documents/{id}", {"id": "a:copy"})),
        ("POST /v1/documents/a:copy", ("POST /v1/documents/{id}:copy", {"id": "a"})),
        ("POST /v1/documents/a:b:copy", ("POST /v1/documents/{id}:copy", {"id": "a:b"})),
        ("POST /v1/documents/a:c%6Fpy", ("POST /v1/documents/{id}:copy", {"id": "a"})),
        ("POST /v1/documents/a%3Acopy", ("GET", "HEAD", "PATCH")),
        ("POST /v1/documents/a:paste", ("GET", "HEAD", "PATCH")),
        ("POST /v1/documents/:copy", ("GET", "HEAD", "PATCH")),  # ":copy" is an id
        (
            "POST /v1/documents/a/versions/b%2Fc%2fd%20:copy",
            ("POST /v1/{name=documents/*/versions/*}:copy", {"name": "documents/a/versions/b%2Fc%2fd "}),
        ),
        ("GET /v1/files/a/b", ("GET /v1/files/{path=**}", {"path": "a/b"})),
        ("GET /v1/files/a%2Fb//c/", ("GET /v1/files/{path=**}", {"path": "a%2Fb//c/"})),
        ("GET /v1/files/", ("GET /v1/files/{path=**}", {"path": ""})),
        ("GET /v1/files", ("GET /v1/files/{path=**}", {"path": ""})),
        ("DELETE /v1/files/a/b:purge", ("DELETE /v1/files/{path=**}:purge", {"path": "a/b"})),
        ("DELETE /v1/files:purge", ("DELETE /v1/files/{path=**}:purge", {"path": ""})),
        ("DELETE /v1/files/a", ("GET", "HEAD")),
        ("GET /v1/a%2fb/c", ("GET /v1/a%2Fb/{x}", {"x": "c"})),
        ("GET /v1/a/b/c", ()),
        ("BREW /v1/any/c", ("* /v1/any/{x}", {"x": "c"})),
        ("GET /v1/any/c", ("GET /v1/any/{y}", {"y": "c"})),
        ("PUT /v1/documents", ("GET", "HEAD", "POST")),
        ("get /v1/documents", ("GET", "HEAD", "POST")),
        ("PUT /v1/documents/x/trash", ("POST",)),
        ("GET /v1/documents/", ()),
        ("GET /v1/documents//trash", ()),
        ("GET /V1/documents", ()),
        ("GET /v1", ()),
        ("GET /", ()),
        ("GET ", ()),
        ("OPTIONS *", ()),
        ("GET v1/documents", ()),
    ],
)
def test_paths(request_line: str, expected: object) -> None:
    verb, _, path = request_line.partition(" ")
    assert shown(DOCUMENTS.find(verb, path.encode())) == expected


@pytest.mark.parametrize(
    ("path", "description"),
    [
        (b"/v1/documents/%", "has a % without two hexadecimal digits after it"),
        (b"/v1/documents/%4", "has a % without two hexadecimal digits after it"),
        (b"/unknown/%4x", "has a % without two hexadecimal digits after it"),
        (b"/v1/documents/%FF", "is not valid UTF-8"),
        (b"/v1/documents/%C3/%BC", "is not valid UTF-8"),
        (b"/v1/files/%C3%2F%BC", "is not valid UTF-8"),
        (b"/v1/documents/%ED%A0%80", "is not valid UTF-8"),
        (b"/v1/documents/\xff", "is not valid UTF-8"),
        (b"%zz", "has a % without two hexadecimal digits after it"),
    ],
)
def test_paths_that_are_not_encoded_rightly_are_refused(path: bytes, description: str) -> None:
    with pytest.raises(RpcError) as caught:
        DOCUMENTS.find("GET", path)
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert caught.value.message == f"the path of the URL {description}"
    assert [violation.field for violation in caught.value.violations] == [""]


def test_all_conflicts_are_told() -> None:
    rules = ["GET /a/{x}", "GET /a/*", "POST /a/{x}", "GET /a/{y=*}", "GET /b:go", "GET /b", "GET /b:go"]
    with pytest.raises(ValueError, match="claimed") as caught:
        router(*rules)
    assert str(caught.value).splitlines() == [
        "GET /a/* is claimed by test (/a/{x}) and by test (/a/*) and by test (/a/{y})",
        "GET /b:go is claimed by test (/b:go) and by test (/b:go)",
    ]


@SETTINGS
@given(data=st.data(), template=templates())
def test_a_path_made_from_a_template_gives_its_variables(data: st.DataObject, template: Template) -> None:
    path, variables = data.draw(expansions(template))
    found = Router([Route("GET", template, "it", "it")]).find("GET", path.encode())
    assert found == Match("it", variables)


small_segments = st.sampled_from(["a", "b", Wildcard.ONE, Wildcard.ONE])
small_templates = st.builds(
    lambda segments, rest, verb: Template((*segments, *rest), verb=verb),
    st.lists(small_segments, min_size=1, max_size=3),
    st.sampled_from([(), (), (Wildcard.REST,)]),
    st.sampled_from(["", "", "go"]),
)
small_rules = st.lists(st.tuples(st.sampled_from(VERBS), small_templates), max_size=12)
small_paths = st.lists(
    st.sampled_from(["a", "b", "c", "", "a:go", ":go", "%61"]), min_size=1, max_size=4
).map(lambda pieces: "/" + "/".join(pieces))


@SETTINGS
@given(rules=small_rules, path=small_paths, verb=st.sampled_from(["GET", "POST", "HEAD", "PUT"]))
def test_the_router_agrees_with_trying_all_rules(
    rules: list[tuple[str, Template]], path: str, verb: str
) -> None:
    routes = {(v, t.shape()): Route(v, t, (v, t.shape()), "") for v, t in rules}.values()
    assert not conflicts(routes)
    fitting = [route for route in routes if matches(route.template, path)]
    usable = [route for route in fitting if rank(route.verb, verb) is not None]
    found = Router(routes).find(verb, path.encode())
    if usable:
        best = min(usable, key=lambda route: (specificity(route.template), rank(route.verb, verb)))
        assert isinstance(found, Match)
        assert found.target == best.target
    else:
        allowed = {route.verb for route in fitting}
        assert found == NoMatch(tuple(sorted(allowed | ({"HEAD"} if "GET" in allowed else set()))))


def matches(template: Template, path: str) -> bool:
    if template.verb:
        suffix = f":{template.verb}"
        return path.endswith(suffix) and fits(template.segments, path.removesuffix(suffix)[1:].split("/"))
    return fits(template.segments, path[1:].split("/"))


def fits(segments: tuple[str | Wildcard, ...], pieces: list[str]) -> bool:
    if segments and segments[0] is Wildcard.REST:
        return True
    if not segments or not pieces:
        return not segments and not pieces
    first = pieces[0].replace("%61", "a")
    return (first != "" if segments[0] is Wildcard.ONE else first == segments[0]) and fits(
        segments[1:], pieces[1:]
    )


def specificity(template: Template) -> tuple[bool, list[int]]:
    ranks = {Wildcard.ONE: 1, Wildcard.REST: 2}
    return not template.verb, [ranks[s] if isinstance(s, Wildcard) else 0 for s in template.segments]


def rank(bound: str, verb: str) -> int | None:
    order = {verb: 0, "*": 2} if verb != "HEAD" else {"HEAD": 0, "GET": 1, "*": 2}
    return order.get(bound)
