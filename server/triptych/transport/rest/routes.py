"""Routes, and which of them claim the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from triptych.transport.rest.template import Template

T = TypeVar("T")

ANY_VERB: Final = "*"
"""The kind of a custom pattern that leaves "the HTTP method unspecified"."""


@dataclass(frozen=True, slots=True)
class Route(Generic[T]):
    """A verb and a template, what they are bound to, and its name for texts."""

    verb: str
    template: Template
    target: T
    name: str


def conflicts(routes: Iterable[Route[T]]) -> list[str]:
    """Tell which routes claim one verb and the same paths."""
    claims: dict[tuple[str, str], list[Route[T]]] = defaultdict(list)
    for route in routes:
        claims[route.verb, route.template.shape()].append(route)
    return [
        f"{verb} {shape} is claimed by " + " and by ".join(f"{each.name} ({each.template})" for each in claim)
        for (verb, shape), claim in claims.items()
        if len(claim) > 1
    ]
