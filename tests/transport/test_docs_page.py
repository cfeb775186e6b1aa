"""/docs and the OpenAPI documents, as browsers and generators get them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

import triptych.docs
from conftest import Server
from rest.library import LIBRARY
from support.apps import running_app
from support.http import new_http_client
from triptych.rpc.methods import ServiceBinding

DOCUMENTS = ["/openapi.json", "/openapi/connect.json"]
PAGE = ["/docs", "/docs/page.css", "/docs/page.js", "/docs/samples.js", "/docs/settings.json"]
VIEWER = ["/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/docs/favicon.png"]
FOLDER = Path(triptych.docs.__file__).parent


async def get(url: str, path: str, verb: str = "GET", **headers: str) -> httpx.Response:
    """Send a request without a token."""
    async with new_http_client(base_url=url) as http:
        return await http.request(verb, path, headers=headers)


@pytest.mark.parametrize("path", [*DOCUMENTS, *PAGE, *VIEWER])
async def test_each_file_is_there_and_is_asked_for_again_in_vain(server: Server, path: str) -> None:
    response = await get(server.http, path)
    assert response.status_code == 200
    assert response.content
    assert response.headers["x-content-type-options"] == "nosniff"
    again = await get(server.http, path, **{"if-none-match": f'"other", W/{response.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    head = await get(server.http, path, "HEAD")
    assert (head.status_code, head.content) == (200, b"")
    refused = await get(server.http, path, "POST")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
async def test_they_are_sent_compressed(server: Server, coding: str) -> None:
    plain = (await get(server.http, "/openapi.json", **{"accept-encoding": "identity"})).content
    for _ in range(2):
        response = await get(server.http, "/openapi.json", **{"accept-encoding": coding})
        assert response.headers["content-encoding"] == coding
    if coding == "gzip":
        assert response.content == plain


async def test_nothing_is_loaded_from_elsewhere(server: Server) -> None:
    policy = (await get(server.http, "/docs")).headers["content-security-policy"]
    sources = {part.split()[0]: part.split()[1:] for part in policy.split("; ")}
    assert sources["default-src"] == sources["frame-ancestors"] == ["'none'"]
    assert sources["script-src"] == sources["style-src"] == sources["connect-src"] == ["'self'"]
    for name in ("index.html", "page.css", "page.js", "samples.js"):
        assert not re.search(r"https?://|\bstyle=|<script>", (FOLDER / "page" / name).read_text())


def test_the_viewer_has_its_licence() -> None:
    assert "Apache License" in (FOLDER / "swagger_ui/LICENSE").read_text()
    assert (FOLDER / "swagger_ui/swagger-ui-bundle.js.LICENSE.txt").is_file()


async def test_services_of_ones_own_are_documented() -> None:
    own = ServiceBinding(desc=LIBRARY, implementation=Anything(), needs_token=False)
    async with running_app(bindings=[own]) as app:
        url = f"http://127.0.0.1:{app.http_port}"
        rest = (await get(url, "/openapi.json")).json()
        connect = (await get(url, "/openapi/connect.json")).json()
    assert rest["paths"]["/v1/books/{name}"]["get"]["security"] == []
    assert "/v1beta/documents" in rest["paths"]
    assert "/rest.test.Library/GetBook" in connect["paths"]


async def test_they_can_be_switched_off() -> None:
    async with running_app(docs=False) as app:
        for path in (*DOCUMENTS, *PAGE):
            assert (await get(f"http://127.0.0.1:{app.http_port}", path)).status_code == 404


async def test_pages_of_elsewhere_do_not_get_them_in_developer_mode() -> None:
    async with running_app(dev=True) as app:
        url = f"http://127.0.0.1:{app.http_port}"
        assert (await get(url, "/docs", host="rebound.example")).status_code == 403
        assert (await get(url, "/docs")).status_code == 200


class Anything:
    """Has every method; none is called."""

    def __getattr__(self, name: str) -> Any:
        return name
