"""What a client is told when it is made, checked."""

from __future__ import annotations

import codecs
import math
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from connectrpc.codec import Codec, proto_binary_codec, proto_json_codec
from connectrpc.compression import Compression
from connectrpc.protocol import ProtocolType

from triptych_client.address import base_url as full_url
from triptych_client.address import proxy_of
from triptych_client.metadata import HeaderItems, header_pairs
from triptych_client.text_file import text_of

Protocol: TypeAlias = Literal["connect", "grpc-web", "grpc"]
HttpVersion: TypeAlias = Literal["1.1", "2", "3"]
Pem: TypeAlias = Path | str | bytes
"""Certificates or a key in PEM: the path of a file, or the bytes themselves."""

TOKEN_VARIABLE: Final = "TRIPTYCH_TOKEN"  # noqa: S105 - the name of a variable
TOKEN_FILE_VARIABLE: Final = "TRIPTYCH_TOKEN_FILE"  # noqa: S105 - the name of a variable
PROTOCOLS: Final[dict[str, ProtocolType]] = {
    "connect": ProtocolType.CONNECT,
    "grpc-web": ProtocolType.GRPC_WEB,
    "grpc": ProtocolType.GRPC,
}
# A shell that reads a file into a variable keeps the mark that Windows puts at its start.
_BOM: Final = "\ufeff"
_TOKEN: Final = re.compile(r"[!-~]([ -~]*[!-~])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """What TLS needs, read from files.

    Attributes:
        ca: The certificates of those who may sign the server's; None for those of the system.
        cert: The client's certificate and its chain; None for none.
        key: The key of the client's certificate.
    """

    ca: bytes | None = None
    cert: bytes | None = None
    key: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WireSettings:
    """How bytes travel to the server.

    Attributes:
        url: Where the server is, without a slash at its end.
        protocol: What is spoken.
        codec: How messages become bytes.
        http_version: The only version of HTTP to use, "1.1", "2" or "3"; None for what suits both sides.
        send_compression: How requests are compressed; None for not at all.
        accept_compression: How responses may be compressed; None for gzip.
        max_message: The largest response, in bytes; None for any.
        tls: What TLS needs.
        proxy: The URL of the proxy between, which may hold a password; None for none.
    """

    url: str
    protocol: ProtocolType = ProtocolType.CONNECT
    codec: Codec = field(default_factory=proto_binary_codec)
    http_version: str | None = None
    send_compression: Compression | None = None
    accept_compression: tuple[Compression, ...] | None = None
    max_message: int | None = None
    tls: TlsFiles = field(default_factory=TlsFiles)
    proxy: str | None = field(default=None, repr=False)


def wire_settings(
    base_url: str,
    *,
    protocol: str,
    json: bool,
    http_version: str | None,
    max_message: int | None,
    tls_ca: Pem | None,
    tls_cert: Pem | None,
    tls_key: Pem | None,
) -> WireSettings:
    """Return what the arguments of a client say of how bytes travel.

    Raises:
        ValueError: One of them, or two together, make no sense.
        OSError: A file cannot be read.
    """
    if protocol not in PROTOCOLS:
        raise ValueError(f"protocol must be one of {', '.join(PROTOCOLS)}, not {protocol!r}")
    versions = get_args(HttpVersion)
    if http_version is not None and http_version not in versions:
        raise ValueError(f"http_version must be one of {', '.join(versions)}, not {http_version!r}")
    if protocol == "grpc" and http_version not in (None, "2"):
        # pyqwest reads no trailers over HTTP/3, and gRPC is not defined for HTTP/1.1.
        raise ValueError(f"gRPC needs HTTP/2, not {http_version}")
    if (tls_cert is None) != (tls_key is None):
        raise ValueError("tls_cert and tls_key go together")
    url = full_url(base_url)
    return WireSettings(
        url=url,
        proxy=proxy_of(url),
        protocol=PROTOCOLS[protocol],
        codec=proto_json_codec() if json else proto_binary_codec(),
        http_version="2" if http_version is None and protocol == "grpc" else http_version,
        max_message=max_message,
        tls=TlsFiles(ca=_pem(tls_ca), cert=_pem(tls_cert), key=_pem(tls_key)),
    )


def default_headers(token: str | None, headers: HeaderItems | None) -> list[tuple[str, str]]:
    """Return the headers of every call.

    Args:
        token: The caller's token; that of the environment if None, and none if empty. TRIPTYCH_TOKEN holds
            it, or else TRIPTYCH_TOKEN_FILE names a file that does.
        headers: What else to send. An `authorization` among them counts more than the token.

    Raises:
        ValueError: The token cannot be sent in a header. The error does not show it.
        OSError: The file cannot be read.
    """
    pairs = header_pairs(headers)
    secret = (_token_of_environment() if token is None else token).removeprefix(_BOM)
    if secret and not _TOKEN.fullmatch(secret):
        raise ValueError("a token is printable ASCII without outer blanks")
    if secret and all(name != "authorization" for name, _ in pairs):
        pairs.append(("authorization", f"Bearer {secret}"))
    return pairs


def read_token(path: Path | str) -> str:
    """Return the token in a file; a line break at its end does not count.

    Raises:
        ValueError: It is not text.
        OSError: The file cannot be read.
    """
    try:
        return text_of(Path(path).read_bytes()).rstrip("\r\n")
    except UnicodeDecodeError:
        raise ValueError("a token is printable ASCII without outer blanks") from None


def _token_of_environment() -> str:
    if secret := os.environ.get(TOKEN_VARIABLE, ""):
        return secret
    path = os.environ.get(TOKEN_FILE_VARIABLE, "")
    return read_token(path) if path else ""


def seconds(timeout: float | None) -> float | None:
    """Return a timeout as the calls take it: None for no end, which users may also write as infinity."""
    return None if timeout is None or timeout == math.inf else timeout


def _pem(source: Pem | None) -> bytes | None:
    if source is None or isinstance(source, bytes):
        return source
    return Path(source).read_bytes().removeprefix(codecs.BOM_UTF8)
