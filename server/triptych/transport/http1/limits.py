"""What one connection of the HTTP port may cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one connection of the HTTP port may cost.

    Attributes:
        connections: The most connections at a time; more are answered 503.
        pipelined: The most requests that wait behind the one being answered.
        target_bytes: The longest request target.
        head_bytes: The most bytes of request line and headers together; more may be read, by one read.
        headers: The most header lines, and the most trailer lines.
        framing_bytes: The most bytes of chunk extensions and trailers without a byte of the body.
        first_seconds: How long a connection may wait for its first request.
        head_seconds: How long the request line and the headers may take.
        body_seconds: How often a body is looked at.
        body_bytes: What must have come of it since; methods that take streams are exempt, they may pause.
        reply_seconds: How often a reply is looked at that the client is slow to read.
        reply_bytes: What the client must have read of it since.
        drained_bytes: The longest body that is read to its end if its request is refused before that.
        linger_seconds: How long a client may send nothing before a connection that we closed is let go.
        linger_total_seconds: How long such a connection is kept at most.
        handshake_seconds: How long TLS may take to be agreed upon.
        farewell_seconds: How long an idle connection may still bring a request once the server stops.
    """

    connections: int = 10_000
    pipelined: int = 2000
    target_bytes: int = 32 * 1024
    head_bytes: int = 64 * 1024
    headers: int = 100
    framing_bytes: int = 64 * 1024
    first_seconds: float = 75
    head_seconds: float = 20
    body_seconds: float = 20
    body_bytes: int = 10_000
    reply_seconds: float = 20
    reply_bytes: int = 10_000
    drained_bytes: int = 256 * 1024
    linger_seconds: float = 2
    linger_total_seconds: float = 30
    handshake_seconds: float = 20
    farewell_seconds: float = 1
