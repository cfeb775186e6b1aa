"""Envoy as pyvoy runs it, with what a server of ours needs beside."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from typing import Any, Final

from pyvoy import PyvoyServer

from triptych.transport.http1.connection import Limits

_RUNNING: Final = "http.ingress_http.downstream_rq_active"
_POLL_SECONDS: Final = 0.05
# The admin interface is open to whoever is on this machine, and to pages in their browsers: it has no more
# than what is asked here, and by pyvoy when it starts. That leaves out the end of the process and its dumps.
_ADMIN_PATHS: Final = ("/listeners?", "/drain_listeners", "/stats?")


class Envoy(PyvoyServer):
    """One process of Envoy.

    Attributes:
        keep_alive: The seconds that a connection may wait for its next request.
    """

    keep_alive: float

    def get_envoy_config(self) -> dict[str, Any]:
        """Return the configuration: that of pyvoy, with what it leaves open."""
        config: dict[str, Any] = super().get_envoy_config()
        config["admin"]["allow_paths"] = [{"prefix": path} for path in _ADMIN_PATHS]
        for listener in config["static_resources"]["listeners"]:
            if listener["address"]["socket_address"].get("protocol") != "UDP":
                # Otherwise two servers share a port in silence.
                listener["enable_reuse_port"] = False
            for chain in listener["filter_chains"]:
                for filter in chain["filters"]:
                    # A stream may be silent for as long as its deadline allows.
                    filter["typed_config"]["stream_idle_timeout"] = "0s"
                    options = {"idle_timeout": f"{self.keep_alive}s"}
                    filter["typed_config"]["common_http_protocol_options"] = options
                    # As on the HTTP port without Envoy: HTTP/1.0 as well, which need not name a host.
                    versions = filter["typed_config"].setdefault("http_protocol_options", {})
                    versions |= {"accept_http_10": True, "default_host_for_http_10": "localhost"}
                    filter["typed_config"]["request_headers_timeout"] = f"{Limits().head_seconds}s"
                    # Request ids are ours; pyvoy says so for TCP only.
                    filter["typed_config"]["generate_request_id"] = False
        return config

    async def drain(self) -> None:
        """Close the listeners, and wait until no request is running."""
        await asyncio.to_thread(self._ask, "drain_listeners", "POST")
        while await asyncio.to_thread(self._running):  # noqa: ASYNC110 - Envoy tells when asked only
            await asyncio.sleep(_POLL_SECONDS)

    def _running(self) -> int:
        stats = json.loads(self._ask(f"stats?format=json&filter=^{_RUNNING}$", "GET"))["stats"]
        return sum(stat["value"] for stat in stats if stat.get("name") == _RUNNING)

    def _ask(self, what: str, verb: str) -> bytes:
        url = f"http://{self._admin_address}/{what}"
        with urllib.request.urlopen(urllib.request.Request(url, method=verb)) as response:
            answer: bytes = response.read()
        return answer
