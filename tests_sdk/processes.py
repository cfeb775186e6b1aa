"""Servers as processes of their own, and the base URL that each one tells when it is ready."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.processes import clean_environment, started

ROOT = Path(__file__).parent.parent
SEED = ROOT / "examples" / "seed.yaml"


@dataclass(frozen=True)
class Server:
    """A running server: its base URL, its gRPC port as host and port, and the file that its log goes to."""

    url: str
    grpc: str
    log: Path

    def request_ids(self) -> list[str]:
        """Return the ids of all requests; complete only after the server has ended."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [line["request_id"] for line in lines if line["message"] == "call"]


@contextmanager
def seeded_server(log: Path) -> Iterator[Server]:
    """Run server.py."""
    command = [sys.executable, str(Path(__file__).with_name("server.py")), str(SEED)]
    with _running(command, log) as line:
        ports = json.loads(line)
        yield Server(f"http://127.0.0.1:{ports['http']}", f"127.0.0.1:{ports['grpc']}", log)


@contextmanager
def triptych_serve(log: Path, *flags: str) -> Iterator[Server]:
    """Run the command that users run."""
    command = [str(Path(sys.executable).with_name("triptych")), "serve", "--seed", str(SEED)]
    with _running([*command, "--http-port", "0", "--grpc-port", "0", *flags], log) as line:
        found = re.search(r"(http://[0-9.]+:[0-9]+), gRPC on ([0-9.]+:[0-9]+)", line)
        assert found is not None, line
        yield Server(found[1], found[2], log)


@contextmanager
def _running(command: Sequence[str], log: Path) -> Iterator[str]:
    """Run a server, give the first line that it prints, and end it with SIGTERM."""
    with started(command, log, {**clean_environment(), "PYTHONPATH": str(ROOT / "tests")}) as server:
        yield server.line
        assert server.stop() == 0, log.read_text()
