"""TLS on both ports, with and without certificates of clients."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import httpx
import pytest
from google.protobuf.empty_pb2 import Empty

from support.apps import make_app, running_app
from tools.certificates import Certificates, make_certificates
from triptych.app import App
from triptych.transport.listeners import ListenError

PATH = "/gitpod.v1.UserService/GetAuthenticatedUser"
AUTH = {"authorization": "Bearer secret"}


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def tls(files: Certificates) -> AsyncIterator[App]:
    async with running_app(tls_cert=files.cert, tls_key=files.key) as app:
        yield app


@pytest.fixture
async def mutual_tls(files: Certificates) -> AsyncIterator[App]:
    async with running_app(tls_cert=files.cert, tls_key=files.key, tls_client_ca=files.ca) as app:
        yield app


async def http_status(app: App, files: Certificates, *, certificate: bool) -> int:
    context = ssl.create_default_context(cafile=files.ca)
    if certificate:
        context.load_cert_chain(files.cert, files.key)
    async with httpx.AsyncClient(verify=context, trust_env=False) as http:
        response = await http.post(f"https://localhost:{app.http.port}{PATH}", json={}, headers=AUTH)
    return response.status_code


async def grpc_reply(app: App, files: Certificates, *, certificate: bool) -> bytes:
    chain = (files.key.read_bytes(), files.cert.read_bytes()) if certificate else (None, None)
    credentials = grpc.ssl_channel_credentials(files.ca.read_bytes(), *chain)
    async with grpc.aio.secure_channel(f"localhost:{app.grpc.port}", credentials) as channel:
        call = channel.unary_unary(PATH, request_serializer=Empty.SerializeToString)
        reply: bytes = await call(Empty(), metadata=tuple(AUTH.items()), timeout=10)
        return reply


async def test_both_ports_speak_tls(tls: App, files: Certificates) -> None:
    assert await http_status(tls, files, certificate=False) == 200
    assert b"Administrator" in await grpc_reply(tls, files, certificate=False)
    async with httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(httpx.HTTPError):
            await http.post(f"http://localhost:{tls.http.port}{PATH}", json={})


async def test_clients_must_show_a_certificate(mutual_tls: App, files: Certificates) -> None:
    assert await http_status(mutual_tls, files, certificate=True) == 200
    assert b"Administrator" in await grpc_reply(mutual_tls, files, certificate=True)
    with pytest.raises((httpx.HTTPError, ssl.SSLError)):
        await http_status(mutual_tls, files, certificate=False)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await grpc_reply(mutual_tls, files, certificate=False)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_files_that_cannot_be_used_are_named(tmp_path: Path, files: Certificates) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_text("no certificate")
    app = make_app(tls_cert=bad, tls_key=files.key)
    with pytest.raises(ListenError, match="cannot serve HTTP"):
        await app.start()
