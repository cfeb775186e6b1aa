"""What is said of calls to which the server gave no answer: where they failed, and what may be the cause."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from connectrpc.code import Code
from connectrpc.protocol import ProtocolType

from triptych_client.address import shown
from triptych_client.metadata import Metadata

_NO_RESPONSE: Final = re.compile(
    r"Request failed: error sending request for url \((?P<server>[a-z]+://[^/)]+)[^)]*\): "
    r"client error \(\w+\): (?P<why>.*)",
    re.DOTALL,
)
# These are never of a proxy's making.
_OWN: Final = frozenset({Code.INVALID_ARGUMENT, Code.RESOURCE_EXHAUSTED, Code.CANCELED})

# The library says so of an answer in another protocol than the call's.
_OTHER_PROTOCOL: Final = "invalid content-type"
_GRPC_PORT: Final = "this may be the gRPC port, which takes the protocol grpc only"
_NO_GRPC_PORT: Final = "this may not be the gRPC port"
_NO_HTTP_2: Final = "this port may not speak HTTP/2"
_NO_TLS: Final = "the port speaks no TLS: the URL of such a port begins with http://"
_TLS: Final = "if the port speaks TLS, the URL begins with https://"
_UNKNOWN_NAME: Final = "no address is known for this host name"

# What the HTTP library says when something else than expected listens there.
_OTHER_HTTP: Final = re.compile(
    "invalid HTTP version parsed|received unexpected message from connection|unexpected internal error|"
    "invalid content-type: 'application/grpc|connection error: peer closed connection|"
    "error writing a body to connection"
)
_NOT_HTTP_2: Final = re.compile("channel closed|frame with invalid size")
_PLAIN: Final = re.compile("InvalidContentType|WrongVersionNumber")
_NO_ADDRESS: Final = re.compile("dns error|error resolving", re.IGNORECASE)
_CLOSED: Final = re.compile("connection closed before message completed|Connection reset by peer")


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureTexts:
    """Writes the texts for one server.

    Attributes:
        url: Where the server is.
        protocol: What is spoken.
        proxy: The URL of the proxy between; None for none.
    """

    url: str
    protocol: ProtocolType
    proxy: str | None = field(repr=False)

    def of(self, code: Code, message: str, metadata: Metadata) -> str:
        """Return the text for a failure.

        Args:
            code: What kind of failure it is.
            message: What the library, or an answer, says of it.
            metadata: Of the response. Triptych names each call; what it says is left as it is.
        """
        if metadata.get("x-request-id") is not None and not message.startswith(_OTHER_PROTOCOL):
            return message
        through = f"through the proxy {shown(self.proxy)}" if self.proxy else ""
        failed = _NO_RESPONSE.fullmatch(message)
        if failed:
            server = f"{failed['server']} {through}".rstrip()
            why = _UNKNOWN_NAME if _NO_ADDRESS.search(failed["why"]) else failed["why"]
            text = f"no response from {server}: {why}"
        elif through and code not in _OWN:
            text = f"{message} ({through})"
        else:
            text = message
        hint = self._hint(message)
        return f"{text}; {hint}" if hint else text

    def _hint(self, message: str) -> str:
        """Return what the failure looks like; empty if it looks like nothing that is known."""
        if self.proxy:
            return ""  # whoever answered may be the proxy
        tls = self.url.startswith("https:")
        if tls and _PLAIN.search(message):
            return _NO_TLS
        if self.protocol is ProtocolType.GRPC:
            other = _NOT_HTTP_2.search(message) or message.startswith(_OTHER_PROTOCOL)
            hints = [_NO_GRPC_PORT] if other else []
        elif _OTHER_HTTP.search(message):
            return _GRPC_PORT
        else:
            hints = [_NO_HTTP_2] if _NOT_HTTP_2.search(message) else []
        if not tls and (hints or _CLOSED.search(message)):
            hints.append(_TLS)
        return "; ".join(hints)
