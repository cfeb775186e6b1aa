"""Envoy's admin interface, on a socket in a folder that only this user can read."""

from __future__ import annotations

import http.client
import json
import socket
from pathlib import Path
from typing import Any, Final

PATHS: Final = ("/listeners?", "/drain_listeners?", "/stats?")
"""What it has: no more than what is asked here. That leaves out the end of the process and its dumps."""

_ACTIVE: Final = "http.ingress_http.downstream_"
_SECONDS: Final = 10
# The kernel takes 108 bytes, a zero at their end included.
_LONGEST_PATH: Final = 107


class Admin:
    """Asks Envoy.

    Args:
        folder: Where the socket is.

    Attributes:
        path: The socket.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "admin"

    @property
    def too_long(self) -> bool:
        """Whether the path is longer than one of a socket may be."""
        return len(str(self.path).encode()) > _LONGEST_PATH

    def listening(self) -> bool:
        """Tell whether Envoy listens.

        Raises:
            OSError: Envoy does not answer.
            http.client.HTTPException: What it answers is no HTTP.
        """
        statuses = json.loads(self._ask("GET", "/listeners?format=json")).get("listener_statuses", ())
        return any(status["name"] == "listener" for status in statuses)

    def drain(self) -> None:
        """Have Envoy tell clients to go away, and close its listeners at the end of its drain time.

        Raises:
            OSError: Envoy does not answer.
            http.client.HTTPException: What it answers is no HTTP.
        """
        self._ask("POST", "/drain_listeners?graceful")

    def running(self) -> tuple[int, int]:
        """Return how many requests are running, and how many connections are open.

        Raises:
            OSError: Envoy does not answer.
            http.client.HTTPException: What it answers is no HTTP.
        """
        stats = json.loads(self._ask("GET", f"/stats?format=json&filter=^{_ACTIVE}(rq|cx)_active$"))["stats"]
        values = {stat["name"]: int(stat["value"]) for stat in stats if "name" in stat}
        return values[f"{_ACTIVE}rq_active"], values[f"{_ACTIVE}cx_active"]

    def config(self) -> dict[str, Any]:
        """Return the part of Envoy's configuration that makes the socket."""
        return {
            "address": {"pipe": {"path": str(self.path), "mode": 0o600}},
            "allow_paths": [{"prefix": path} for path in PATHS],
        }

    def _ask(self, verb: str, target: str) -> bytes:
        connection = _UnixConnection(self.path)
        try:
            connection.request(verb, target)
            return connection.getresponse().read()
        finally:
            connection.close()


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_SECONDS)
        self.sock.connect(str(self._path))
