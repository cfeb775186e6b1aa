"""The Connect conformance suite (connectrpc.com/conformance) against the server, port by port."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from conformance.connect.suite import run_suite, tried_again
from conformance.score import Score

_SECONDS: Final = 300

# Cases that depend on who is first, and may be tried again.
_RACES: Final = (
    # The client may see the connection closed while it still sends, before it reads the answer.
    re.compile(r"HTTPVersion:1/.*first-request-exceeds-server-limit"),
    # The client's deadline may end its reading between the headers of the error and its body.
    re.compile(r"^Timeouts/.*PROTOCOL_CONNECT/.*/unary$"),
)

_ALL: Final = ("IDENTITY", "GZIP", "BR", "ZSTD")


@dataclass(frozen=True, slots=True)
class Way:
    """One way in.

    Attributes:
        port: What it is called on the scorecard.
        protocol: As the suite has it: CONNECT, GRPC or GRPC_WEB.
        version: Of HTTP: 1, 2 or 3.
        codecs: Of the messages.
        compressions: Of the messages.
        flags: For the conformance server.
        left_out: How many cases are left out, of those that the suite has for it.
        alone: Cases, as patterns, that are run by themselves: they spoil a connection for those after them.
    """

    port: str
    protocol: str
    version: int
    codecs: Sequence[str] = ("PROTO", "JSON")
    compressions: Sequence[str] = _ALL
    flags: Sequence[str] = ()
    left_out: int = 0
    alone: Sequence[str] = ()

    def config(self) -> dict[str, Any]:
        """Return the configuration of the suite; JSON is YAML."""
        exclude = []
        if self.left_out:
            # Envoy cannot ask for client certificates over HTTP/3, so it is off when there is a client CA.
            exclude.append({"version": "HTTP_VERSION_3", "use_tls_client_certs": True})
        return {
            "features": {
                "versions": [f"HTTP_VERSION_{self.version}"],
                "protocols": [f"PROTOCOL_{self.protocol}"],
                "codecs": [f"CODEC_{codec}" for codec in self.codecs],
                "compressions": [f"COMPRESSION_{compression}" for compression in self.compressions],
                "supports_tls": True,
                "supports_tls_client_certs": True,
                "supports_half_duplex_bidi_over_http1": True,
                "supports_connect_get": True,
                "supports_message_receive_limit": True,
            },
            "exclude_cases": exclude,
        }


_ONE_PORT: Final = ("--one-port",)

WAYS: Final = (
    Way("HTTP port", "CONNECT", 1),
    Way("HTTP port", "GRPC_WEB", 1),
    # grpcio knows no brotli and no zstd.
    Way(
        "gRPC port",
        "GRPC",
        2,
        codecs=("PROTO",),
        compressions=("IDENTITY", "GZIP"),
        alone=("**/unexpected-compression",),
    ),
    Way("one port", "CONNECT", 1, flags=_ONE_PORT),
    Way("one port", "CONNECT", 2, flags=_ONE_PORT),
    Way("one port", "CONNECT", 3, flags=_ONE_PORT, left_out=8),
    Way("one port", "GRPC", 2, flags=_ONE_PORT),
    Way("one port", "GRPC_WEB", 1, flags=_ONE_PORT),
    Way("one port", "GRPC_WEB", 2, flags=_ONE_PORT),
    Way("one port", "GRPC_WEB", 3, flags=_ONE_PORT, left_out=8),
)
_NAMES: Final = {"CONNECT": "Connect", "GRPC": "gRPC", "GRPC_WEB": "gRPC-Web"}
_VERSIONS: Final = {1: "1.1", 2: "2", 3: "3"}


def run() -> Iterator[Score]:
    """Run the suite over every way in."""
    for way in WAYS:
        total, failures = _run(way, skipped=way.alone)
        if way.alone:
            more, also = _run(way, way.alone)
            total, failures = total + more, tuple(sorted({*failures, *also}))
        failures = tried_again(failures, _RACES, partial(_failed, way))
        yield Score(
            suite="Connect conformance",
            side="server",
            transport=f"{_NAMES[way.protocol]}, {way.port}",
            http=_VERSIONS[way.version],
            passed=total - len(failures),
            total=total + way.left_out,
            failures=failures,
        )


def _failed(way: Way, cases: Iterable[str]) -> tuple[str, ...]:
    return _run(way, cases)[1]


def _run(way: Way, cases: Iterable[str] = (), skipped: Iterable[str] = ()) -> tuple[int, tuple[str, ...]]:
    """Run the suite, or some cases of it; return how many cases ran, and the names of those that failed."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.json"
        config.write_text(json.dumps(way.config()))
        options = ["--mode=server", f"--conf={config}", *(f"--run={case}" for case in cases)]
        options += (f"--skip={case}" for case in skipped)
        ran = run_suite(options, "conformance.connect.server", way.flags, _SECONDS)
    return ran.total, ran.failures
