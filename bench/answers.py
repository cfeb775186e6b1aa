"""What the answers must be: Triptych's are checked against the seed, its peers' against Triptych's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import uvloop

from bench import contract
from bench.errors import BenchError
from bench.load.measure import ask
from bench.processes import Server
from bench.seed import PAGE, PROJECTS, USER, uuid
from bench.workloads import Workload

# The files that the peers read their answers from, and the workloads that those are the answers of.
_FILES = {
    "GetUser.json": "connect-json/get",
    "GetUser.binpb": "connect-binary/get",
    "ListProjects.json": "connect-json/list",
    "ListProjects.binpb": "connect-binary/list",
    "GetDocument.json": "rest/get",
    "ListDocuments.json": "rest/list",
}


class Answers:
    """The good answer of each workload, decoded."""

    def __init__(self) -> None:
        self._good: dict[str, Any] = {}

    def learn(self, workloads: list[Workload], triptych: Server, folder: Path) -> None:
        """Ask Triptych, check what it says against the seed, and leave it in files for the peers.

        Raises:
            BenchError: It is not what the seed says.
        """
        names = {name: file for file, name in _FILES.items()}
        user = contract.new("GetUserResponse", {"user": {**USER, "status": "USER_STATUS_ACTIVE"}})
        for workload in workloads:
            self._good[workload.name] = user
            if "triptych" not in workload.servers:
                continue
            body = uvloop.run(ask(workload.request, triptych.ports[workload.port]))
            self._good[workload.name] = answer = workload.decode(body)
            if workload.name.startswith("rest/"):
                good = _is_rest(answer)
            else:
                good = _is_page(answer) if workload.name.endswith("/list") else answer == user
            if not good:
                raise BenchError(f"{workload.name}: triptych answered {answer}, not what the seed says")
            if workload.name in names:
                (folder / names[workload.name]).write_bytes(body)

    def check(self, workload: Workload, server: str, body: bytes) -> None:
        """Check an answer.

        Raises:
            BenchError: It is not what Triptych answered.
        """
        answer, good = workload.decode(body), self._good[workload.name]
        if answer != good:
            raise BenchError(f"{workload.name}: {server} answered {answer}, not {good}")


def _is_page(answer: Any) -> bool:
    ids = {uuid(5, number) for number in range(PROJECTS)}
    found = {project.id for project in answer.projects if project.initializer.specs[0].git.remote_uri}
    return len(answer.projects) == len(found & ids) == PAGE and answer.pagination.next_token != ""


def _is_rest(answer: Any) -> bool:
    documents = answer["items"] if "items" in answer else [answer["document"]]
    titles = {document["title"] for document in documents if document["processing_status"] == "ready"}
    return len(titles) == len(documents) == (PAGE if "items" in answer else 1)
