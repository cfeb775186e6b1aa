"""Triptych over the stores that last, and a peer that keeps the same data in PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import uvloop

from bench.cores import Cores
from bench.load.http1 import Http1Request
from bench.load.measure import ask
from bench.processes import Port, Server, running
from bench.seed import TOKEN
from bench.workloads import Workload
from tools.postgresql import running_cluster

STORED_CALLS: Final = ("connect-json/get", "connect-json/list", "rest/get", "rest/list")
"""The calls that read what is stored."""

_BOTH_PORTS: Final[tuple[Port, ...]] = ("http", "grpc")
# What is measured, and what it is compared with.
_SERVERS: Final = {
    "sqlite": ("triptych-sqlite", "triptych"),
    "postgresql": ("triptych-postgresql", "triptych", "sqlalchemy"),
    "2-workers": ("triptych-2-workers", "triptych-postgresql"),
}
_HEADERS: Final = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
_ALL: Final = {
    "documents.json": Http1Request("GET /v1beta/documents?page_size=100", _HEADERS),
    "projects.json": Http1Request(
        "POST /gitpod.v1.ProjectService/ListProjects", _HEADERS, b'{"pagination": {"pageSize": 100}}'
    ),
}


def store_workloads(workloads: Sequence[Workload]) -> list[Workload]:
    """Return the calls that read what is stored, once for each way to store it."""
    calls = {workload.name: workload for workload in workloads}
    return [
        replace(calls[call], name=f"{store} {call}", servers=servers, often=False)
        for store, servers in _SERVERS.items()
        for call in STORED_CALLS
    ]


@contextmanager
def store_servers(
    serve: Sequence[str], triptych: Server, python: Path, folder: Path, cores: Cores
) -> Iterator[dict[str, Server]]:
    """Start them with the data of the others, until the end of the block.

    Args:
        serve: How Triptych is started.
        triptych: What has the data that the peer starts with.
        python: What runs the peer.
        folder: Where all files go.
        cores: Where they run. Two workers get both cores, which the load and the database need as well.
    """
    for file, request in _ALL.items():
        (folder / file).write_bytes(uvloop.run(ask(request, triptych.port("http"))).body)
    with running_cluster() as cluster, ExitStack() as stack:

        def start(name: str, command: Sequence[str], cores: Cores, ports: Sequence[Port], **env: str) -> None:
            servers[name] = stack.enter_context(running(name, command, ports, folder, cores, env))

        servers: dict[str, Server] = {}
        own, peers = (
            cluster.url(asyncio.run(cluster.database())),
            cluster.url(asyncio.run(cluster.database())),
        )
        wide = replace(cores, both=True)
        start("triptych-sqlite", [*serve, "--store", f"sqlite:{folder / 'store.db'}"], cores, _BOTH_PORTS)
        start("triptych-postgresql", [*serve, "--store", own], cores, _BOTH_PORTS)
        start("triptych-2-workers", [*serve, "--store", own, "--workers", "2"], wide, _BOTH_PORTS)
        peer = [str(python), "-m", "bench.peers.fastapi_sqlalchemy", str(folder)]
        start("sqlalchemy", peer, cores, ("http",), DATABASE_URL=peers.replace("://", "+asyncpg://"))
        yield servers
