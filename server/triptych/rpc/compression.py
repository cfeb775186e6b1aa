"""What a transport that compresses single messages tells a service of it, and the service a transport."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class MessageCompression:
    """An extension of calls.

    Attributes:
        request_compressed: Whether the request message read last came compressed.
        compress_response: Whether the next response is to be compressed; None for what the transport does by
            itself. Compression must be asked for before the first response, and can then be left out.
    """

    request_compressed: bool = False
    compress_response: bool | None = None
