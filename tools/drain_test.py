"""What a server that is told to stop does to the calls of busy clients: `make drain-test` prints a table.

Clients call without pauses, and honour what a server says when it stops: `Connection: close` over HTTP/1.1,
GOAWAY and UNAVAILABLE over gRPC. Then the server gets SIGTERM. Its log tells which calls were executed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import grpc

from tools.processes import Started, started
from triptych_api.gitpod.v1.environment_initializer_pb import EnvironmentInitializer
from triptych_api.gitpod.v1.project_service_pb import CreateProjectRequest

_PATH: Final = "/gitpod.v1.ProjectService/CreateProject"
_TOKEN: Final = "a token for this test"
_HTTP_CONNECTIONS: Final = 30
_GRPC_CHANNELS: Final = 6
_CALLS_BEFORE: Final = 1000
_SECONDS: Final = 60
_MODES: Final[Mapping[str, Sequence[str]]] = {
    "two ports": (),
    "workers": ("--workers", "2", "--store", "sqlite:{folder}/store.db"),
    "one port": ("--one-port",),
}


@dataclass(slots=True)
class Seen:
    """What clients saw of their calls.

    Attributes:
        answered: The ids of calls that were answered, whatever the answer.
        refused: How many were refused so that the client knows that they were not begun.
        lost: How a call ended that the client knows nothing of, and how many did so.
        enough: Set after so many calls that the server is busy.
    """

    answered: set[str] = field(default_factory=set)
    refused: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    _begun: int = 0

    def new_id(self) -> str:
        """Return the id of a new call."""
        self._begun += 1
        if self._begun == _CALLS_BEFORE:
            self.enough.set()
        return f"drain-{self._begun}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a server ended under load.

    Attributes:
        seen: What its clients saw.
        executed: The ids of the calls that it executed, by its log.
        code: Its exit code.
        seconds: How long it took to end.
    """

    seen: Seen
    executed: frozenset[str]
    code: int
    seconds: float

    @property
    def unanswered(self) -> int:
        """How many calls were executed without an answer that reached the client."""
        return len(self.executed - self.seen.answered)

    @property
    def good(self) -> bool:
        """Whether no call is lost."""
        return not (self.seen.lost or self.unanswered or self.code)


async def call_over_http(port: int, seen: Seen) -> None:
    """Call without pauses, on one connection as long as the server keeps it, until none can be opened."""
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionError:
            seen.refused += 1
            return
        try:
            while await _post(reader, writer, seen):
                pass
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            seen.lost[f"HTTP {type(error).__name__}"] += 1
        finally:
            writer.close()


async def _post(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen) -> bool:
    """Make a call; tell whether the connection goes on."""
    id = seen.new_id()
    body = json.dumps({"name": id, "initializer": {}})
    head = (
        f"POST {_PATH} HTTP/1.1\r\nhost: drain.test\r\nauthorization: Bearer {_TOKEN}\r\n"
        f"content-type: application/json\r\nx-request-id: {id}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    writer.write((head + body).encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = re.search(r"content-length: (\d+)", head)
    if length:
        await reader.readexactly(int(length[1]))
    else:
        await reader.readuntil(b"0\r\n\r\n")
    seen.answered.add(id)
    return "connection: close" not in head


async def call_over_grpc(port: int, seen: Seen) -> None:
    """Call without pauses, on one channel, until a call is refused."""
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
        create = channel.unary_unary(_PATH)
        while True:
            id = seen.new_id()
            request = CreateProjectRequest(name=id, initializer=EnvironmentInitializer()).to_binary()
            metadata = (("authorization", f"Bearer {_TOKEN}"), ("x-request-id", id))
            try:
                await create(request, metadata=metadata)
            except grpc.aio.AioRpcError as error:
                if error.code() is grpc.StatusCode.UNAVAILABLE:
                    seen.refused += 1
                else:
                    seen.lost[f"gRPC {error.code().name}"] += 1
                return
            seen.answered.add(id)


async def stop_under_load(server: Started, http_port: int, grpc_port: int, log: Path) -> Outcome:
    """Load a server, stop it, and wait for its end and for that of the clients."""
    seen = Seen()
    clients = [
        *(asyncio.create_task(call_over_http(http_port, seen)) for _ in range(_HTTP_CONNECTIONS)),
        *(asyncio.create_task(call_over_grpc(grpc_port, seen)) for _ in range(_GRPC_CHANNELS)),
    ]
    async with asyncio.timeout(_SECONDS):
        await seen.enough.wait()
        begin = time.monotonic()
        server.process.terminate()
        code = await asyncio.to_thread(server.process.wait)
        seconds = time.monotonic() - begin
        await asyncio.gather(*clients)
    return Outcome(seen, _executed(log), code, seconds)


def _executed(log: Path) -> frozenset[str]:
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return frozenset(
        line["request_id"] for line in lines if line.get("method") == _PATH and line["code"] == "ok"
    )


def run(folder: Path, *flags: str) -> Outcome:
    """Start a server with some flags, and stop it under load."""
    triptych = Path(sys.executable).parent / "triptych"
    ports = ("--http-port", "0", "--grpc-port", "0", "--token", _TOKEN, "--log-format", "json")
    log = folder / "log"
    with started([triptych, "serve", *ports, *flags], log) as server:
        found = [int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", server.line)]
        return asyncio.run(stop_under_load(server, found[0], found[-1], log))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if a call was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="how often each mode is stopped")
    runs = parser.parse_args(arguments).runs
    print(f"{_HTTP_CONNECTIONS} HTTP/1.1 connections and {_GRPC_CHANNELS} gRPC channels, busy at SIGTERM:\n")
    print("mode       answered  refused  lost  executed, unanswered  seconds  exit")
    good = True
    for mode, flags in _MODES.items():
        for _ in range(runs):
            with tempfile.TemporaryDirectory() as folder:
                outcome = run(Path(folder), *(flag.format(folder=folder) for flag in flags))
            seen = outcome.seen
            lost = ", ".join(f"{count} {how}" for how, count in seen.lost.items())
            print(
                f"{mode:<10} {len(seen.answered):>8} {seen.refused:>8} {seen.lost.total():>5} "
                f"{outcome.unanswered:>21} {outcome.seconds:>8.1f}  {outcome.code} {lost}"
            )
            good = good and outcome.good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
