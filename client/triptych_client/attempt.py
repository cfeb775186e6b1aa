"""One attempt at a call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from connectrpc.method import MethodInfo
from protobuf import Message

from triptych_client.metadata import Metadata

Req = TypeVar("Req", bound=Message)
Res = TypeVar("Res", bound=Message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt(Generic[Req, Res]):
    """What an attempt is made of, beside its messages.

    Attributes:
        method: What is called.
        timeout: The seconds that it has; None for no end.
        headers: What to send.
        metadata: Filled when the attempt ends.
        use_get: Whether to send the request in the URL, as Connect can.
    """

    method: MethodInfo[Req, Res]
    timeout: float | None
    headers: list[tuple[str, str]] = field(repr=False)
    metadata: Metadata = field(default_factory=Metadata)
    use_get: bool = False
