"""What a client is told when it is made."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from client.scripted import EMPTY, Answer, scripted
from triptych_client import ApiError, AsyncClient, Client, ErrorCode, InternalError, UnavailableError
from triptych_client.settings import default_headers, wire_settings

GET_USER = "/gitpod.v1.UserService/GetAuthenticatedUser"


@pytest.mark.parametrize(
    ("base", "path"),
    [
        ("", GET_USER),
        ("/", GET_USER),
        ("//", GET_USER),
        ("/api", f"/api{GET_USER}"),
        ("/api/", f"/api{GET_USER}"),
    ],
)
async def test_a_base_url_may_have_a_path_and_slashes_at_its_end(base: str, path: str) -> None:
    async with scripted(EMPTY) as server, AsyncClient(server.url + base) as client:
        await client.users.get_authenticated_user()
    assert server.paths == [path]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://host",
        "http://",
        "http://user:secret@host",
        "http://host/?a=b",
        "http://host#a",
    ],
)
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="base_url") as caught:
        Client(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"protocol": "soap"}, "protocol must be one of connect"),
        ({"http_version": "4"}, "http_version must be one of"),
        ({"http_version": "3", "protocol": "grpc"}, "gRPC needs HTTP/2"),
        ({"tls_cert": b"x"}, "tls_cert and tls_key go together"),
        ({"token": " outer"}, "printable ASCII without outer blanks"),
        ({"token": "outer "}, "printable ASCII without outer blanks"),
        ({"token": "line\n"}, "printable ASCII without outer blanks"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        Client(**arguments)
    assert "words" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"absent\.pem"):
        Client("https://localhost", tls_ca=tmp_path / "absent.pem")


@pytest.mark.parametrize(
    ("given", "environment", "sent"),
    [
        ("mine", "theirs", "bearer mine"),
        (None, "theirs", "bearer theirs"),
        (None, "", None),
        (None, None, None),
        ("", "theirs", None),
    ],
)
async def test_where_the_token_comes_from(
    monkeypatch: pytest.MonkeyPatch, given: str | None, environment: str | None, sent: str | None
) -> None:
    if environment is not None:
        monkeypatch.setenv("TRIPTYCH_TOKEN", environment)
    async with scripted(EMPTY) as server, AsyncClient(server.url, token=given) as client:
        await client.users.get_authenticated_user()
    assert server.requests[0].get("authorization") == sent


async def test_headers_of_the_client_go_with_each_call() -> None:
    async with (
        scripted(EMPTY) as server,
        AsyncClient(server.url, token="x", headers={"Authorization": "Basic abc", "X-Team": "a"}) as client,
    ):
        await client.users.get_authenticated_user()
        await client.users.get_authenticated_user(headers=[("x-team", "b")])
    assert [request["authorization"] for request in server.requests] == ["basic abc"] * 2
    assert [request["x-team"] for request in server.requests] == ["a", "b"]


@pytest.mark.parametrize(("protocol", "http_version"), [("connect", None), ("grpc-web", None), ("grpc", "2")])
def test_grpc_needs_http_2(protocol: str, http_version: str | None) -> None:
    settings = wire_settings(
        "http://host",
        protocol=protocol,
        json=False,
        http_version=None,
        max_message=None,
        tls_ca=None,
        tls_cert=None,
        tls_key=None,
    )
    assert settings.http_version == http_version


async def test_a_response_over_the_limit_is_refused() -> None:
    large = Answer(200, bytes(100), (("content-type", "application/proto"),))
    async with scripted(large) as server, AsyncClient(server.url, max_message=99) as client:
        with pytest.raises(ApiError) as caught:
            await client.users.get_authenticated_user()
    assert caught.value.code is ErrorCode.RESOURCE_EXHAUSTED


async def test_a_response_that_is_no_message_is_no_fault_of_the_request() -> None:
    broken = Answer(200, b"\x0a\xff", (("content-type", "application/proto"),))
    async with scripted(broken) as server, AsyncClient(server.url) as client:
        with pytest.raises(InternalError, match="cannot be decoded"):
            await client.users.get_authenticated_user()
    assert len(server.requests) == 1


async def test_a_redirect_is_not_followed_with_the_token() -> None:
    async with scripted(EMPTY) as elsewhere:
        moved = Answer(307, b"", (("location", f"{elsewhere.url}{GET_USER}"),))
        async with scripted(moved) as server, AsyncClient(server.url, token="secret") as client:
            with pytest.raises(ApiError):
                await client.users.get_authenticated_user()
    assert elsewhere.requests == []


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    async with scripted(EMPTY) as server:
        url = server.url
    async with AsyncClient(url, retries=None) as client:
        with pytest.raises(UnavailableError) as caught:
            await client.users.get_authenticated_user()
    assert caught.value.request_id == ""


async def test_a_page_token_that_leads_to_itself_ends_the_iteration() -> None:
    # ListProjectsResponse with pagination.next_token "again", for every request.
    looping = Answer(200, b"\x0a\x07\x0a\x05again", (("content-type", "application/proto"),))
    async with scripted(looping) as server, AsyncClient(server.url) as client:
        with pytest.raises(InternalError, match="same page token"):
            [project async for project in client.projects.iter_projects()]
    assert len(server.requests) == 2


def test_what_a_client_shows_of_itself_has_no_token() -> None:
    with Client(token="top-secret") as client:
        assert "top-secret" not in repr(vars(client)) + repr(vars(client.calls))


def test_a_token_comes_from_a_file_that_a_variable_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_bytes(b"\xef\xbb\xbfin a file\r\n")
    monkeypatch.delenv("TRIPTYCH_TOKEN", raising=False)
    monkeypatch.setenv("TRIPTYCH_TOKEN_FILE", str(file))
    assert default_headers(None, None) == [("authorization", "Bearer in a file")]
    assert default_headers("", None) == []
    monkeypatch.setenv("TRIPTYCH_TOKEN", "of a variable")
    assert default_headers(None, None) == [("authorization", "Bearer of a variable")]
