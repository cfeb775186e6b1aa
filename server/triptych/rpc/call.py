"""One call, as the pipeline and the services see it: no transport types."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import getrandbits
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Final, TypeVar

from triptych.errors import Code, RpcError
from triptych.rpc.headers import Headers
from triptych.store.records import SubjectRef

if TYPE_CHECKING:
    from collections.abc import Callable

    from triptych.rpc.methods import Method
    from triptych.rpc.shares import InFlight

ExtensionT = TypeVar("ExtensionT")

REQUEST_ID_HEADER: Final = "x-request-id"
_SANE_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a call, as its token says.

    Attributes:
        subject: The user or service account.
        organization_id: Its organization.
        administrator: Whether it is one.
        read_only: Whether the token may only read.
        expires_at: When the token stops being accepted; None for never.
    """

    subject: SubjectRef
    organization_id: str
    administrator: bool
    read_only: bool
    expires_at: int | None = None

    @property
    def id(self) -> str:
        """The UUID of the user or service account."""
        return self.subject.id


class Call:
    """What is known of a call beside its messages.

    Attributes:
        method: What is called.
        transport: "grpc", "grpc-web", "connect" or "rest".
        headers: The request headers.
        peer: The address of the client; empty if it is not known.
        deadline: When the call must be over, on the clock of the event loop; None for never.
        refusal: An error that the transport found in the headers. The pipeline raises it.
        request_id: The caller's `x-request-id` if it is sane (1 to 128 characters of a URL), else a new one.
        response_headers: Sent before the reply; binary ones (`-bin`) as base64.
        response_trailers: Sent after the reply.
        request_bytes: The size of the request messages that were read, decompressed; set by the transport.
        response_bytes: The size of the response messages that were written, before compression; likewise.
        error: What the call ended with; set by the pipeline, None while it runs and if it succeeded.
        caller: Who makes the call; set by authentication, which methods that need no token go without.
        caller_id: The id of the caller; empty before authentication and where none is needed.
        held: The bytes that are held for the call, as its owner's share of those in flight.
        entered: Whether it has a place among the running calls.
        in_flight: The budget of those bytes; set by the pipeline before anything is read.
        unwritten: A list, if the reply is written after the pipeline has ended: what to do after that.
    """

    caller: Caller

    __slots__ = (
        "_extensions",
        "caller",
        "caller_id",
        "deadline",
        "entered",
        "error",
        "headers",
        "held",
        "in_flight",
        "method",
        "peer",
        "refusal",
        "request_bytes",
        "request_id",
        "response_bytes",
        "response_headers",
        "response_trailers",
        "started",
        "transport",
        "unwritten",
    )

    def __init__(
        self,
        method: Method,
        transport: str,
        headers: Headers,
        *,
        given_id: str | None = None,
        peer: str = "",
        deadline: float | None = None,
        refusal: RpcError | None = None,
    ) -> None:
        """Begin a call.

        Args:
            method: What is called.
            transport: The way that it came.
            headers: The request headers.
            given_id: The `x-request-id` among them.
            peer: The address of the client.
            deadline: When the call must be over.
            refusal: What is wrong with the headers.
        """
        self.method = method
        self.transport = transport
        self.headers = headers
        self.peer = peer
        self.deadline = deadline
        self.refusal = refusal
        self.request_id = f"req_{getrandbits(96):024x}" if given_id is None else request_id(given_id)
        self.response_headers: list[tuple[str, str]] = []
        self.response_trailers: list[tuple[str, str]] = []
        self.started = perf_counter_ns()
        self.request_bytes = 0
        self.response_bytes = 0
        self.error: RpcError | None = None
        self.caller_id = ""
        self.held = 0
        self.entered = False
        self.in_flight: InFlight | None = None
        self.unwritten: list[Callable[[], None]] | None = None
        self._extensions: dict[type, Any] | None = None

    def header(self, name: str) -> str | None:
        """Return the first header of that lower-case name, or None."""
        return self.headers.get(name)

    @property
    def code(self) -> Code:
        """How the call ended."""
        return self.error.code if self.error else Code.OK

    def hold(self, size: int) -> None:
        """Note bytes that are held for the call until it is over.

        Raises:
            RpcError: UNAVAILABLE if there is no room for them.
        """
        if self.in_flight is not None:
            self.in_flight.hold(self, size)

    def let_go(self, size: int) -> None:
        """Note that so many of the bytes that were held are not any more."""
        if self.in_flight is not None:
            self.in_flight.let_go(self, size)

    def attach(self, extension: object) -> None:
        """Add what only the transport of this call knows: a service that wants it asks by its type."""
        if self._extensions is None:
            self._extensions = {}
        self._extensions[type(extension)] = extension

    def extension(self, kind: type[ExtensionT]) -> ExtensionT | None:
        """Return what the transport attached of a type, or None."""
        return self._extensions.get(kind) if self._extensions else None


def request_id(given: str | None) -> str:
    """Return the caller's request id if it is sane, else a new one."""
    if given is not None and _SANE_REQUEST_ID.fullmatch(given):
        return given
    return f"req_{getrandbits(96):024x}"
