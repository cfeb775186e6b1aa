"""Every setting of the server, in one place, as the command line hands them over."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final, Literal
from urllib.parse import SplitResult, urlsplit

from triptych.store.opening import check_store

MEBIBYTE: Final = 1024 * 1024
GIBIBYTE: Final = 1024 * MEBIBYTE

# Before Python 3.14, urlsplit ignores what stands around an address in brackets.
_AUTHORITY: Final = re.compile(r"(?:[^\[\]]*@)?(?:\[[^\[\]]*\]|[^\[\]]*)(?::[^\[\]]*)?")
_NAME: Final = re.compile(r"\w(?:[\w.-]*[\w.])?")


class SettingsError(Exception):
    """A setting, or two together, cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `triptych serve` can be told; the defaults are those of its flags.

    Attributes:
        http_host: The address that Connect and gRPC-Web listen on.
        http_port: The port; 0 lets the system choose.
        grpc_host: The address that gRPC listens on.
        grpc_port: The port; 0 lets the system choose.
        one_port: Whether everything is on the HTTP port, HTTP/1.1 to HTTP/3, gRPC included; needs an extra.
        tls_cert: A PEM file with the server's certificate and those that lead to its root.
        tls_key: A PEM file with the key of the certificate.
        tls_client_ca: A PEM file of roots; then clients must show a certificate that leads to one.
        store: Where the data is kept: `memory`, `sqlite:PATH` or `postgresql://...`; may hold a password.
        workers: How many processes serve; with more than one, they share the ports and the store.
        token: The secret of the first active administrator's token.
        seed: A file of data to start with.
        dev: Developer mode: any bearer token that is not stored stands for the first active administrator.
        public_url: Where clients reach the HTTP port, for the URLs in answers; made of host and port if None.
        cors_origin: The origins whose pages may call; with `dev`, loopback ones may as well.
        conformance: Whether the services are there that the official protocol suites call, without a token.
        docs: Whether the HTTP port has the OpenAPI documents and the page of them, without a token.
        reflection: Whether gRPC clients may ask for the descriptors of all services, without a token.
        max_upload: The most bytes that a file may have that is sent as a form, or loaded with a seed file.
        rate_limit: Whether the limits that services have hold for each caller.
        max_message: The most bytes that a message may have, decompressed.
        max_concurrency: The most calls that run at once; more are UNAVAILABLE. One caller gets half at most.
        max_in_flight: The most bytes of requests and replies that are held for calls; more are UNAVAILABLE.
        keep_alive: The seconds that a connection of the HTTP port may wait for its next request.
        project_quota: The most projects that an organization may have; 0 for as many as it likes.
        project_bytes_quota: The most bytes that they may have together, likewise.
        document_quota: The most documents that an organization may have, likewise.
        document_bytes_quota: The most bytes that they may have together, their files included, likewise.
        token_quota: The most tokens that an organization may have, expired ones included, likewise.
        log_format: "text", "json", or "auto" for text on a terminal.
        log_level: The least level that is logged.
        drain_seconds: The seconds for which calls are still taken once the server is told to stop, while it
            says that it is not serving.
        shutdown_grace: The seconds that running calls get to finish after that.
    """

    http_host: str = "127.0.0.1"
    http_port: int = 8080
    grpc_host: str = "127.0.0.1"
    grpc_port: int = 50051
    one_port: bool = False
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_client_ca: Path | None = None
    store: str = field(default="memory", repr=False)
    workers: int = 1
    token: str | None = field(default=None, repr=False)
    seed: Path | None = None
    dev: bool = False
    public_url: str | None = None
    cors_origin: tuple[str, ...] = ()
    conformance: bool = False
    reflection: bool = True
    docs: bool = True
    max_upload: int = 50 * MEBIBYTE
    rate_limit: bool = False
    max_message: int = 4 * MEBIBYTE
    max_concurrency: int = 1000
    max_in_flight: int = 256 * MEBIBYTE
    # Longer than clients and proxies keep an idle connection, so that it is they who close it, and none sends
    # a request into its end: Go's pools 90 s, load balancers 60 s (AWS) to 600 s (Google, who advise 620 s).
    keep_alive: float = 620.0
    project_quota: int = 100_000
    project_bytes_quota: int = GIBIBYTE
    document_quota: int = 10_000_000
    document_bytes_quota: int = 16 * GIBIBYTE
    token_quota: int = 100_000
    log_format: Literal["auto", "text", "json"] = "auto"
    log_level: str = "info"
    drain_seconds: float = 0.0
    shutdown_grace: float = 10.0

    def __post_init__(self) -> None:
        """Check what can be checked without opening anything.

        Raises:
            SettingsError: With a text that names the flags.
        """
        if (self.tls_cert is None) != (self.tls_key is None):
            raise SettingsError("--tls-cert and --tls-key go together")
        if self.tls_client_ca is not None and self.tls_cert is None:
            raise SettingsError("--tls-client-ca needs --tls-cert and --tls-key")
        try:
            check_store(self.store)
        except ValueError as error:
            raise SettingsError(f"--store {error}") from None
        if self.workers > 1:
            self._check_workers()
        if self.token is not None and not is_secret(self.token):
            raise SettingsError("--token must be printable ASCII without outer blanks")
        if self.public_url is not None and not _is_base_url(self.public_url):
            raise SettingsError("--public-url must begin with http:// or https:// and name a host")
        for origin in self.cors_origin:
            if not _is_origin(origin):
                raise SettingsError(f"--cors-origin must be *, or as https://app.example.org, not {origin!r}")
        hosts = (("--http-host", self.http_host), ("--grpc-host", self.grpc_host))
        for flag, host in hosts:
            if not is_host(host):
                raise SettingsError(
                    f"{flag} must be an address or a name, not {host!r}; 0.0.0.0 and :: are all addresses"
                )
        if self.dev:
            for flag, host in hosts:
                if not is_loopback(host):
                    raise SettingsError(f"--dev accepts any token, so {flag} must be a loopback address")

    def _check_workers(self) -> None:
        if self.one_port:
            raise SettingsError("--workers and --one-port do not go together: Envoy runs one process")
        if self.store == "memory":
            raise SettingsError(
                "--workers needs a store that processes share: --store sqlite:PATH or postgresql://..."
            )
        if not hasattr(socket, "SO_REUSEPORT"):
            raise SettingsError("--workers needs a system where processes can share a port (SO_REUSEPORT)")


def defaults() -> dict[str, object]:
    """Return the default of every setting, by its name."""
    return {each.name: each.default for each in fields(Settings)}


def is_host(host: str) -> bool:
    """Tell whether the text can be an IP address, maybe in brackets, or the name of a host."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return _NAME.fullmatch(host) is not None
    return True


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    # ::ffff:127.0.0.1 is one as well; Python says so from 3.13 on.
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def is_loopback_name(name: str) -> bool:
    """Tell whether a name in a URL stands for this machine wherever it is asked for (RFC 6761, 6.3)."""
    name = name.lower().removesuffix(".")
    return is_loopback(name) or name.endswith(".localhost")


def host_in(url: str) -> str:
    """Return the host in a URL, in lower case; empty if there is none, or it is no URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return (parts.hostname or "") if _AUTHORITY.fullmatch(parts.netloc) else ""


def url_host(host: str) -> str:
    """Return a listening address as URLs have it; `localhost` for one that stands for all of this machine."""
    host = host.strip("[]")
    if host in ("0.0.0.0", "::"):  # noqa: S104 - only shown
        return "localhost"
    return f"[{host}]" if ":" in host else host


MIN_SECRET: Final = 16
"""The fewest characters of a token's secret outside developer mode: fewer can be guessed."""


def is_secret(text: str) -> bool:
    """Tell whether the text can be the secret of a token: it must survive a header unchanged."""
    return bool(text) and text == text.strip() and text.isascii() and text.isprintable()


def _is_base_url(text: str) -> bool:
    parts = _split(text)
    return parts is not None and parts.scheme in {"http", "https"} and not parts.query + parts.fragment


def _is_origin(text: str) -> bool:
    """Tell whether a browser can send this as `Origin`; a slash at its end is let through."""
    parts = _split(text)
    bare = parts is not None and not parts.path.strip("/") + parts.query + parts.fragment
    return text in {"*", "null"} or (bare and "@" not in text)


def _split(text: str) -> SplitResult | None:
    """Return the parts of a URL; None if it has no scheme or no host, or is none."""
    try:
        parts = urlsplit(text)
        valid = parts.scheme and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if valid and _AUTHORITY.fullmatch(parts.netloc) else None
