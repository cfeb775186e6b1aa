"""What a person sees who opens an address of the API in a browser, and what programs get there."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from conftest import Server
from support.http import new_http_client
from support.rest_calls import create
from triptych.documents import typeid
from triptych.store.base import Transaction
from triptych.transport.pages.calls import prefers_html

AUTH = {"authorization": "Bearer start-token"}
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ABSENT = "01h2xcejqtf2nbrexx3vqjhp41"


class Elements(HTMLParser):
    """The tags of a page, with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with new_http_client(base_url=server.http) as client:
        yield client


def check_page(response: httpx.Response, status: int, title: str) -> Elements:
    """Check that a page is one that can do nothing but show itself."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["vary"] == "accept"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-request-id"]
    elements = Elements(response.text)
    [style] = re.findall(r"<style>(.*?)</style>", response.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = response.headers["content-security-policy"].split("; ")
    assert policy[:2] == ["default-src 'none'", f"style-src 'sha256-{digest}'"]
    assert {"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} <= set(policy)
    tags = {tag for tag, _ in elements.tags}
    assert not tags & {"script", "img", "link", "iframe", "form"}
    assert re.search(r"<h1><bdi>(.*?)</bdi></h1>", response.text, re.DOTALL)
    assert title in elements.text
    return elements


async def test_the_page_of_the_server(http: httpx.AsyncClient) -> None:
    response = await http.get("/", headers={"accept": FIREFOX})
    elements = check_page(response, 200, "Triptych")
    links = [attributes["href"] for tag, attributes in elements.tags if tag == "a"]
    assert "healthz" in links
    for link in links:
        assert (await http.get(f"/{link}")).status_code == 200
    assert "factify.api.v1beta.DocumentService" in elements.text


async def test_programs_get_json(http: httpx.AsyncClient) -> None:
    for headers in ({}, {"accept": "*/*"}, {"accept": "application/json"}):
        response = await http.get("/", headers=headers)
        assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
        assert response.json()["name"] == "Triptych"
        for link in response.json()["links"].values():
            assert (await http.get(link)).status_code == 200


async def test_a_public_document_shows_its_title(http: httpx.AsyncClient) -> None:
    http.headers.update(AUTH)
    document = await create(http, title='<b>Größe</b> & "more" \'', access_level="public")
    del http.headers["authorization"]
    url = document["url"]
    response = await http.get(url, headers={"accept": FIREFOX})
    elements = check_page(response, 200, '<b>Größe</b> & "more" \'')
    assert "b" not in {tag for tag, _ in elements.tags}
    for link in (attributes["href"] for tag, attributes in elements.tags if tag == "a"):
        assert (await http.get(str(httpx.URL(url).join(str(link))))).status_code == 200
    told = (await http.get(url)).json()
    assert (told["id"], told["title"]) == (document["id"], document["title"])
    assert (await http.get(told["api"], headers=AUTH)).status_code == 200
    head = await http.head(url, headers={"accept": FIREFOX})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == response.headers["content-length"]


async def test_what_not_everybody_may_see_looks_like_what_is_not_there(
    server: Server, http: httpx.AsyncClient
) -> None:
    http.headers.update(AUTH)
    hidden = [await create(http, title="Secret", access_level=level) for level in ("private", "organization")]
    trashed = await create(http, title="Secret", access_level="public")
    await http.post(f"/v1beta/documents/{trashed['id']}/trash")
    odd = await create(http, title="Secret", access_level="public")

    async def as_a_seed_may_have_it(tx: Transaction) -> None:
        record = await tx.documents.get(typeid.decode("doc", odd["id"]))
        assert record is not None
        await tx.documents.put(replace(record, trashed_at=1))

    await server.store.write(as_a_seed_may_have_it)
    suffixes = [document["id"].removeprefix("doc_") for document in (*hidden, trashed, odd)]
    answers = set()
    for suffix in (ABSENT, "nonsense", "%3Cscript%3E", "%FF", *suffixes):
        for accept in (FIREFOX, "*/*"):
            response = await http.get(f"/d/{suffix}", headers={"accept": accept})
            assert response.status_code == 404
            answers.add(response.text)
    page, told = sorted(answers)
    check_page(await http.get(f"/d/{ABSENT}", headers={"accept": FIREFOX}), 404, "Not Found")
    assert "Secret" not in page + told
    assert '"not_found"' in told


@pytest.mark.parametrize("path", ["/", f"/d/{ABSENT}"])
@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE"])
async def test_other_verbs_are_refused(http: httpx.AsyncClient, path: str, verb: str) -> None:
    response = await http.request(verb, path)
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")
    check_page(await http.request(verb, path, headers={"accept": FIREFOX}), 405, "Method Not Allowed")


@pytest.mark.parametrize("path", ["/d", "/d/", f"/d/{ABSENT}/x", "/e/x", "/index.html"])
async def test_no_other_path_is_a_page(http: httpx.AsyncClient, path: str) -> None:
    response = await http.get(path, headers={"accept": FIREFOX})
    assert (response.status_code, response.json()["code"]) == (404, "unimplemented")


async def test_pages_are_logged_and_counted(server: Server, http: httpx.AsyncClient) -> None:
    await http.get("/", headers={"x-request-id": "page-1"})
    await http.get(f"/d/{ABSENT}", headers={"x-request-id": "page-2"})
    assert (await server.log.line("page-1"))["method"] == "/"
    line = await server.log.line("page-2")
    assert (line["method"], line["code"]) == ("/d/{suffix}", "not_found")


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        (FIREFOX, True),
        ("text/html", True),
        ("TEXT/HTML; charset=utf-8", True),
        ("text/*", True),
        ("text/html;level=1;q=0.5", True),
        ("application/json;q=0.5, text/html", True),
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("text/html;q=0", False),
        ("text/html;q=0.5, application/json", False),
        ("text/html;q=x", False),
        ("text/plain, */*", False),
    ],
)
def test_who_asks_for_html(accept: str, html: bool) -> None:
    assert prefers_html(accept.encode()) is html
