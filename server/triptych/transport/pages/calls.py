"""Requests of pages: HTML for those who ask for it, JSON for all others. They need no token."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Final

from protobuf.wkt import StringValue

from triptych.errors import Code, RpcError
from triptych.rpc.call import Call
from triptych.rpc.methods import Method
from triptych.rpc.pipeline import Pipeline
from triptych.transport.errors import STATUSES
from triptych.transport.http.compression import weight
from triptych.transport.http.messages import JSON, HeaderList, HttpRequest, Response, respond
from triptych.transport.pages.html import CONTENT_SECURITY_POLICY, Page, document_page, error_page, home_page

FindTitle = Callable[[str], Awaitable[str]]
"""Returns the title of the document with an id, as `doc_01h2x...`; NOT_FOUND unless everybody may see it."""

_DOCUMENT: Final = re.compile(r"/d/([^/]+)")
_HTML: Final = b"text/html; charset=utf-8"
_HTML_TYPES: Final = ("text/html", "application/xhtml+xml", "text/*")
_JSON_TYPES: Final = ("application/json", "application/*")
_HEADERS: Final[HeaderList] = [
    (b"cache-control", b"no-store"),
    (b"vary", b"accept"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]


class Pages:
    """Answers GET and HEAD on `/` and `/d/<suffix of a document's id>`.

    Args:
        pipeline: What every call goes through.
        find_title: Looks for what is told of a document.
        links: Where else a person may look, by what that is called; relative to `/`.
        services: The names of the services that are served.
    """

    def __init__(
        self, pipeline: Pipeline, find_title: FindTitle, links: Mapping[str, str], services: Sequence[str]
    ) -> None:
        async def home(_: StringValue, call: Call) -> Page:
            return home_page(links, services)

        async def document(request: StringValue, call: Call) -> Page:
            id = f"doc_{request.value}"
            return document_page(id, await find_title(id), links)

        self._links = links
        methods = (_method("", home), _method("d/{suffix}", document))
        self._home, self._document = ((method, pipeline.handler(method)) for method in methods)

    def answer(self, request: HttpRequest) -> Coroutine[Any, Any, Response] | None:
        """Return what answers a request; None if it is for no page."""
        path = request.path
        if path == "/":
            return self._answer(request, *self._home, "")
        if found := _DOCUMENT.fullmatch(path):
            return self._answer(request, *self._document, found[1])
        return None

    async def _answer(self, request: HttpRequest, method: Method, handler: Any, suffix: str) -> Response:
        refusal = None
        headers: HeaderList = [*_HEADERS]
        if request.verb not in ("GET", "HEAD"):
            refusal = RpcError(Code.UNIMPLEMENTED, "only GET and HEAD are allowed here")
            headers.append((b"allow", b"GET, HEAD"))
        call = Call(
            method, "rest", request.headers, given_id=request.given_id, peer=request.peer, refusal=refusal
        )
        exchange = _Exchange(suffix)
        await handler(call, exchange)
        status, page = 200, exchange.page
        if (error := call.error) is not None:
            status = 405 if refusal is not None else STATUSES[error.code]
            page = error_page(status, error, self._links)
        assert page is not None  # noqa: S101 - a call without an error has written one
        if not prefers_html(request.headers.joined(b"accept") or b""):
            return respond(request, status, JSON, page.json(), headers, call)
        headers.append((b"content-security-policy", CONTENT_SECURITY_POLICY))
        return respond(request, status, _HTML, page.html(), headers, call)


class _Exchange:
    """The request is in the path; the page is kept.

    Attributes:
        page: What was written.
    """

    def __init__(self, suffix: str) -> None:
        self._suffix = suffix
        self.page: Page | None = None

    async def read(self) -> StringValue:
        """Return the suffix in the path."""
        return StringValue(value=self._suffix)

    def requests(self) -> Any:
        """Raise: no method here takes a stream."""
        raise NotImplementedError

    async def write(self, response: Page) -> None:
        """Keep the page."""
        self.page = response


def prefers_html(accept: bytes) -> bool:
    """Tell whether an Accept header (RFC 9110, section 12.5.1) names HTML, and not JSON before it.

    Browsers do. Programs say that they take anything, and get JSON.
    """
    weights: dict[str, float] = {}
    for part in accept.decode("latin-1").lower().split(","):
        name, *parameters = (each.strip() for each in part.split(";"))
        given = [each for each in parameters if each.startswith("q")]
        weights[name] = max(weights.get(name, 0.0), weight(given[-1] if given else ""))
    html, other = (max(weights.get(each, 0.0) for each in types) for types in (_HTML_TYPES, _JSON_TYPES))
    return html > 0 and html >= other


def _method(name: str, function: Callable[[StringValue, Call], Awaitable[Page]]) -> Method:
    return Method(
        service="",
        name=name,
        kind="unary",
        input=StringValue,
        output=StringValue,
        no_side_effects=True,
        needs_token=False,
        function=function,
    )
