"""An HTTP/1.1 server that answers as it is told, whatever it is asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """A response; status 0 closes the connection instead."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def failure(code: str, status: int, *headers: tuple[str, str]) -> Answer:
    """Return an error as the Connect protocol writes it."""
    body = json.dumps({"code": code, "message": "as told"}).encode()
    return Answer(status, body, (("content-type", "application/json"), *headers))


UNAVAILABLE = failure("unavailable", 503)
DROPPED = Answer(0)
EMPTY = Answer(200, b"", (("content-type", "application/proto"),))


@dataclass
class ScriptedServer:
    """What it was asked, in lower case, and what it has still to answer; the last answer goes on for ever."""

    answers: list[Answer]
    url: str = ""
    requests: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer what comes on one connection."""
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode().strip().split("\r\n")
                headers: dict[str, str] = {}
                for name, value in (line.lower().split(": ", 1) for line in lines):
                    headers[name] = f"{headers[name]}, {value}" if name in headers else value
                chunked = headers.get("transfer-encoding") == "chunked"
                self.bodies.append(
                    await reader.readuntil(b"\r\n0\r\n\r\n")
                    if chunked
                    else await reader.readexactly(int(headers.get("content-length", 0)))
                )
                self.paths.append(first.split()[1])
                self.requests.append(headers)
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if not answer.status:
                    break
                fields = [*answer.headers, ("content-length", str(len(answer.body)))]
                text = "".join(f"{name}: {value}\r\n" for name, value in fields)
                writer.write(f"HTTP/1.1 {answer.status} as told\r\n{text}\r\n".encode() + answer.body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def scripted(*answers: Answer) -> AsyncIterator[ScriptedServer]:
    """Run a server that gives these answers, one after the other."""
    script = ScriptedServer(list(answers))
    async with await asyncio.start_server(script.serve, "127.0.0.1", 0) as server:
        script.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield script
        server.close()
