"""Starts Triptych and its peers, and makes sure that they all give the same answers."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench import documents
from bench.answers import Answers
from bench.contract import ROOT
from bench.cores import Cores
from bench.load.measure import ask
from bench.processes import Port, Server, running
from bench.seed import seed
from bench.workloads import Workload, rpc_workloads

_PATH = f"{ROOT}:{ROOT / 'server'}:{ROOT / 'gen/python'}"
_PEERS: dict[str, tuple[str, Port]] = {
    "connectrpc": ("connectrpc_bare", "http"),
    "grpcio": ("grpcio_bare", "grpc"),
    "fastapi": ("fastapi_bare", "http"),
    "uvicorn": ("uvicorn_constant", "http"),
}


@dataclass(frozen=True)
class Lineup:
    """The servers, all running, and what to measure of them.

    Attributes:
        servers: By name.
        workloads: What they answer.
        answers: What the answers must be.
        skipped: What is not measured, and why.
    """

    servers: dict[str, Server]
    workloads: list[Workload]
    answers: Answers
    skipped: list[str]


@contextmanager
def lineup(cores: Cores, python: Path) -> Iterator[Lineup]:
    """Start everything, and end it with the block.

    Args:
        cores: Where the servers run.
        python: What runs the peers.
    """
    with tempfile.TemporaryDirectory(prefix="triptych-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        triptych = str(Path(sys.executable).with_name("triptych"))
        result = stack.enter_context(triptych_alone([triptych], folder, cores))
        for peer, (module, port) in _PEERS.items():
            command = [str(python), "-m", f"bench.peers.{module}", name]
            server = stack.enter_context(running(peer, command, (port,), folder, _PATH, cores))
            result.servers[peer] = server
        for workload in result.workloads:
            for server in (result.servers[server] for server in workload.servers):
                body = uvloop.run(ask(workload.request, server.ports[workload.port]))
                result.answers.check(workload, server.name, body)
        yield result


@contextmanager
def triptych_alone(start: Sequence[str], folder: Path, cores: Cores) -> Iterator[Lineup]:
    """Start Triptych, with everything on and all its log, by `start serve ...`."""
    file = folder / "seed.json"
    file.write_text(json.dumps(seed()))
    command = [*start, "serve", "--seed", str(file), "--http-port", "0", "--grpc-port", "0"]
    with running("triptych", command, ("http", "grpc"), folder, _PATH, cores) as server:
        rest, skipped = documents.prepare(server.ports["http"])
        workloads = sorted(rpc_workloads() + rest, key=lambda workload: workload.name)
        answers = Answers()
        answers.learn(workloads, server, folder)
        yield Lineup({"triptych": server}, workloads, answers, skipped)
