"""The process that was started: runs Envoy, drains it, and stops it."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import tempfile
import urllib.request
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from triptych.config import Settings
from triptych.first_start import FirstStart
from triptych.one_port.handover import FOLDER_VARIABLE, Handover
from triptych.seed import SeedError
from triptych.transport.listeners import ListenError

try:
    import pyvoy
except ImportError:  # it is an extra
    pyvoy = None  # type: ignore[assignment]

_APPLICATION: Final = "triptych.one_port.application:application"
_RUNNING: Final = "http.ingress_http.downstream_rq_active"
_POLL_SECONDS: Final = 0.05


class OnePort:
    """A server that has everything on one port.

    Attributes:
        http_port: The port, once started.
        grpc_port: The same.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._resources = ExitStack()
        self.http_port = self.grpc_port = settings.http_port

    async def start(self) -> FirstStart:
        """Load the data and open the port.

        Raises:
            SeedError: The seed file cannot be used; nothing is loaded.
            ListenError: The port cannot be opened, or the extra is not installed.
        """
        if pyvoy is None:
            raise ListenError("--one-port needs the extra: pip install 'triptych[one-port]'")
        settings = self._settings
        self.http_port = self.grpc_port = _free_port(settings)
        folder = self._resources.enter_context(tempfile.TemporaryDirectory(prefix="triptych-"))
        self._handover = Handover(Path(folder))
        self._handover.write_settings(replace(settings, http_port=self.http_port))
        self._envoy = _Envoy(
            _APPLICATION,
            address=settings.http_host,
            port=self.http_port,
            tls_key=settings.tls_key,
            tls_cert=settings.tls_cert,
            tls_ca_cert=settings.tls_client_ca,
            # Envoy does not ask for client certificates over HTTP/3: anybody would get in.
            tls_enable_http3=settings.tls_client_ca is None,
            lifespan=True,
            # What Envoy says of a start that fails is its whole configuration.
            log_level="warning" if settings.log_level == "debug" else "off",
            env={FOLDER_VARIABLE: folder},
            stdout=None,
            stderr=None,
        )
        try:
            await self._envoy.start()
        except pyvoy.StartupError as error:
            outcome = self._handover.take_outcome()
            self._resources.close()
            if isinstance(outcome, str):
                raise SeedError(outcome.splitlines()) from None
            address = f"{settings.http_host}:{self.http_port}"
            raise ListenError(f"cannot serve on {address}: Envoy did not start") from error
        outcome = self._handover.take_outcome()
        if not isinstance(outcome, FirstStart):
            await self.stop()
            raise ListenError("the application within Envoy did not start")
        return outcome

    async def stop(self) -> None:
        """Refuse new calls, let running ones finish within the grace of the settings, and close."""
        self._handover.begin_drain()
        try:
            async with asyncio.timeout(self._settings.shutdown_grace):
                await self._envoy.drain()
        except TimeoutError:
            pass
        finally:
            await self._envoy.stop()
            self._resources.close()


if pyvoy is not None:

    class _Envoy(pyvoy.PyvoyServer):
        def get_envoy_config(self) -> dict[str, Any]:
            config: dict[str, Any] = super().get_envoy_config()
            for listener in config["static_resources"]["listeners"]:
                if listener["address"]["socket_address"].get("protocol") != "UDP":
                    # Otherwise two servers share a port in silence.
                    listener["enable_reuse_port"] = False
                for chain in listener["filter_chains"]:
                    for filter in chain["filters"]:
                        # A stream may be silent for as long as its deadline allows.
                        filter["typed_config"]["stream_idle_timeout"] = "0s"
            return config

        async def drain(self) -> None:
            """Close the listeners, and wait until no request is running."""
            await asyncio.to_thread(self._ask, "drain_listeners", "POST")
            while await asyncio.to_thread(self._running):  # noqa: ASYNC110 - Envoy is asked
                await asyncio.sleep(_POLL_SECONDS)

        def _running(self) -> int:
            stats = json.loads(self._ask(f"stats?format=json&filter=^{_RUNNING}$", "GET"))["stats"]
            return sum(stat["value"] for stat in stats if stat.get("name") == _RUNNING)

        def _ask(self, what: str, verb: str) -> bytes:
            url = f"http://{self._admin_address}/{what}"
            with urllib.request.urlopen(urllib.request.Request(url, method=verb)) as response:
                answer: bytes = response.read()
            return answer


def _free_port(settings: Settings) -> int:
    """Return the port to listen on, one that is free over TCP and, for HTTP/3, over UDP.

    Envoy would take several ports for port 0, and does not tell what is wrong with one that it cannot have.

    Raises:
        ListenError: The port is taken, or the address is not ours.
    """
    host, port = settings.http_host, settings.http_port
    try:
        with socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        ) as tcp:
            number: int = tcp.getsockname()[1]
            with socket.socket(tcp.family, socket.SOCK_DGRAM) as udp:
                udp.bind((host, number))
    except OSError as error:
        raise ListenError(f"cannot serve on {host}:{port}: {os.strerror(error.errno or 0)}") from error
    return number
