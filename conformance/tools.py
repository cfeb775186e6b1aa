"""The programs of the suites: built from released Go modules, once."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tools.toolchains import CONNECT_CONFORMANCE, go_tool

_SOURCES: Final = {
    "connectconformance": f"connectrpc.com/conformance/cmd/connectconformance@{CONNECT_CONFORMANCE}",
    "grpcurl": "github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3",
    "grpc-interop-client": "google.golang.org/grpc/interop/client@v1.85.0",
}


def tool(name: str) -> Path:
    """Return the path of a program, built if it is not there yet.

    Raises:
        subprocess.CalledProcessError: It cannot be built.
    """
    return go_tool(_SOURCES[name])
