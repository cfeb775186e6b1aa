"""Which protocol and codec a content type stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from triptych.transport.connect.framing import ConnectFraming, Framing, GrpcFraming, GrpcWebFraming

_CONNECT: Final = ConnectFraming()
_GRPC_WEB: Final = GrpcWebFraming()
_GRPC: Final = GrpcFraming()


@dataclass(frozen=True, slots=True)
class MediaType:
    """A content type that is served.

    Attributes:
        name: The content type, as it goes into responses.
        codec: The name of the codec of its messages.
        framing: The frames that messages are in; None for a body that is one message.
        text: Whether the frames are in base64.
    """

    name: bytes
    codec: str
    framing: Framing | None
    text: bool = False


def _types(prefix: str, framing: Framing | None, *codecs: str, text: bool = False) -> dict[str, MediaType]:
    return {
        f"{prefix}{codec}": MediaType(f"{prefix}{codec}".encode(), codec, framing, text) for codec in codecs
    }


UNARY: Final = _types("application/", None, "json", "proto")
STREAMS: Final = _types("application/connect+", _CONNECT, "json", "proto")
GRPC_WEB: Final = {
    "application/grpc-web": MediaType(b"application/grpc-web", "proto", _GRPC_WEB),
    **_types("application/grpc-web+", _GRPC_WEB, "proto", "json"),
    "application/grpc-web-text": MediaType(b"application/grpc-web-text", "proto", _GRPC_WEB, text=True),
    **_types("application/grpc-web-text+", _GRPC_WEB, "proto", "json", text=True),
}
GRPC: Final = {
    "application/grpc": MediaType(b"application/grpc", "proto", _GRPC),
    **_types("application/grpc+", _GRPC, "proto", "json"),
}
