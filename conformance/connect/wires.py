"""How the calls of a conformance client travel: one wire of triptych_client for each way of the suite."""

from __future__ import annotations

from functools import cache
from typing import Final

from connectrpc.codec import proto_binary_codec, proto_json_codec
from connectrpc.compression import Compression
from connectrpc.compression.brotli import BrotliCompression
from connectrpc.compression.gzip import GzipCompression
from connectrpc.compression.zstd import ZstdCompression
from connectrpc.protocol import ProtocolType
from protobuf import Registry

from triptych_api.connectrpc.conformance.v1 import config_pb, service_pb
from triptych_api.connectrpc.conformance.v1.client_compat_pb import ClientCompatRequest
from triptych_client.async_calls import AsyncCalls
from triptych_client.call_defaults import CallDefaults
from triptych_client.calls import Calls
from triptych_client.connect_wire import AsyncConnectWire, ConnectWire
from triptych_client.retry import NO_RETRIES, Timing
from triptych_client.settings import TlsFiles, WireSettings

_PROTOCOLS: Final = {
    config_pb.Protocol.CONNECT: ProtocolType.CONNECT,
    config_pb.Protocol.GRPC: ProtocolType.GRPC,
    config_pb.Protocol.GRPC_WEB: ProtocolType.GRPC_WEB,
}
_VERSIONS: Final = {
    config_pb.HTTPVersion.HTTP_VERSION_1: "1.1",
    config_pb.HTTPVersion.HTTP_VERSION_2: "2",
    config_pb.HTTPVersion.HTTP_VERSION_3: "3",
}
_CODECS: Final = {
    config_pb.Codec.PROTO: proto_binary_codec(),
    # Requests come back inside google.protobuf.Any.
    config_pb.Codec.JSON: proto_json_codec(Registry(service_pb.desc())),
}
_COMPRESSIONS: Final[dict[config_pb.Compression, Compression]] = {
    config_pb.Compression.GZIP: GzipCompression(),
    config_pb.Compression.BR: BrotliCompression(),
    config_pb.Compression.ZSTD: ZstdCompression(),
}
_DEFAULTS: Final = CallDefaults(headers=[], timeout=None, retries=NO_RETRIES, timing=Timing())


def wire_settings(request: ClientCompatRequest) -> WireSettings:
    """Return how the bytes of a call are to travel."""
    compression = _COMPRESSIONS.get(request.compression)
    creds = request.client_tls_creds
    return WireSettings(
        url=f"{'https' if request.server_tls_cert else 'http'}://{request.host}:{request.port}",
        protocol=_PROTOCOLS[request.protocol],
        codec=_CODECS[request.codec],
        http_version=_VERSIONS[request.http_version],
        send_compression=compression,
        accept_compression=(compression,) if compression else (),
        max_message=request.message_receive_limit or None,
        tls=TlsFiles(
            ca=request.server_tls_cert or None,
            cert=creds.cert if creds else None,
            key=creds.key if creds else None,
        ),
    )


def async_calls(request: ClientCompatRequest) -> AsyncCalls:
    """Return what makes a call in a coroutine; calls of the same kind share connections."""
    return _async_calls(wire_settings(request))


def sync_calls(request: ClientCompatRequest) -> Calls:
    """Return what makes a call in a thread; calls of the same kind share connections."""
    return _sync_calls(wire_settings(request))


@cache
def _async_calls(settings: WireSettings) -> AsyncCalls:
    return AsyncCalls(AsyncConnectWire(settings), _DEFAULTS)


@cache
def _sync_calls(settings: WireSettings) -> Calls:
    return Calls(ConnectWire(settings), _DEFAULTS)
