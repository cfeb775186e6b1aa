"""What the peers have in common: the answers that they give, and uvicorn as Triptych runs it."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn


def answer(name: str) -> bytes:
    """Return what Triptych answered; kept in the folder that the command line names."""
    return (Path(sys.argv[1]) / name).read_bytes()


def serve_http(application: Any) -> None:
    """Serve an ASGI application on a port that the system picks, and print it."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    config = uvicorn.Config(
        application,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="auto",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        log_level="warning",
    )
    announce(listening.getsockname()[1])
    uvicorn.Server(config).run(sockets=[listening])


def announce(port: int) -> None:
    """Say that the server is there: what is sent from now on waits until it is."""
    print(f"127.0.0.1:{port}", flush=True)
