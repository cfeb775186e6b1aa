"""TLS, with and without a certificate of the client, over every protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from support.apps import running_app
from tools.certificates import Certificates, make_certificates
from triptych.app.lifecycle import App
from triptych_client import AsyncClient, Client, UnavailableError


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("client-tls"))


@pytest.fixture(params=[False, True], ids=["server", "mutual"])
async def app(request: pytest.FixtureRequest, files: Certificates) -> AsyncIterator[App]:
    client_ca = files.ca if request.param else None
    async with running_app(tls_cert=files.cert, tls_key=files.key, tls_client_ca=client_ca) as app:
        yield app


@pytest.mark.parametrize("protocol", ["connect", "grpc-web", "grpc"])
@pytest.mark.parametrize("as_bytes", [False, True], ids=["files", "bytes"])
async def test_a_client_trusts_and_is_trusted(
    app: App, files: Certificates, protocol: Any, as_bytes: bool
) -> None:
    port = app.grpc.port if protocol == "grpc" else app.http.port
    arguments: dict[str, Any] = {"token": "secret", "protocol": protocol, "tls_key": str(files.key)}
    arguments |= {"tls_ca": files.ca, "tls_cert": files.cert}
    if as_bytes:
        pem = {"tls_ca": files.ca, "tls_cert": files.cert, "tls_key": files.key}
        arguments |= {name: file.read_bytes() for name, file in pem.items()}
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
async def test_a_client_without_a_certificate_is_not_trusted(
    app: App, files: Certificates, protocol: Any
) -> None:
    port = app.grpc.port if protocol == "grpc" else app.http.port
    async with AsyncClient(
        f"https://localhost:{port}", token="secret", protocol=protocol, tls_ca=files.ca, retries=None
    ) as client:
        with pytest.raises(UnavailableError):
            await client.users.get_authenticated_user()


@pytest.mark.parametrize("client_class", [Client, AsyncClient])
def test_files_that_cannot_be_used_are_a_value_error(
    files: Certificates, tmp_path: Path, client_class: type[Client] | type[AsyncClient]
) -> None:
    other = make_certificates(tmp_path)
    with pytest.raises(ValueError, match="tls_key is not the key of tls_cert"):
        client_class("https://localhost", tls_cert=files.cert, tls_key=other.key)
    with pytest.raises(ValueError, match="tls_cert or tls_key is not in PEM"):
        client_class("https://localhost", tls_cert=files.cert, tls_key=b"no key")
    with pytest.raises(ValueError, match="tls_ca holds no certificate"):
        client_class("https://localhost", tls_ca=b"no certificate")
