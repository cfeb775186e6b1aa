"""Finds what a verb and a path are bound to, in one walk over the segments of the path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

from triptych.errors import RpcError, invalid_field
from triptych.transport.rest.percent import PercentError, as_text, decode, decode_but_slashes
from triptych.transport.rest.routes import ANY_VERB, Route, conflicts
from triptych.transport.rest.template import Template, Wildcard

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """What was found, and the variables of the path by their names, decoded."""

    target: T
    variables: dict[str, str]


@dataclass(frozen=True, slots=True)
class NoMatch:
    """Nothing was found: with other verbs there may be something.

    Attributes:
        allowed: The verbs that the path is bound to, sorted, for `Allow`. Empty for an unknown path.
    """

    allowed: tuple[str, ...]


_Leaf: TypeAlias = dict[str, Route[T]]  # by HTTP verb


@dataclass(slots=True)
class _Node(Generic[T]):
    """What follows after some segments; leaves are kept by their custom verbs."""

    literals: dict[str, _Node[T]] = field(default_factory=dict)
    one: _Node[T] | None = None
    ends: dict[str, _Leaf[T]] = field(default_factory=dict)
    rests: dict[str, _Leaf[T]] = field(default_factory=dict)


class Router(Generic[T]):
    """All routes, of which a path finds the most specific one that has the verb.

    Templates with a custom verb come first. Otherwise segments are compared from the left: a literal is more
    specific than `*`, and `*` than `**`. HEAD finds what GET finds, unless it is bound itself.

    Args:
        routes: The routes.

    Raises:
        ValueError: Some of them are in conflict; the error lists them all.
    """

    def __init__(self, routes: Iterable[Route[T]]) -> None:
        routes = tuple(routes)
        if problems := conflicts(routes):
            raise ValueError("\n".join(problems))
        self._root: _Node[T] = _Node()
        self._has_verbs = any(route.template.verb for route in routes)
        for route in routes:
            self._add(route)

    def find(self, verb: str, raw_path: bytes) -> Match[T] | NoMatch:
        """Find what a verb and a path, as the request line has it, are bound to.

        Raises:
            RpcError: INVALID_ARGUMENT if the path is not encoded as RFC 3986 says, in UTF-8.
        """
        try:
            path = as_text(raw_path)
            decode(path)
        except PercentError as error:
            raise _malformed(error) from None
        if not path.startswith("/"):
            return NoMatch(())
        allowed: set[str] = set()
        for leaf, segments in self._leaves(path[1:].split("/")):
            route = leaf.get(verb) or (leaf.get("GET") if verb == "HEAD" else None) or leaf.get(ANY_VERB)
            if route:
                return Match(route.target, _variables(route.template, segments))
            allowed.update(leaf)
        return NoMatch(tuple(sorted(allowed | {"HEAD"} if "GET" in allowed else allowed)))

    def any_at(self, raw_path: bytes) -> T | None:
        """Return what a path is bound to with some verb; None if it is unknown.

        Segments that are not encoded as RFC 3986 says, in UTF-8, are taken for values of variables.
        """
        segments = raw_path.decode(errors="replace").removeprefix("/").split("/")
        leaf, _ = next(self._leaves([_decodable(each) for each in segments]), (None, None))
        return next(iter(leaf.values())).target if leaf else None

    def _add(self, route: Route[T]) -> None:
        node = self._root
        for segment in route.template.segments:
            if isinstance(segment, str):
                node = node.literals.setdefault(segment, _Node())
            elif segment is Wildcard.ONE:
                node.one = node = node.one or _Node()
        leaves = node.rests if route.template.segments[-1] is Wildcard.REST else node.ends
        leaves.setdefault(route.template.verb, {})[route.verb] = route

    def _leaves(self, raw: list[str]) -> Iterator[tuple[_Leaf[T], list[str]]]:
        """Find all leaves for a path, the most specific first, each with the segments without custom verb."""
        if self._has_verbs:
            last, colon, verb = raw[-1].rpartition(":")
            if colon and verb:  # a verb is a literal, which is not empty
                shorter = [*raw[:-1], last]
                for leaf in _walk(self._root, shorter, 0, decode(verb)):
                    yield leaf, shorter
        for leaf in _walk(self._root, raw, 0, ""):
            yield leaf, raw


def _walk(node: _Node[T], raw: list[str], at: int, verb: str) -> Iterator[_Leaf[T]]:
    if at == len(raw):
        if verb in node.ends:
            yield node.ends[verb]
    else:
        segment = decode(raw[at])
        if segment in node.literals:
            yield from _walk(node.literals[segment], raw, at + 1, verb)
        if node.one and segment:
            yield from _walk(node.one, raw, at + 1, verb)
    if verb in node.rests:
        yield node.rests[verb]


def _decodable(segment: str) -> str:
    try:
        decode(segment)
    except PercentError:
        return "?"  # which is in no path, and no literal
    return segment


def _variables(template: Template, raw: list[str]) -> dict[str, str]:
    """Cut the variables out of a path that matches.

    "If a variable contains exactly one path segment [...], the server side does the reverse decoding. [...]
    If a variable contains multiple path segments [...], the server side does the reverse decoding, except
    "%2F" and "%2f" are left unchanged."
    """
    values: dict[str, str] = {}
    for variable in template.variables:
        if template.is_multiple(variable):
            to_end = template.segments[variable.end - 1] is Wildcard.REST
            own = raw[variable.start : None if to_end else variable.end]
            values[variable.name] = decode_but_slashes("/".join(own))
        else:
            values[variable.name] = decode(raw[variable.start])
    return values


def _malformed(error: PercentError) -> RpcError:
    return invalid_field("", f"the path of the URL {error}")
