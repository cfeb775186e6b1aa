"""An HTTP request as text, with what is wrong with it as such."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from triptych.errors import Code, RpcError
from triptych.rpc.call import REQUEST_ID_HEADER, first_header, request_id
from triptych.transport.http.asgi import Scope


class HttpRequest:
    """What both families of HTTP protocols need of a request.

    Attributes:
        scope: The request as ASGI has it.
        verb: The method of HTTP; the word method is kept for rpcs.
        path: The path, decoded, without doubled slashes and without the prefix `/api`.
        headers: The headers that are text, in the order they came, names in lower case.
        refusal: The error if headers or query are not text; None if they are.
        peer: The address of the client.
    """

    __slots__ = ("headers", "path", "peer", "refusal", "scope", "verb")

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.verb: str = scope["method"]
        self.path = normalise(scope["path"])
        self.headers: list[tuple[str, str]] = []
        self.refusal: RpcError | None = None
        client = scope.get("client")
        self.peer = f"{client[0]}:{client[1]}" if client else ""
        for name, value in scope["headers"]:
            try:
                self.headers.append((name.decode(), value.decode()))
            except UnicodeDecodeError:
                shown = name.decode("ascii", "replace")[:100]
                self.refusal = RpcError(Code.INVALID_ARGUMENT, f"header {shown} is not valid UTF-8")
        if scope["query_string"]:
            try:
                unquote_to_bytes(scope["query_string"]).decode()
            except UnicodeDecodeError:
                self.refusal = RpcError(Code.INVALID_ARGUMENT, "the query of the URL is not valid UTF-8")

    def header(self, name: str) -> str | None:
        """Return the first header of that lower-case name, or None."""
        return first_header(self.headers, name)

    @property
    def media_type(self) -> str:
        """The content type without its parameters, in lower case; empty if there is none."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()


def request_id_header(request: HttpRequest) -> tuple[bytes, bytes]:
    """Return the header that names the request in a response that no call answers."""
    return REQUEST_ID_HEADER.encode(), request_id(request.header(REQUEST_ID_HEADER)).encode()


def normalise(path: str) -> str:
    """Return the path as rpcs and routes have it: SDKs join base URLs in many ways."""
    if "//" in path:
        path = re.sub(r"/{2,}", "/", path)
    return path.removeprefix("/api") if path.startswith("/api/") else path
