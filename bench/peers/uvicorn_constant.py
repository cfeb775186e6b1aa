"""uvicorn with the same answer to everything, without a look at the request."""

from __future__ import annotations

from typing import Any

from bench.peers.serving import answer, serve_http


def main() -> None:
    """Serve."""
    body = answer("GetProject.json")
    start = {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))],
    }
    rest = {"type": "http.response.body", "body": body}

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send(start)
        await send(rest)

    serve_http(application)


if __name__ == "__main__":
    main()
