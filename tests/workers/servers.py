"""A server with workers, as a process of its own, and connections that reach all of them."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import httpx
from prometheus_client.parser import text_string_to_metric_families

from support.http import new_http_client
from tools.processes import Started, started

TOKEN: Final = "a token for this test"
SECONDS: Final = 30
_TRIPTYCH: Final = Path(sys.executable).parent / "triptych"
_TRIES: Final = 100
_LOOK_SECONDS: Final = 0.05
_NUMBERS: Final = count(1)


async def until(reached: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is reached of which other processes do not tell."""
    async with asyncio.timeout(SECONDS):
        while not await reached():  # noqa: ASYNC110 - see above
            await asyncio.sleep(_LOOK_SECONDS)


@dataclass
class Workers:
    """A server with workers.

    Attributes:
        started: The supervisor.
        log_file: What all of them log.
    """

    started: Started
    log_file: Path

    @property
    def http(self) -> str:
        """The base URL of the HTTP port."""
        return re.findall(r"https?://[0-9.]+:[0-9]+", self.started.line)[0]

    @property
    def grpc(self) -> str:
        """The address of the gRPC port."""
        return re.findall(r"[0-9.]+:[0-9]+", self.started.line)[-1]

    @property
    def log(self) -> list[dict[str, Any]]:
        """The lines of the log. All of them are whole: JSON would not be read otherwise."""
        return [
            json.loads(line) for line in self.log_file.read_text().splitlines(keepends=True) if "\n" in line
        ]

    def processes(self, worker: int) -> list[int]:
        """Return the ids of the processes that this worker has been, the last one last."""
        told = re.compile(rf"worker {worker} \(process (\d+)\) serves")
        return [int(found[1]) for line in self.log if (found := told.fullmatch(line["message"]))]

    async def until(self, told: str, times: int = 1) -> None:
        """Wait until so many lines of the log match."""

        async def matches() -> bool:
            return sum(bool(re.fullmatch(told, line["message"])) for line in self.log) >= times

        await until(matches)

    async def worker_of(self, request_id: str) -> int:
        """Return the worker that has answered a call."""
        found: list[int] = []

        async def told() -> bool:
            found[:] = [line["worker"] for line in self.log if line.get("request_id") == request_id]
            return bool(found)

        await until(told)
        return found[0]

    async def metric(self, name: str, **labels: str) -> float:
        """Return the sum of the samples of a metric with these labels."""
        async with new_http_client(base_url=self.http) as http:
            text = (await http.get("/metrics")).text
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    @asynccontextmanager
    async def connections(
        self, workers: int = 2, secret: str = TOKEN
    ) -> AsyncIterator[dict[int, Connection]]:
        """Open a connection to each worker: the system says which one gets a connection, so try."""
        async with AsyncExitStack() as stack:
            found: dict[int, Connection] = {}
            for _ in range(_TRIES):
                http = new_http_client(base_url=self.http)
                connection = await stack.enter_async_context(Connection(http, secret))
                id = f"connect-{next(_NUMBERS)}"
                await connection.get_user(id)
                found.setdefault(await self.worker_of(id), connection)
                if len(found) == workers:
                    break
            assert sorted(found) == list(range(1, workers + 1))
            yield found


class Connection:
    """One connection, which is kept open.

    Args:
        http: A client that makes one call at a time.
        secret: The token to call with.
    """

    def __init__(self, http: httpx.AsyncClient, secret: str) -> None:
        self._http = http
        self._headers = {"authorization": f"Bearer {secret}"}

    async def __aenter__(self) -> Connection:
        await self._http.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._http.__aexit__(*error)

    async def post(self, path: str, message: object, **headers: str) -> httpx.Response:
        """Make a call."""
        return await self._http.post(path, json=message, headers=self._headers | headers)

    async def get_user(self, request_id: str = "") -> httpx.Response:
        """Ask who calls."""
        path = "/gitpod.v1.UserService/GetAuthenticatedUser"
        return await self.post(path, {}, **({"x-request-id": request_id} if request_id else {}))


@contextmanager
def serving(folder: Path, store: str, *flags: str, workers: int = 2) -> Iterator[Workers]:
    """Run a server with workers until the end of the block."""
    ports = ("--http-port", "0", "--grpc-port", "0", "--token", TOKEN, "--log-format", "json")
    log = folder / f"log-{next(_NUMBERS)}"
    command = [_TRIPTYCH, "serve", *ports, "--workers", str(workers), "--store", store, *flags]
    with started(command, log) as server:
        yield Workers(server, log)
