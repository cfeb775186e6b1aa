"""How a client says, in a header, how long it will wait."""

from __future__ import annotations

import re
from typing import Final

from triptych.errors import Code, RpcError

CONNECT_HEADER: Final = "connect-timeout-ms"
GRPC_HEADER: Final = "grpc-timeout"
REST_HEADER: Final = "x-server-timeout"

_CONNECT: Final = re.compile(r"[0-9]{1,10}")
_REST: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_GRPC: Final = re.compile(r"([0-9]{1,8})([HMSmun])")
_GRPC_UNITS: Final = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}


def connect_timeout(value: str) -> float:
    """Return the seconds that a Connect-Timeout-Ms header gives.

    Raises:
        RpcError: INVALID_ARGUMENT; the Connect protocol allows 1 to 10 digits.
    """
    if not _CONNECT.fullmatch(value):
        raise _malformed(CONNECT_HEADER, "1 to 10 digits")
    return int(value) / 1000


def grpc_timeout(value: str) -> float:
    """Return the seconds that a grpc-timeout header gives.

    Raises:
        RpcError: INVALID_ARGUMENT; the gRPC protocol allows 1 to 8 digits and a unit.
    """
    match = _GRPC.fullmatch(value)
    if not match:
        raise _malformed(GRPC_HEADER, "1 to 8 digits and one of H M S m u n")
    return int(match[1]) * _GRPC_UNITS[match[2]]


def rest_timeout(value: str) -> float:
    """Return the seconds that an X-Server-Timeout header gives.

    Raises:
        RpcError: INVALID_ARGUMENT; the header is a number of seconds.
    """
    if not _REST.fullmatch(value):
        raise _malformed(REST_HEADER, "a number of seconds")
    return float(value)


def _malformed(header: str, form: str) -> RpcError:
    return RpcError(Code.INVALID_ARGUMENT, f"header {header} is malformed: it must be {form}")
