"""`python -m attacks.busy PORT CONNECTIONS PIPELINED`: keep connections of HTTP/1.1 busy until stdin ends."""

from __future__ import annotations

import select
import socket
import sys
from typing import Final

from attacks import wire
from attacks.server import TOKEN

_LIST: Final = "/gitpod.v1.ProjectService/ListProjects"
_READ: Final = 1 << 20


def main(port: int, count: int, pipelined: int) -> None:
    """Send so many requests on each connection, and as many again once they are answered."""
    bearer = f"Authorization: Bearer {TOKEN}"
    requests = wire.post(_LIST, b"{}", "application/json", bearer) * pipelined
    poll = select.epoll()
    poll.register(sys.stdin.fileno(), select.EPOLLIN)
    connections: dict[int, socket.socket] = {}
    unanswered: dict[int, int] = {}
    for _ in range(count):
        connection = wire.connect(port)
        connections[connection.fileno()] = connection
        unanswered[connection.fileno()] = pipelined
        poll.register(connection, select.EPOLLIN)
        wire.send(connection, requests)
    print("busy", flush=True)
    while True:
        for number, _ in poll.poll():
            if number not in connections:
                return
            answers = connections[number].recv(_READ).count(b"HTTP/1.1 ")
            unanswered[number] -= answers
            if not unanswered[number]:
                unanswered[number] = pipelined
                wire.send(connections[number], requests)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
