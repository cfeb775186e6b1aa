"""Deadlines and retries on a channel of the user's own: grpcio-testing plays the server and the clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc_testing
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import error_details_pb2, status_pb2

from support import generated
from triptych_api.gitpod.v1.project_service_pb import DeleteProjectRequest
from triptych_api.gitpod.v1.user_service_pb import GetAuthenticatedUserResponse
from triptych_client import (
    ApiError,
    Client,
    DeadlineExceededError,
    ResourceExhaustedError,
    RetryPolicy,
    Timing,
    UnauthenticatedError,
    UnavailableError,
)

OK = grpc.StatusCode.OK
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE
POLICY = RetryPolicy(max_attempts=4, initial_backoff=2, multiplier=2, max_backoff=60)


@dataclass
class Reply:
    """How a call ends, after so many seconds on the server."""

    code: grpc.StatusCode = OK
    response: Any = None
    trailers: tuple[tuple[str, str | bytes], ...] = ()
    takes: float = 0


@dataclass
class FakeServer:
    """A channel without a network: answers as told, and notes what each attempt was given.

    The fake channel does not tell the timeouts of its calls, and its blocking calls need another thread.
    """

    time: Any = field(default_factory=lambda: grpc_testing.strict_fake_time(0))
    replies: list[Reply] = field(default_factory=list)
    timeouts: list[float | None] = field(default_factory=list)
    metadata: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._fake = grpc_testing.channel([], self.time)

    def unary_unary(self, path: str, **codec: Any) -> FakeServer:
        """Return what calls a method, as a channel does."""
        self._rpc = generated.contract().method(path.removeprefix("/"))
        self._call = self._fake.unary_unary(path, **codec)
        return self

    def with_call(self, request: Any, *, timeout: float | None, metadata: Any) -> tuple[Any, Any]:
        """Answer a call with the next reply, the last one for ever."""
        self.timeouts.append(timeout)
        self.metadata.append(dict(metadata))
        future = self._call.future(request, timeout=timeout, metadata=metadata)
        _, _, call = self._fake.take_unary_unary(self._rpc)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        self.time.sleep_for(reply.takes)
        call.terminate(reply.response, reply.trailers, reply.code, "as told")
        return future.result(), future


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def client(server: FakeServer) -> Iterator[Client]:
    timing = Timing(clock=server.time.time, sleep=server.time.sleep_for, random=lambda: 0.5)
    with Client(channel=server, token="secret", timeout=10, retries=POLICY, timing=timing) as client:
        yield client


def details(*messages: Any) -> tuple[tuple[str, bytes], ...]:
    status = status_pb2.Status(code=8, message="as told")
    for message in messages:
        packed = AnyMessage()
        packed.Pack(message)
        status.details.append(packed)
    return (("grpc-status-details-bin", status.SerializeToString()),)


def test_the_deadline_covers_all_attempts(server: FakeServer, client: Client) -> None:
    server.replies += [Reply(UNAVAILABLE, takes=0.5)]
    with pytest.raises(UnavailableError, match="as told"):
        client.users.get_authenticated_user()
    # An attempt takes 0.5 s; the waits are 1, 2 and 4 s, and 4.5 s more would not be left after the fourth.
    assert server.timeouts == [10, 8.5, 6, 1.5]
    assert server.time.time() == 9


def test_a_wait_that_would_pass_the_deadline_is_not_begun(server: FakeServer, client: Client) -> None:
    server.replies += [Reply(UNAVAILABLE, takes=1.5)]
    with pytest.raises(UnavailableError):
        client.users.get_authenticated_user(timeout=2)
    assert server.timeouts == [2]
    assert server.time.time() == 1.5


def test_an_attempt_that_succeeds_ends_the_call(server: FakeServer, client: Client) -> None:
    user = GetAuthenticatedUserResponse()
    server.replies += [Reply(UNAVAILABLE), Reply(response=user)]
    assert client.users.get_authenticated_user() == user
    assert server.timeouts == [10, 9]
    assert [metadata["authorization"] for metadata in server.metadata] == ["Bearer secret"] * 2


def test_the_server_says_how_long_to_wait(server: FakeServer, client: Client) -> None:
    user = GetAuthenticatedUserResponse()
    busy = Reply(UNAVAILABLE, trailers=(("retry-after", "5"),))
    server.replies += [busy, Reply(response=user)]
    assert client.users.get_authenticated_user() == user
    assert server.timeouts == [10, 5]


def test_no_change_is_made_twice(server: FakeServer, client: Client) -> None:
    server.replies += [Reply(UNAVAILABLE)]
    with pytest.raises(UnavailableError):
        client.projects.delete_project(DeleteProjectRequest())
    assert server.timeouts == [10]


def test_a_change_that_was_refused_for_its_rate_is_tried_again(server: FakeServer, client: Client) -> None:
    info = error_details_pb2.ErrorInfo(reason="RATE_LIMIT_EXCEEDED", domain="triptych")
    delay = error_details_pb2.RetryInfo()
    delay.retry_delay.FromMilliseconds(2500)
    server.replies += [Reply(grpc.StatusCode.RESOURCE_EXHAUSTED, trailers=details(info, delay), takes=1)]
    with pytest.raises(ResourceExhaustedError) as caught:
        client.projects.delete_project(DeleteProjectRequest())
    assert caught.value.reason == "RATE_LIMIT_EXCEEDED"
    assert caught.value.retry_after == 2.5
    assert server.timeouts == [10, 6.5, 3]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (grpc.StatusCode.DEADLINE_EXCEEDED, DeadlineExceededError),
        (grpc.StatusCode.UNAUTHENTICATED, UnauthenticatedError),
    ],
)
def test_other_failures_are_final(
    server: FakeServer, client: Client, code: grpc.StatusCode, kind: type[ApiError]
) -> None:
    server.replies += [Reply(code)]
    with pytest.raises(kind):
        client.users.get_authenticated_user()
    assert len(server.timeouts) == 1


def test_without_a_deadline_the_channel_is_given_none(server: FakeServer, client: Client) -> None:
    server.replies += [Reply(response=GetAuthenticatedUserResponse())]
    client.users.get_authenticated_user(timeout=float("inf"))
    assert server.timeouts == [None]
