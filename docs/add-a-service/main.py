"""Starts the server with NoteService beside its own services: python main.py [HTTP_PORT GRPC_PORT]."""

from __future__ import annotations

import asyncio
import contextlib
import sys

from gen.notes.v1 import note_service_pb
from note_service import NoteService

from triptych.app.lifecycle import App
from triptych.config import Settings
from triptych.observability import logs
from triptych.rpc.methods import CallsPerMinute, ServiceBinding

NOTES = ServiceBinding(
    desc=note_service_pb.desc().services[0],
    implementation=NoteService(),
    creates=frozenset({"CreateNote"}),
    limits=CallsPerMinute(calls=600, creations=60),
)


async def main(http_port: int = 8080, grpc_port: int = 50051) -> None:
    """Serve until Ctrl-C."""
    settings = Settings(http_port=http_port, grpc_port=grpc_port, token="my-secret", rate_limit=True)
    app = App(settings, logs.configure("auto", "info"), bindings=[NOTES])
    await app.start()
    print(f"serving HTTP on port {app.http_port}, gRPC on port {app.grpc_port}", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await app.stop()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*map(int, sys.argv[1:])))
