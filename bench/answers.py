"""What the answers must be: Triptych's are checked against the seed, its peers' against Triptych's."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path
from pprint import pformat
from typing import Any

import uvloop

from bench.errors import BenchError
from bench.load.measure import ask
from bench.load.recorder import Answer
from bench.processes import Server
from bench.seed import PAGE, PROJECTS, project, uuid
from bench.workloads import CEILING, Workload

# The files that the peers read their answers from, and the workloads that those are the answers of.
_FILES = {
    "connect-json/get": "GetProject.json",
    "connect-binary/get": "GetProject.binpb",
    "connect-json/list": "ListProjects.json",
    "connect-binary/list": "ListProjects.binpb",
    "rest/get": "GetDocument.json",
    "rest/list": "ListDocuments.json",
}


class Answers:
    """The good answer of each workload, decoded, and how long that of each server is."""

    def __init__(self) -> None:
        self._good: dict[str, Any] = {}
        self.of: dict[tuple[str, str], Answer] = {}

    def learn(self, workloads: list[Workload], triptych: Server, folder: Path) -> None:
        """Ask Triptych, check what it says against the seed, and leave it in files for the peers.

        Raises:
            BenchError: It is not what the seed says.
        """
        for workload in workloads:
            if workload.name == CEILING:
                continue  # its answer is that of another workload
            body = uvloop.run(ask(workload.request, triptych.port(workload.port))).body
            self._good[workload.name] = answer = _comparable(workload.decode(body))
            if workload.name.startswith("rest/"):
                good = _is_rest(answer)
            else:
                good = _is_page(answer) if workload.name.endswith("/list") else _is_project(answer)
            if not good:
                raise BenchError(f"{workload.name}: triptych answered {answer}, not what the seed says")
            if workload.name in _FILES:
                (folder / _FILES[workload.name]).write_bytes(body)
        self._good[CEILING] = self._good["connect-json/get"]

    def check(self, workload: Workload, server: Server) -> None:
        """Ask a server, and check the answer.

        Raises:
            BenchError: It is not what Triptych answered.
        """
        answer = uvloop.run(ask(workload.request, server.port(workload.port)))
        self.of[workload.name, server.name] = answer
        found, good = _comparable(workload.decode(answer.body)), self._good[workload.call]
        if found != good:
            lines = unified_diff(pformat(good).splitlines(), pformat(found).splitlines(), lineterm="")
            differ = "\n".join([f"{workload.name}: {server.name} has another answer than Triptych:", *lines])
            raise BenchError(differ)


def _comparable(answer: Any) -> Any:
    """Return an answer without the token of the next page, which differs from server to server."""
    if hasattr(answer, "pagination") and answer.pagination.next_token:
        answer.pagination.next_token = "more"
    return answer


def _is_project(answer: Any) -> bool:
    metadata = answer.project.metadata
    return (answer.project.id, metadata.name) == (uuid(5, 0), project(0, uuid(3, 1))["name"])


def _is_page(answer: Any) -> bool:
    ids = {uuid(5, number) for number in range(PROJECTS)}
    found = {project.id for project in answer.projects if project.initializer.specs[0].git.remote_uri}
    return len(answer.projects) == len(found & ids) == PAGE and answer.pagination.next_token == "more"


def _is_rest(answer: Any) -> bool:
    documents = answer["items"] if "items" in answer else [answer["document"]]
    titles = {document["title"] for document in documents if document["processing_status"] == "ready"}
    return len(titles) == len(documents) == (PAGE if "items" in answer else 1)
