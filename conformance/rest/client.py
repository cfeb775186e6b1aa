"""Sends the requests of cases, with paths, queries and headers exactly as they are written."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Final
from urllib.parse import urlsplit

from conformance.rest.cases import Case

_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered.

    Attributes:
        status: The HTTP status; 0 if there was no HTTP response.
        body: The body.
    """

    status: int
    body: bytes


def ask(url: str, cases: list[Case]) -> list[Answer]:
    """Send the requests of the cases to a server, one after the other, and return its answers.

    Args:
        url: The base URL of the server; a path in it comes before those of the cases.
        cases: What to send.
    """
    base = urlsplit(url)
    with closing(HTTPConnection(base.hostname or "", base.port, timeout=_SECONDS)) as connection:
        return [_ask(connection, base.path.rstrip("/"), case) for case in cases]


def _ask(connection: HTTPConnection, prefix: str, case: Case) -> Answer:
    try:
        connection.putrequest(case.method, prefix + case.target, skip_accept_encoding=True)
        for name, value in case.headers.items():
            connection.putheader(name, value)
        if case.body is not None:
            connection.putheader("content-length", str(len(case.body)))
        connection.endheaders(case.body)
        response = connection.getresponse()
        return Answer(response.status, response.read())
    except (HTTPException, OSError):
        connection.close()  # the next request opens it again
        return Answer(0, b"")
