"""A conformance server as the Connect suite starts it: the server itself, on ports of its own.

With the argument `--one-port`, everything is on one. It reads a ServerCompatRequest from stdin, answers with
a ServerCompatResponse on stdout, and serves until SIGTERM.
"""

from __future__ import annotations

import asyncio
import os
import signal
import struct
import sys
import tempfile
from pathlib import Path

import uvloop

from triptych.app.lifecycle import App
from triptych.config import Settings
from triptych.observability import logs
from triptych.one_port.process import OnePort
from triptych_api.connectrpc.conformance.v1.config_pb import Protocol
from triptych_api.connectrpc.conformance.v1.server_compat_pb import ServerCompatRequest, ServerCompatResponse

_NO_LIMIT = 64 * 1024 * 1024


async def serve(request: ServerCompatRequest, folder: Path) -> None:
    """Serve what the suite asks for until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    settings = _settings(request, folder)
    app = (
        OnePort(settings, on_end=stop.set)
        if settings.one_port
        else App(settings, logs.configure("text", settings.log_level))
    )
    await app.start()
    grpc = request.protocol is Protocol.GRPC
    response = ServerCompatResponse(
        host="127.0.0.1",
        port=app.grpc_port if grpc else app.http_port,
        pem_cert=request.server_creds.cert if request.server_creds else b"",
    ).to_binary()
    sys.stdout.buffer.write(struct.pack(">I", len(response)) + response)
    sys.stdout.buffer.flush()
    await stop.wait()
    await app.stop()


def _settings(request: ServerCompatRequest, folder: Path) -> Settings:
    cert = key = client_ca = None
    if request.use_tls and request.server_creds is not None:
        cert, key = folder / "cert.pem", folder / "key.pem"
        cert.write_bytes(request.server_creds.cert)
        key.write_bytes(request.server_creds.key)
    if request.client_tls_cert:
        client_ca = folder / "client-ca.pem"
        client_ca.write_bytes(request.client_tls_cert)
    return Settings(
        http_port=0,
        grpc_port=0,
        token="conformance",
        conformance=True,
        one_port="--one-port" in sys.argv[1:],
        log_format="text",
        log_level="error",
        tls_cert=cert,
        tls_key=key,
        tls_client_ca=client_ca,
        max_message=request.message_receive_limit or _NO_LIMIT,
        shutdown_grace=1,
    )


def main() -> None:
    """Serve one configuration."""
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    (size,) = struct.unpack(">I", sys.stdin.buffer.read(4))
    request = ServerCompatRequest.from_binary(sys.stdin.buffer.read(size))
    with tempfile.TemporaryDirectory() as folder:
        uvloop.run(serve(request, Path(folder)))


if __name__ == "__main__":
    main()
