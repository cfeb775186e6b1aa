"""/docs, a page that explores what the server serves, and the OpenAPI documents that it shows.

The viewer is Swagger UI: swagger_ui/ has files of the npm package swagger-ui-dist as they were released, and
its licence. All that the page loads comes from the server itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Final

import orjson

from triptych.rpc.methods import ServiceTraits
from triptych.transport.http.files import ServedFile, ServedFiles
from triptych.transport.http.messages import JSON

SWAGGER_UI_VERSION: Final = "5.35.0"
_POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_SAFE: Final = (
    (b"content-security-policy", _POLICY),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)
_FILES: Final = {
    "/docs": ("page/index.html", b"text/html; charset=utf-8"),
    "/docs/page.css": ("page/page.css", b"text/css; charset=utf-8"),
    "/docs/page.js": ("page/page.js", b"text/javascript; charset=utf-8"),
    "/docs/samples.js": ("page/samples.js", b"text/javascript; charset=utf-8"),
    "/docs/swagger-ui.css": ("swagger_ui/swagger-ui.css", b"text/css; charset=utf-8"),
    "/docs/swagger-ui-bundle.js": ("swagger_ui/swagger-ui-bundle.js", b"text/javascript; charset=utf-8"),
    "/docs/favicon.png": ("swagger_ui/favicon-32x32.png", b"image/png"),
}


def docs_files(services: Sequence[ServiceTraits], grpc_port: int) -> ServedFiles:
    """Return the files of a server by their paths.

    Args:
        services: The services that are served.
        grpc_port: The port that clients of gRPC call; 0 if it is not known yet.
    """
    return {
        "/openapi.json": ServedFile(JSON, lambda: _document("rest_document", services)),
        "/openapi/connect.json": ServedFile(JSON, lambda: _document("connect_document", services)),
        "/docs/settings.json": ServedFile(JSON, lambda: json.dumps({"grpcPort": grpc_port}).encode()),
        **{path: ServedFile(media_type, _reader(name), _SAFE) for path, (name, media_type) in _FILES.items()},
    }


def _document(name: str, services: Sequence[ServiceTraits]) -> bytes:
    from triptych.openapi import document  # noqa: PLC0415 - most servers are never asked

    make: Callable[[Sequence[ServiceTraits]], dict[str, object]] = getattr(document, name)
    return orjson.dumps(make(services))


def _reader(name: str) -> Callable[[], bytes]:
    return files(__package__).joinpath(name).read_bytes
