"""The server that the SDKs are run against: seeded, and with the methods of tests/ that give every code.

Usage: server.py SEED, with tests/ on the path. It prints its ports as a line of JSON, logs to stderr as JSON,
and ends on SIGTERM.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

from support.calls import TEST_METHODS
from triptych import logs
from triptych.app import App
from triptych.config import Settings


async def serve(seed: Path) -> None:
    """Serve until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    settings = Settings(http_port=0, grpc_port=0, seed=seed, shutdown_grace=1)
    app = App(settings, logs.configure("json", "info"), methods=TEST_METHODS)
    await app.start()
    sys.stdout.write(json.dumps({"http": app.http.port, "grpc": app.grpc.port}) + "\n")
    sys.stdout.flush()
    await stop.wait()
    await app.stop()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
