"""TLS on both ports, with and without certificates of clients."""

from __future__ import annotations

import datetime
import io
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from google.protobuf.empty_pb2 import Empty

from triptych import logs
from triptych.app import App
from triptych.config import Settings
from triptych.transport.listeners import ListenError

PATH = "/gitpod.v1.UserService/GetAuthenticatedUser"
AUTH = {"authorization": "Bearer secret"}


@dataclass(frozen=True)
class Files:
    """A certificate authority, and a certificate of it for 127.0.0.1 that serves both sides."""

    ca: Path
    cert: Path
    key: Path


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("tls")
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test authority")])
    paths = Files(folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    address = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    for subject, key, authority, path in (
        (issuer, keys[0], True, paths.ca),
        (name, keys[1], False, paths.cert),
    ):
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(address, critical=False)
        )
        path.write_bytes(builder.sign(keys[0], hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    paths.key.write_bytes(keys[1].private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return paths


async def serve(files: Files, *, client_ca: bool) -> AsyncIterator[App]:
    settings = Settings(
        http_port=0,
        grpc_port=0,
        token="secret",
        tls_cert=files.cert,
        tls_key=files.key,
        tls_client_ca=files.ca if client_ca else None,
        shutdown_grace=1,
    )
    app = App(settings, logs.CallLogger(io.StringIO(), text=False, level=100))
    await app.start()
    yield app
    await app.stop()


@pytest.fixture
async def tls(files: Files) -> AsyncIterator[App]:
    async for app in serve(files, client_ca=False):
        yield app


@pytest.fixture
async def mutual_tls(files: Files) -> AsyncIterator[App]:
    async for app in serve(files, client_ca=True):
        yield app


async def http_status(app: App, files: Files, *, certificate: bool) -> int:
    context = ssl.create_default_context(cafile=files.ca)
    if certificate:
        context.load_cert_chain(files.cert, files.key)
    async with httpx.AsyncClient(verify=context, trust_env=False) as http:
        response = await http.post(f"https://localhost:{app.http.port}{PATH}", json={}, headers=AUTH)
    return response.status_code


async def grpc_reply(app: App, files: Files, *, certificate: bool) -> bytes:
    chain = (files.key.read_bytes(), files.cert.read_bytes()) if certificate else (None, None)
    credentials = grpc.ssl_channel_credentials(files.ca.read_bytes(), *chain)
    async with grpc.aio.secure_channel(f"localhost:{app.grpc.port}", credentials) as channel:
        call = channel.unary_unary(PATH, request_serializer=Empty.SerializeToString)
        reply: bytes = await call(Empty(), metadata=tuple(AUTH.items()), timeout=10)
        return reply


async def test_both_ports_speak_tls(tls: App, files: Files) -> None:
    assert await http_status(tls, files, certificate=False) == 200
    assert b"Administrator" in await grpc_reply(tls, files, certificate=False)
    async with httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(httpx.HTTPError):
            await http.post(f"http://localhost:{tls.http.port}{PATH}", json={})


async def test_clients_must_show_a_certificate(mutual_tls: App, files: Files) -> None:
    assert await http_status(mutual_tls, files, certificate=True) == 200
    assert b"Administrator" in await grpc_reply(mutual_tls, files, certificate=True)
    with pytest.raises((httpx.HTTPError, ssl.SSLError)):
        await http_status(mutual_tls, files, certificate=False)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await grpc_reply(mutual_tls, files, certificate=False)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_files_that_cannot_be_used_are_named(tmp_path: Path, files: Files) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_text("no certificate")
    settings = Settings(http_port=0, grpc_port=0, tls_cert=bad, tls_key=files.key)
    app = App(settings, logs.CallLogger(io.StringIO(), text=False, level=100))
    with pytest.raises(ListenError, match="cannot serve HTTP"):
        await app.start()
