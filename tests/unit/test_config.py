from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from triptych.config import Settings, SettingsError, is_secret


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"tls_cert": Path("x")}, "--tls-cert and --tls-key"),
        ({"tls_key": Path("x")}, "--tls-cert and --tls-key"),
        ({"tls_client_ca": Path("x")}, "--tls-client-ca needs"),
        ({"token": " x"}, "--token"),
        ({"token": ""}, "--token"),
        ({"token": "ü"}, "--token"),
        ({"token": "a\nb"}, "--token"),
        ({"dev": True, "http_host": "0.0.0.0"}, "--http-host"),
        ({"dev": True, "grpc_host": "::"}, "--grpc-host"),
        ({"dev": True, "grpc_host": "example.org"}, "--grpc-host"),
    ],
)
def test_what_cannot_be_used_is_refused(settings: dict[str, Any], text: str) -> None:
    with pytest.raises(SettingsError, match=text):
        Settings(**settings)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "[::1]", "localhost"])
def test_developer_mode_takes_loopback_addresses(host: str) -> None:
    assert Settings(dev=True, http_host=host, grpc_host=host).dev


@pytest.mark.parametrize("secret", ["x", "with spaces inside", "trp_" + "a" * 43])
def test_secrets(secret: str) -> None:
    assert is_secret(secret)
