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


_Cut: TypeAlias = tuple[str, int, int | None, bool]
"""A variable: its name, where its segments start and end, and whether there may be several."""


@dataclass(frozen=True, slots=True)
class _Bound(Generic[T]):
    """What a route is bound to, and how the variables are cut out of a path that matches."""

    target: T
    cuts: tuple[_Cut, ...]


_Leaf: TypeAlias = dict[str, _Bound[T]]  # by HTTP verb


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
            path = raw_path.decode()
        except UnicodeDecodeError:
            path = _as_text(raw_path)
        if "%" in path:
            _check_encoding(path)
        if not path.startswith("/"):
            return NoMatch(())
        allowed: set[str] = set()
        for segments, custom in self._readings(path[1:].split("/")):
            for leaf in self._walk(segments, custom):
                bound = leaf.get(verb) or (leaf.get("GET") if verb == "HEAD" else None) or leaf.get(ANY_VERB)
                if bound:
                    return Match(bound.target, _variables(bound.cuts, segments) if bound.cuts else {})
                allowed.update(leaf)
        return NoMatch(tuple(sorted(allowed | {"HEAD"} if "GET" in allowed else allowed)))

    def any_at(self, raw_path: bytes) -> T | None:
        """Return what a path is bound to with some verb; None if it is unknown.

        Segments that are not encoded as RFC 3986 says, in UTF-8, are taken for values of variables.
        """
        segments = raw_path.decode(errors="replace").removeprefix("/").split("/")
        for own, custom in self._readings([_decodable(each) for each in segments]):
            for leaf in self._walk(own, custom):
                return next(iter(leaf.values())).target
        return None

    def _add(self, route: Route[T]) -> None:
        node = self._root
        for segment in route.template.segments:
            if isinstance(segment, str):
                node = node.literals.setdefault(segment, _Node())
            elif segment is Wildcard.ONE:
                node.one = node = node.one or _Node()
        leaves = node.rests if route.template.segments[-1] is Wildcard.REST else node.ends
        leaves.setdefault(route.template.verb, {})[route.verb] = _Bound(route.target, _cuts(route.template))

    def _readings(self, raw: list[str]) -> list[tuple[list[str], str]]:
        """Return what a path may be read as, in order: segments, and a custom verb."""
        readings = [(raw, "")]
        if self._has_verbs:
            last, colon, verb = raw[-1].rpartition(":")
            if colon and verb:  # a verb is a literal, which is not empty
                readings.insert(0, ([*raw[:-1], last], decode(verb)))
        return readings

    def _walk(self, raw: list[str], verb: str) -> Iterator[_Leaf[T]]:
        """Find all leaves for segments, the most specific first."""
        pending: list[tuple[_Node[T], int]] = [(self._root, 0)]  # what is looked at next is at the end
        while pending:
            node, at = pending.pop()
            if at < 0:  # nothing more specific was found
                yield node.rests[verb]
                continue
            if verb in node.rests:
                pending.append((node, -1))
            if at == len(raw):
                if verb in node.ends:
                    yield node.ends[verb]
                continue
            segment = raw[at]
            if "%" in segment:
                segment = decode(segment)
            if node.one is not None and segment:
                pending.append((node.one, at + 1))
            if (literal := node.literals.get(segment)) is not None:
                pending.append((literal, at + 1))


def _decodable(segment: str) -> str:
    try:
        decode(segment)
    except PercentError:
        return "?"  # which is in no path, and no literal
    return segment


def _cuts(template: Template) -> tuple[_Cut, ...]:
    return tuple(
        (
            variable.name,
            variable.start,
            None if template.segments[variable.end - 1] is Wildcard.REST else variable.end,
            template.is_multiple(variable),
        )
        for variable in template.variables
    )


def _variables(cuts: tuple[_Cut, ...], raw: list[str]) -> dict[str, str]:
    """Cut the variables out of a path that matches.

    "If a variable contains exactly one path segment [...], the server side does the reverse decoding. [...]
    If a variable contains multiple path segments [...], the server side does the reverse decoding, except
    "%2F" and "%2f" are left unchanged."
    """
    values: dict[str, str] = {}
    for name, start, end, multiple in cuts:
        if multiple:
            values[name] = decode_but_slashes("/".join(raw[start:end]))
        else:
            value = raw[start]
            values[name] = decode(value) if "%" in value else value
    return values


def _as_text(raw_path: bytes) -> str:
    try:
        return as_text(raw_path)
    except PercentError as error:
        raise _malformed(error) from None


def _check_encoding(path: str) -> None:
    try:
        decode(path)
    except PercentError as error:
        raise _malformed(error) from None


def _malformed(error: PercentError) -> RpcError:
    return invalid_field("", f"the path of the URL {error}")
