"""The cases of grpc-go's interop client that need a server and nothing else: one run of the program each."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from conformance.grpc_interop.client import CaseFailedError

CASES: Final = (
    "empty_unary",
    "large_unary",
    "client_streaming",
    "server_streaming",
    "ping_pong",
    "empty_stream",
    "timeout_on_sleeping_server",
    "cancel_after_begin",
    "cancel_after_first_response",
    "status_code_and_message",
    "special_status_message",
    "custom_metadata",
    "unimplemented_method",
    "unimplemented_service",
    "pick_first_unary",
    "rpc_soak",
    "channel_soak",
)
# The server reports no load to balancers.
LEFT_OUT: Final = ("orca_per_rpc", "orca_oob")
_SECONDS: Final = 60
_SHOWN: Final = 500


def run_case(program: Path, case: str, port: int, ca: Path | None) -> None:
    """Run a case against a server on 127.0.0.1, with TLS if an authority is given.

    Raises:
        CaseFailedError: It failed, or did not end within a minute; the text is the end of what was written.
    """
    command = [str(program), f"--test_case={case}", "--server_host=127.0.0.1", f"--server_port={port}"]
    if ca is not None:
        command += ["--use_tls", "--use_test_ca", f"--ca_file={ca}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise CaseFailedError(f"it did not end within {_SECONDS} s") from error
    if done.returncode != 0:
        raise CaseFailedError(done.stderr[-_SHOWN:])
