from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from triptych.config import Settings, SettingsError, host_in, is_secret, url_host


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
        ({"public_url": ""}, "--public-url"),
        ({"public_url": "documents.example.org"}, "--public-url"),
        ({"public_url": "ftp://example.org"}, "--public-url"),
        ({"public_url": "https://example.org/?a=b"}, "--public-url"),
        ({"public_url": "http://[::1"}, "--public-url"),
        ({"public_url": "http://[::1].example.org"}, "--public-url"),
        ({"public_url": "http://app[::1]"}, "--public-url"),
        ({"cors_origin": ("http://[::1]app:80",)}, "--cors-origin"),
        ({"cors_origin": ("*", "app.example.org")}, "--cors-origin .* not 'app.example.org'"),
        ({"cors_origin": ("https://example.org/app",)}, "--cors-origin"),
        ({"cors_origin": ("https://ada@example.org",)}, "--cors-origin"),
        ({"cors_origin": ("https://example.org:port",)}, "--cors-origin"),
        ({"workers": 2}, "--workers needs a store that processes share: --store sqlite:PATH or postgresql"),
        ({"workers": 2, "store": "sqlite:x", "one_port": True}, "--workers and --one-port do not go"),
        ({"dev": True, "http_host": "0.0.0.0"}, "--http-host"),
        ({"http_host": "*"}, "--http-host must be an address or a name, not '\\*'; 0.0.0.0 and :: are all"),
        ({"grpc_host": ""}, "--grpc-host"),
        ({"grpc_host": "localhost:50051"}, "--grpc-host"),
        ({"grpc_host": "unix:/tmp/socket"}, "--grpc-host"),
        ({"dev": True, "grpc_host": "::"}, "--grpc-host"),
        ({"dev": True, "grpc_host": "example.org"}, "--grpc-host"),
    ],
)
def test_what_cannot_be_used_is_refused(settings: dict[str, Any], text: str) -> None:
    with pytest.raises(SettingsError, match=text):
        Settings(**settings)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "[::1]", "::ffff:127.0.0.1", "localhost"])
def test_developer_mode_takes_loopback_addresses(host: str) -> None:
    assert Settings(dev=True, http_host=host, grpc_host=host).dev


@pytest.mark.parametrize("host", ["localhost", "api.example.org", "0.0.0.0", "::", "[::1]", "fe80::1%eth0"])
def test_hosts(host: str) -> None:
    assert Settings(http_host=host, grpc_host=host).http_host == host


@pytest.mark.parametrize("secret", ["x", "with spaces inside", "trp_" + "a" * 43])
def test_secrets(secret: str) -> None:
    assert is_secret(secret)


@pytest.mark.parametrize(
    "origin", ["*", "null", "https://example.org", "http://localhost:3000/", "http://[::1]:80", "tauri://app"]
)
def test_origins(origin: str) -> None:
    assert Settings(cors_origin=(origin,)).cors_origin == (origin,)


@pytest.mark.parametrize("url", ["http://localhost:8080", "https://example.org/base/"])
def test_public_urls(url: str) -> None:
    assert Settings(public_url=url).public_url == url


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://[::1]:80/", "::1"),
        ("//ada@Example.ORG:1", "example.org"),
        ("//example.org:x", "example.org"),
        ("//[::1].example.org", ""),
        ("//app[::1]", ""),
        ("//[::1]]", ""),
        ("//[::1]@example.org", ""),
    ],
)
def test_the_host_in_a_url(url: str, host: str) -> None:
    assert host_in(url) == host


@pytest.mark.parametrize(
    ("host", "in_url"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "[::1]"),
        ("[::1]", "[::1]"),
        ("0.0.0.0", "localhost"),
        ("::", "localhost"),
        ("example.org", "example.org"),
    ],
)
def test_hosts_in_urls(host: str, in_url: str) -> None:
    assert url_host(host) == in_url


def test_settings_show_no_token() -> None:
    assert "top-secret" not in repr(Settings(token="top-secret"))
