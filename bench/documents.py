"""Documents for the calls of REST, made through REST; a server that has none of it is left alone."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any

from bench.errors import BenchError
from bench.processes import HOST
from bench.seed import PAGE, TOKEN
from bench.workloads import Workload, new_document, rest_workloads

_SECONDS = 10
_DOCUMENTS = 2 * PAGE


def prepare(port: int) -> tuple[list[Workload], list[str]]:
    """Return the workloads of REST, with documents to answer them; or none, and the reason.

    Raises:
        BenchError: The server lists documents, but cannot make any.
    """
    status, answer = _call(port, "GET", "/v1beta/documents?page_size=25")
    if status != http.client.OK:
        return [], [f"rest/*: GET /v1beta/documents gives {status}"]
    for number in range(_DOCUMENTS):
        status, answer = _call(port, "POST", "/v1beta/documents", new_document(number))
        if status not in (http.client.OK, http.client.CREATED):
            raise BenchError(f"POST /v1beta/documents gives {status}: {answer}")
    document_id = answer["document"]["id"]
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        status, answer = _call(port, "GET", f"/v1beta/documents?page_size={_DOCUMENTS}")
        if all(item["processing_status"] == "ready" for item in answer["items"]):
            return rest_workloads(document_id), []
        time.sleep(0.1)
    raise BenchError(f"documents are not ready after {_SECONDS} s: {answer}")


def _call(port: int, verb: str, target: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(HOST, port, timeout=_SECONDS)
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
    connection.request(verb, target, json.dumps(body) if body else None, headers)
    response = connection.getresponse()
    text = response.read()
    connection.close()
    is_json = (response.getheader("content-type") or "").startswith("application/json")
    return response.status, json.loads(text) if is_json else text
