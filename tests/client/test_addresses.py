"""Where a client calls: base URLs, and the proxies of the environment."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from client.scripted import EMPTY, Answer, ScriptedServer, scripted
from conftest import Server
from support.apps import running_app
from tools.certificates import make_certificates
from triptych_client import ApiError, AsyncClient, Client, UnavailableError
from triptych_client.address import base_url, proxy_of, shown

PROXY = "http://proxy.test:3128"
VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the proxies of whoever runs the tests out of them."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("localhost:8080", "http://localhost:8080"),
        ("api.example.com", "http://api.example.com"),
        ("127.0.0.1:8080/api/", "http://127.0.0.1:8080/api"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("HTTPS://example.com/", "HTTPS://example.com"),
    ],
)
def test_a_url_without_a_scheme_means_http(given: str, url: str) -> None:
    assert base_url(given) == url


@pytest.mark.parametrize(
    "given",
    ["", "/", "//host", "http:/host", "https:", "ftp://host", "::1", "http://[::1", "http://[::1].host", "http://host:port",
     "a b", "user:secret@host", "host:0", "http://host:70000", "host?a=b"],
)  # fmt: skip
def test_what_is_no_base_url_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="base_url must") as caught:
        base_url(given)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "variables", "proxy"),
    [
        ("http://example.com", {}, None),
        ("http://example.com", {"HTTP_PROXY": PROXY}, PROXY),
        ("http://example.com", {"http_proxy": PROXY, "HTTP_PROXY": "http://other"}, PROXY),
        ("http://example.com", {"HTTP_PROXY": "proxy.test:3128"}, PROXY),
        ("https://example.com", {"HTTP_PROXY": PROXY}, None),
        ("https://example.com", {"HTTPS_PROXY": PROXY}, PROXY),
        ("https://example.com", {"ALL_PROXY": "socks5h://proxy.test"}, "socks5h://proxy.test"),
        ("http://example.com", {"HTTP_PROXY": ""}, None),
    ],
)
def test_which_proxy_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, url: str, variables: dict[str, str], proxy: str | None
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_of(url) == proxy


@pytest.mark.parametrize(
    ("exceptions", "url", "excepted"),
    [
        ("*", "http://example.com", True),
        ("other.com, *", "http://10.1.2.3:8080", True),
        ("example.com", "http://example.com:8080", True),
        ("EXAMPLE.com", "http://Example.COM", True),
        ("example.com", "http://api.example.com", True),
        (".example.com", "http://api.example.com", True),
        ("*.example.com", "http://api.example.com", True),
        ("example.com", "http://badexample.com", False),
        ("example.com:8080", "http://example.com:8080", True),
        ("example.com:8080", "http://example.com:9090", False),
        ("example.com:80", "http://example.com", True),
        ("example.com:443", "https://example.com", True),
        ("other.com,example.com", "http://example.com.", True),
        ("other.com example.com", "http://example.com", True),
        ("10.0.0.0/8", "http://10.1.2.3:8080", True),
        ("10.0.0.0/8", "http://11.1.2.3", False),
        ("10.1.2.3", "http://10.1.2.3", True),
        ("10.1.2.3:8080", "http://10.1.2.3:8080", True),
        ("10.1.2.3:8080", "http://10.1.2.3:8081", False),
        ("fd00::/8", "http://[fd00::1]:8080", True),
        ("[fd00::1]:8080", "http://[fd00::1]:8080", True),
        ("fd00::1", "http://[fd00::2]", False),
        ("", "http://example.com", False),
        (",", "http://example.com", False),
        (":80", "http://example.com", False),
    ],
)
def test_no_proxy(monkeypatch: pytest.MonkeyPatch, exceptions: str, url: str, excepted: bool) -> None:
    monkeypatch.setenv("ALL_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", exceptions)
    assert proxy_of(url) == (None if excepted else PROXY)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.9.9.9", "localhost", "LOCALHOST.", "a.localhost", "[::1]", "[::ffff:127.0.0.1]"],
)
def test_this_machine_is_never_called_through_a_proxy(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("ALL_PROXY", PROXY)
    assert proxy_of(f"http://{host}:8080") is None
    assert proxy_of("http://128.0.0.1") == PROXY


@pytest.mark.parametrize("value", ["ftp://user:secret@proxy", "http://", "http://user:secret@proxy:port"])
def test_a_proxy_that_is_none_is_told_by_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(ValueError, match="HTTPS_PROXY must be a URL") as caught:
        Client("https://example.com")
    assert "secret" not in str(caught.value)


async def call(kind: str, url: str, *, upload: bool = False, **settings: Any) -> None:
    """Make a call with a client of a kind."""
    if kind == "async":
        async with AsyncClient(url, retries=None, timeout=5, **settings) as client:
            if upload:
                await client.documents.upload_document(b"a,b", title="a.csv")
            else:
                await client.users.get_authenticated_user()
        return
    with Client(url, retries=None, timeout=5, **settings) as waiting:
        if upload:
            await asyncio.to_thread(waiting.documents.upload_document, b"a,b", title="a.csv")
        else:
            await asyncio.to_thread(waiting.users.get_authenticated_user)


def through(monkeypatch: pytest.MonkeyPatch, proxy: ScriptedServer) -> str:
    """Let calls go through a proxy that wants a password; return what texts may show of it."""
    monkeypatch.setenv("ALL_PROXY", proxy.url.replace("://", "://ada:secret@"))
    return f"through the proxy {proxy.url}"


@pytest.mark.parametrize("kind", ["sync", "async"])
async def test_calls_go_through_the_proxy_with_its_password(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    async with scripted(EMPTY) as proxy:
        through(monkeypatch, proxy)
        await call(kind, "http://example.test")
    assert proxy.paths == ["http://example.test/gitpod.v1.UserService/GetAuthenticatedUser"]
    assert proxy.requests[0]["proxy-authorization"].startswith("basic ")


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("upload", [False, True])
@pytest.mark.parametrize("protocol", ["connect", "grpc-web", "grpc"])
@pytest.mark.parametrize(
    ("answer", "url"),
    [
        (Answer(502, b"<html>"), "http://example.test"),
        (Answer(407), "http://example.test"),
        (Answer(0), "http://example.test"),
        (Answer(407), "https://example.test"),
    ],
)
async def test_an_error_through_a_proxy_names_it(
    monkeypatch: pytest.MonkeyPatch, kind: str, upload: bool, protocol: str, answer: Answer, url: str
) -> None:
    async with scripted(answer) as proxy:
        told = through(monkeypatch, proxy)
        with pytest.raises(ApiError) as caught:
            await call(kind, url, protocol=protocol, upload=upload and protocol != "grpc")
    assert told in str(caught.value)
    assert "secret" not in str(caught.value) + repr(caught.value)


async def test_a_proxy_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted(EMPTY) as proxy:
        pass
    told = through(monkeypatch, proxy)
    with pytest.raises(UnavailableError, match=r"no response from http://example\.test") as caught:
        await call("async", "http://example.test")
    assert told in str(caught.value)


async def test_an_error_of_the_server_itself_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    body = b'{"code": "not_found", "message": "no such user"}'
    fields = (("content-type", "application/json"), ("x-request-id", "r-1"))
    async with scripted(Answer(404, body, fields)) as proxy:
        through(monkeypatch, proxy)
        with pytest.raises(ApiError) as caught:
            await call("async", "http://example.test")
    assert str(caught.value) == "not_found: no such user"


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_the_environment_names_no_proxy_for_this_machine(
    monkeypatch: pytest.MonkeyPatch, kind: str, host: str
) -> None:
    async with scripted(EMPTY) as proxy, scripted(EMPTY) as server:
        through(monkeypatch, proxy)
        await call(kind, server.url.replace("127.0.0.1", host))
    assert (len(server.paths), proxy.connections) == (1, 0)


def test_what_is_shown_of_a_proxy() -> None:
    assert shown("http://ada:secret@proxy.test:3128/") == PROXY


GRPC_PORT = "this may be the gRPC port, which takes the protocol grpc only"
NOT_GRPC = "this may not be the gRPC port"
TLS = "if the port speaks TLS, the URL begins with https://"
NO_TLS = "the port speaks no TLS: the URL of such a port begins with http://"


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize(
    ("protocol", "http_version", "port", "hint"),
    [
        ("connect", None, "grpc", GRPC_PORT),
        ("connect", "2", "grpc", GRPC_PORT),
        ("grpc-web", None, "grpc", GRPC_PORT),
        ("grpc", None, "http", NOT_GRPC),
        ("connect", "2", "http", "this port may not speak HTTP/2"),
    ],
)
async def test_the_wrong_port_gets_a_hint(
    server: Server, kind: str, protocol: str, http_version: str | None, port: str, hint: str
) -> None:
    url = server.http if port == "http" else f"http://{server.grpc}"
    for upload in {False, protocol != "grpc"}:
        with pytest.raises(ApiError) as caught:
            await call(kind, url, upload=upload, protocol=protocol, http_version=http_version)
        assert hint in str(caught.value)


@pytest.mark.parametrize("kind", ["sync", "async"])
async def test_tls_where_there_is_none_and_none_where_there_is_gets_a_hint(
    server: Server, kind: str, tmp_path: Path
) -> None:
    for url in (server.http, f"http://{server.grpc}"):
        with pytest.raises(UnavailableError) as caught:
            await call(kind, url.replace("http:", "https:"))
        assert str(caught.value).endswith(NO_TLS)
    files = make_certificates(tmp_path)
    async with running_app(tls_cert=files.cert, tls_key=files.key) as app:
        for protocol, port in (("connect", app.http.port), ("grpc", app.grpc.port)):
            with pytest.raises(UnavailableError) as caught:
                await call(kind, f"http://127.0.0.1:{port}", protocol=protocol)
            assert str(caught.value).endswith(TLS)
        for protocol, port, hint in (
            ("connect", app.grpc.port, GRPC_PORT),
            ("grpc-web", app.grpc.port, GRPC_PORT),
            ("grpc", app.http.port, NOT_GRPC),
        ):
            with pytest.raises(ApiError) as refused:
                await call(kind, f"https://localhost:{port}", protocol=protocol, tls_ca=files.ca)
            assert hint in str(refused.value)


async def test_a_name_without_an_address_is_told_shortly() -> None:
    with pytest.raises(UnavailableError) as caught:
        await call("async", "http://no-such-host.invalid")
    assert str(caught.value).startswith(
        "unavailable: no response from http://no-such-host.invalid: no address"
    )
