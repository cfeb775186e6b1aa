"""One call, as the pipeline and the services see it: no transport types."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter_ns
from typing import TYPE_CHECKING, Final

from triptych.errors import Code, RpcError
from triptych.store.records import SubjectRef

if TYPE_CHECKING:
    from triptych.rpc.methods import Method

REQUEST_ID_HEADER: Final = "x-request-id"
_SANE_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a call, as its token says."""

    subject: SubjectRef
    organization_id: str
    administrator: bool
    read_only: bool

    @property
    def id(self) -> str:
        """The UUID of the user or service account."""
        return self.subject.id


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came beside the request message, as a part of a form.

    Attributes:
        chunks: The content, in the pieces that it came in.
        file_name: What the client names it; empty if it does not.
        content_type: What the client says that it is; empty if it does not.
    """

    chunks: tuple[bytes, ...]
    file_name: str
    content_type: str


class Call:
    """What is known of a call beside its messages.

    Attributes:
        method: What is called.
        transport: "grpc", "grpc-web", "connect" or "rest".
        headers: Request headers in the order they came, names in lower case. Binary ones (`-bin`) as base64.
        peer: The address of the client; empty if it is not known.
        deadline: When the call must be over, on the clock of the event loop; None for never.
        refusal: An error that the transport found in the headers. The pipeline raises it.
        request_id: The caller's `x-request-id` if it is sane (1 to 128 characters of a URL), else a new one.
        response_headers: Sent before the reply; binary ones (`-bin`) as base64.
        response_trailers: Sent after the reply.
        request_compressed: Whether the request message read last came compressed; None if that is not known.
        compress_response: Whether the service wants the next response compressed; None for what the transport
            does by itself. Compression must be asked for before the first response, and can then be left out.
        upload: The file of a call that came as a form; set by the transport, None without one.
        request_bytes: The size of the request messages that were read, decompressed; set by the transport.
        response_bytes: The size of the response messages that were written, before compression; likewise.
        error: What the call ended with; set by the pipeline, None while it runs and if it succeeded.
    """

    __slots__ = (
        "_caller",
        "compress_response",
        "deadline",
        "error",
        "headers",
        "method",
        "peer",
        "refusal",
        "request_bytes",
        "request_compressed",
        "request_id",
        "response_bytes",
        "response_headers",
        "response_trailers",
        "started",
        "transport",
        "upload",
    )

    def __init__(
        self,
        method: Method,
        transport: str,
        headers: Sequence[tuple[str, str]],
        *,
        peer: str = "",
        deadline: float | None = None,
        refusal: RpcError | None = None,
    ) -> None:
        self.method = method
        self.transport = transport
        self.headers = headers
        self.peer = peer
        self.deadline = deadline
        self.refusal = refusal
        self.request_id = request_id(self.header(REQUEST_ID_HEADER))
        self.response_headers: list[tuple[str, str]] = []
        self.response_trailers: list[tuple[str, str]] = []
        self.started = perf_counter_ns()
        self.request_compressed: bool | None = None
        self.compress_response: bool | None = None
        self.upload: Upload | None = None
        self.request_bytes = 0
        self.response_bytes = 0
        self.error: RpcError | None = None
        self._caller: Caller | None = None

    def header(self, name: str) -> str | None:
        """Return the first header of that lower-case name, or None."""
        return first_header(self.headers, name)

    @property
    def caller(self) -> Caller:
        """Who makes the call. Only methods that need a token have one."""
        if self._caller is None:
            raise LookupError(f"{self.method.path} has no caller")
        return self._caller

    @caller.setter
    def caller(self, caller: Caller) -> None:
        self._caller = caller

    @property
    def code(self) -> Code:
        """How the call ended."""
        return self.error.code if self.error else Code.OK

    @property
    def caller_id(self) -> str:
        """The id of the caller; empty before authentication and where none is needed."""
        return self._caller.id if self._caller else ""


def first_header(headers: Sequence[tuple[str, str]], name: str) -> str | None:
    """Return the first header of that lower-case name, or None."""
    for key, value in headers:
        if key == name:
            return value
    return None


def request_id(given: str | None) -> str:
    """Return the caller's request id if it is sane, else a new one."""
    if given is not None and _SANE_REQUEST_ID.fullmatch(given):
        return given
    return f"req_{random.getrandbits(96):024x}"
