"""TLS, with and without a certificate of the client, over every protocol."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from triptych import logs
from triptych.app import App
from triptych.config import Settings
from triptych_client import AsyncClient, Client, UnavailableError

PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class Files:
    """A certificate that signs itself, for localhost."""

    cert: Path
    key: Path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("client-tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = Files(folder / "cert.pem", folder / "key.pem")
    files.cert.write_bytes(certificate.public_bytes(PEM))
    files.key.write_bytes(
        key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


@pytest.fixture(params=[False, True], ids=["server", "mutual"])
async def app(request: pytest.FixtureRequest, files: Files) -> AsyncIterator[App]:
    settings = Settings(
        http_port=0,
        grpc_port=0,
        token="secret",
        tls_cert=files.cert,
        tls_key=files.key,
        tls_client_ca=files.cert if request.param else None,
        shutdown_grace=1,
    )
    app = App(settings, logs.CallLogger(io.StringIO(), text=False, level=100))
    await app.start()
    yield app
    await app.stop()


@pytest.mark.parametrize("protocol", ["connect", "grpc-web", "grpc"])
@pytest.mark.parametrize("as_bytes", [False, True], ids=["files", "bytes"])
async def test_a_client_trusts_and_is_trusted(app: App, files: Files, protocol: Any, as_bytes: bool) -> None:
    port = app.grpc.port if protocol == "grpc" else app.http.port
    arguments: dict[str, Any] = {"token": "secret", "protocol": protocol, "tls_key": str(files.key)}
    arguments |= {"tls_ca": files.cert, "tls_cert": files.cert}
    if as_bytes:
        pem = files.cert.read_bytes()
        arguments |= {"tls_ca": pem, "tls_cert": pem, "tls_key": files.key.read_bytes()}
    async with AsyncClient(f"https://localhost:{port}", **arguments) as client:
        assert (await client.users.get_authenticated_user()).user is not None
    with Client(f"https://localhost:{port}", **arguments) as threaded:
        assert (await asyncio.to_thread(threaded.users.get_authenticated_user)).user is not None


@pytest.mark.parametrize("protocol", ["connect", "grpc"])
async def test_a_server_that_nobody_vouches_for_is_not_trusted(app: App, protocol: Any) -> None:
    port = app.grpc.port if protocol == "grpc" else app.http.port
    async with AsyncClient(
        f"https://localhost:{port}", token="secret", protocol=protocol, retries=None
    ) as client:
        with pytest.raises(UnavailableError) as caught:
            await client.users.get_authenticated_user()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("protocol", ["connect", "grpc"])
@pytest.mark.parametrize("app", [True], indirect=True, ids=["mutual"])
async def test_a_client_without_a_certificate_is_not_trusted(app: App, files: Files, protocol: Any) -> None:
    port = app.grpc.port if protocol == "grpc" else app.http.port
    async with AsyncClient(
        f"https://localhost:{port}", token="secret", protocol=protocol, tls_ca=files.cert, retries=None
    ) as client:
        with pytest.raises(UnavailableError):
            await client.users.get_authenticated_user()
