"""TLS on both ports, with and without certificates of clients."""

from __future__ import annotations

import re
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from google.protobuf.empty_pb2 import Empty

from support.apps import make_app, running_app
from support.http import new_http_client
from tools.certificates import Certificates, make_certificates
from triptych.app.lifecycle import App
from triptych.transport.sockets import ListenError


def _key(protection: serialization.KeySerializationEncryption) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)


ENCRYPTED = _key(serialization.BestAvailableEncryption(b"password"))
OTHER = _key(serialization.NoEncryption())
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
    async with new_http_client(verify=context) as http:
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
    async with new_http_client() as http:
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


@pytest.mark.parametrize(
    ("flag", "content", "why"),
    [
        ("tls_cert", b"", "it holds no certificate in PEM"),
        ("tls_key", b"no key", "it holds no key in PEM"),
        ("tls_key", ENCRYPTED, "it is encrypted"),
        ("tls_key", OTHER, "it is not the key of .*"),
        ("tls_client_ca", b"no certificate", "it holds no certificate in PEM"),
    ],
    ids=["cert", "key", "encrypted", "other-key", "client-ca"],
)
async def test_files_that_cannot_be_used_are_named(
    tmp_path: Path, files: Certificates, flag: str, content: bytes, why: str
) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_bytes(content)
    given: dict[str, Any] = {
        "tls_cert": files.cert,
        "tls_key": files.key,
        "tls_client_ca": files.ca,
        flag: bad,
    }
    app = make_app(**given)
    with pytest.raises(ListenError) as caught:
        await app.start()
    text = f"cannot use --{flag.replace('_', '-')} {re.escape(str(bad))}: {why}"
    assert re.fullmatch(text, str(caught.value))


async def test_a_file_that_is_gone_is_named(tmp_path: Path, files: Certificates) -> None:
    app = make_app(tls_cert=files.cert, tls_key=tmp_path / "gone.pem")
    with pytest.raises(ListenError, match=r"cannot use --tls-key .*gone\.pem: No such file"):
        await app.start()
