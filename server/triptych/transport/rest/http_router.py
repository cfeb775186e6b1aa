"""Tells which requests are REST's, and what comes of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote_to_bytes

from triptych.errors import Code, RpcError
from triptych.transport.rest.binding import Binding
from triptych.transport.rest.dialect import Dialect
from triptych.transport.rest.router import Match, Router
from triptych.transport.rest.routes import Route

_BASE: Final = b"/api/"


@dataclass(frozen=True, slots=True)
class Refused:
    """A request of REST that nothing is bound to.

    Attributes:
        dialect: How to say so.
        status: The HTTP status.
        error: What is wrong.
        allowed: The verbs that the path is bound to, for `Allow`; empty for an unknown path.
    """

    dialect: Dialect
    status: int
    error: RpcError
    allowed: tuple[str, ...] = ()


class HttpRouter:
    """All that REST serves.

    SDKs join base URLs in many ways: doubled slashes count as one, and a path that is not known as it came is
    looked for without `/api` before it.

    Args:
        routes: The routes.
        dialects: The dialects, whose prefixes make unknown paths REST's.
        rpc_paths: The paths of rpcs, which are not REST's whatever the routes say.
    """

    def __init__(
        self, routes: Iterable[Route[Binding]], dialects: Iterable[Dialect], rpc_paths: Collection[str]
    ) -> None:
        self._router = Router(routes)
        self._prefixes = [(each.prefix.encode(), each) for each in dialects if each.prefix]
        self._rpc_paths = frozenset(path.encode() for path in rpc_paths)

    def find(self, verb: str, raw_path: bytes) -> Match[Binding] | Refused | None:
        """Find what a request is bound to, or how it is refused; None if it is not REST's.

        Args:
            verb: The method of HTTP.
            raw_path: The path as it came, without the query.
        """
        if raw_path in self._rpc_paths:
            return None
        if b"//" not in raw_path and not raw_path.startswith(_BASE):
            return self._find(verb, raw_path)
        refused = None
        for path in _spellings(raw_path):
            found = self._find(verb, path)
            if isinstance(found, Match):
                return found
            refused = refused or found
        return refused

    def dialect_of(self, raw_path: bytes) -> Dialect | None:
        """Return the dialect that a request for a path is answered in; None if it is not REST's.

        Args:
            raw_path: The path as far as it is known; it may be malformed.
        """
        if raw_path in self._rpc_paths:
            return None
        return next(filter(None, map(self._dialect_at, _spellings(raw_path))), None)

    def _find(self, verb: str, path: bytes) -> Match[Binding] | Refused | None:
        try:
            found = self._router.find(verb, path)
        except RpcError as error:
            dialect = self._dialect_at(path)
            return Refused(dialect, HTTPStatus.BAD_REQUEST, error) if dialect else None
        if isinstance(found, Match):
            return found
        dialect = self._dialect_at(path)
        if dialect is None:
            return None
        if not found.allowed:
            return Refused(dialect, HTTPStatus.NOT_FOUND, unknown_path())
        status = HTTPStatus.METHOD_NOT_ALLOWED
        return Refused(dialect, status, unknown_verb(found.allowed), found.allowed)

    def _dialect_at(self, path: bytes) -> Dialect | None:
        binding = self._router.any_at(path)
        if binding is not None:
            return binding.dialect
        decoded = unquote_to_bytes(path)
        return next((dialect for prefix, dialect in self._prefixes if decoded.startswith(prefix)), None)


def _spellings(raw_path: bytes) -> list[bytes]:
    path = re.sub(rb"/{2,}", b"/", raw_path) if b"//" in raw_path else raw_path
    return [path, path[len(_BASE) - 1 :]] if path.startswith(_BASE) else [path]


def unknown_path() -> RpcError:
    """Refuse a path that nothing is bound to: 404."""
    return RpcError(Code.NOT_FOUND, "nothing is found at this path")


def unknown_verb(allowed: tuple[str, ...]) -> RpcError:
    """Refuse a verb that the path is not bound to: 405, with the header `Allow`."""
    return RpcError(Code.UNIMPLEMENTED, f"this path allows {', '.join(allowed)} only")
