"""The server that the SDKs are run against: seeded, and with the methods of tests/ that give every code.

Lists of documents fail as the header `x-fail` says, for SDKs that can call nothing but what is published.
Uploads are limited to a size that a check can go beyond.

Usage: server.py SEED, with tests/ on the path. It prints its ports as a line of JSON, logs to stderr as JSON,
and ends on SIGTERM.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

from protobuf.wkt import StringValue

from support.calls import TEST_METHODS, unary
from triptych.app.lifecycle import App
from triptych.config import MEBIBYTE, Settings
from triptych.documents.service import DocumentService
from triptych.observability import logs
from triptych.rpc.call import Call
from triptych_api.factify.api.v1beta.document_service_pb import ListDocumentsRequest, ListDocumentsResponse

_list_documents = DocumentService.list_documents


async def list_documents(
    self: DocumentService, request: ListDocumentsRequest, call: Call
) -> ListDocumentsResponse:
    """List, unless a header asks for what the test method does with such a text."""
    failure = call.header("x-fail")
    if failure is not None:
        await unary(StringValue(value=failure), call)
    return await _list_documents(self, request, call)


async def serve(seed: Path) -> None:
    """Serve until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    DocumentService.list_documents = list_documents  # type: ignore[method-assign]
    settings = Settings(http_port=0, grpc_port=0, seed=seed, shutdown_grace=1, max_upload=MEBIBYTE)
    app = App(settings, logs.configure("json", "info"), methods=TEST_METHODS)
    await app.start()
    sys.stdout.write(json.dumps({"http": app.http.port, "grpc": app.grpc.port}) + "\n")
    sys.stdout.flush()
    await stop.wait()
    await app.stop()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
