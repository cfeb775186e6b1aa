"""grpc.health.v1.Health: whether the server takes calls, as probes and load balancers of gRPC ask it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from typing import Final

from triptych.errors import Code, RpcError
from triptych.rpc.call import Call
from triptych_api.grpc.health.v1.health_pb import (
    HealthCheckRequest,
    HealthCheckResponse,
    HealthListRequest,
    HealthListResponse,
)

_Status = HealthCheckResponse.ServingStatus

_MAX_ECHO: Final = 200


class HealthService:
    """The state of the server, and the service that tells it.

    All services live and die with the server, so each has its state: NOT_SERVING, then SERVING, then
    NOT_SERVING for good; and NOT_SERVING while the store cannot be used. The empty name stands for the server
    itself.

    Args:
        services: The full names of the services that are served.

    Attributes:
        store_available: Whether the store can be used.
    """

    def __init__(self, services: Iterable[str]) -> None:
        self._names = frozenset(("", *services))
        self._serving = False
        self._draining = False
        self.store_available = True
        self._changed = asyncio.Event()
        self._watchers = 0
        self._unwatched = asyncio.Event()
        self._unwatched.set()

    @property
    def serving(self) -> bool:
        """Whether the server takes calls: it is loaded, has its store, and was not told to stop."""
        return self._serving and self.store_available

    def serve(self) -> None:
        """Tell everyone that calls are taken."""
        self._serving = True
        self._tell()

    def refuse(self) -> None:
        """Tell everyone that no more calls should come, while those that come are still taken."""
        self._serving = False
        self._tell()

    def tell_store(self, *, available: bool) -> None:
        """Tell everyone whether the store can be used, if that is news."""
        if available != self.store_available:
            self.store_available = available
            self._tell()

    async def drain(self, seconds: float) -> None:
        """Tell everyone that no more calls are taken, and end the streams of those who watch.

        Returns once they have ended: that is at once, unless a client reads nothing.

        Args:
            seconds: How long to wait for the streams at most.
        """
        self._serving, self._draining = False, True
        self._tell()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._unwatched.wait()

    async def check(self, request: HealthCheckRequest, call: Call) -> HealthCheckResponse:
        """Return the state of a service.

        Raises:
            RpcError: NOT_FOUND if there is no such service.
        """
        if request.service not in self._names:
            raise RpcError(Code.NOT_FOUND, f"there is no service {request.service[:_MAX_ECHO]}")
        return HealthCheckResponse(status=self._status(request.service))

    async def list(self, request: HealthListRequest, call: Call) -> HealthListResponse:
        """Return the state of each service, and that of the server under the empty name."""
        return HealthListResponse(
            statuses={name: HealthCheckResponse(status=self._status(name)) for name in sorted(self._names)}
        )

    async def watch(self, request: HealthCheckRequest, call: Call) -> AsyncIterator[HealthCheckResponse]:
        """Yield the state of a service now, and again whenever it is another, until the server stops.

        A service that does not exist is SERVICE_UNKNOWN.
        """
        self._watchers += 1
        self._unwatched.clear()
        try:
            told = None
            while True:
                changed = self._changed  # taken first, so that no change while the client reads is missed
                status = self._status(request.service)
                if status != told:
                    told = status
                    yield HealthCheckResponse(status=status)
                elif self._draining:
                    return
                else:
                    await changed.wait()
        finally:
            self._watchers -= 1
            if not self._watchers:
                self._unwatched.set()

    def _status(self, service: str) -> HealthCheckResponse.ServingStatus:
        if service not in self._names:
            return _Status.SERVICE_UNKNOWN
        return _Status.SERVING if self.serving else _Status.NOT_SERVING

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
