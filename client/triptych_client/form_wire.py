"""One attempt at a call that is made by posting a form to the REST path of its rpc."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from protobuf import Message
from pyqwest import Client, ConnectTimeout, ReadError, RemoteProtocolError, SyncClient, WriteError

from triptych_client.attempt import Attempt
from triptych_client.errors import error_of, without_layers
from triptych_client.form import Form, FormBody, WatchedPieces
from triptych_client.rest_answer import read_answer
from triptych_client.upload_source import Content

Res = TypeVar("Res", bound=Message)

_LET_GO: Final = 1.0  # seconds
_MOST_SECONDS: Final = 999_999_999.0  # that X-Server-Timeout can say


class FormWire:
    """The connections of a synchronous client.

    Args:
        url: Where the server is, without a slash at its end.
        client: What makes requests.
    """

    def __init__(self, url: str, client: SyncClient) -> None:
        self._url = url
        self._client = client

    def post(self, attempt: Attempt[Any, Res], form: Form) -> Res:
        """Post a form.

        Raises:
            ApiError: The server refused it or could not be reached.
            OSError: The file cannot be read.
        """
        let_go = threading.Event()
        with form.file.open() as content, _failures(content):
            body = FormBody(form, content)
            try:
                with self._client.stream(
                    "POST",
                    self._url + form.path,
                    [*_headers(attempt), *body.headers],
                    WatchedPieces(body.pieces(), let_go),
                    timeout=attempt.timeout,
                ) as response:
                    answer = bytearray()
                    for piece in response.content:
                        answer += piece
                    attempt.metadata.fill(response.headers.items(), response.trailers.items())
                    return read_answer(response.status, answer, attempt)
            except TimeoutError:
                let_go.set()  # no time is left to wait for it
                raise
            finally:
                content.stop()
                let_go.wait(_LET_GO)


class AsyncFormWire:
    """The connections of an asynchronous client; the arguments are those of FormWire."""

    def __init__(self, url: str, client: Client) -> None:
        self._url = url
        self._client = client

    async def post(self, attempt: Attempt[Any, Res], form: Form) -> Res:
        """Post a form.

        Raises:
            ApiError: The server refused it or could not be reached.
            OSError: The file cannot be read.
        """
        with form.file.open() as content, _failures(content):
            body = FormBody(form, content)
            headers = [*_headers(attempt), *body.headers]
            try:
                async with (
                    asyncio.timeout(attempt.timeout),
                    self._client.stream(
                        "POST", self._url + form.path, headers, body.pieces_async()
                    ) as response,
                ):
                    answer = bytearray()
                    async for piece in response.content:
                        answer += piece
                    attempt.metadata.fill(response.headers.items(), response.trailers.items())
                    return read_answer(response.status, answer, attempt)
            finally:
                content.stop()


def _headers(attempt: Attempt[Any, Any]) -> Iterable[tuple[str, str]]:
    own = {"content-type", "content-length", "x-server-timeout"}
    yield from (pair for pair in attempt.headers if pair[0] not in own)
    if attempt.timeout is not None:
        yield "x-server-timeout", f"{min(max(attempt.timeout, 0.001), _MOST_SECONDS):.3f}"


@contextmanager
def _failures(content: Content) -> Iterator[None]:
    """Raise what failed in the file as it is, and what failed on the way as an ApiError."""
    try:
        yield
    except ConnectError as error:  # of what bounds the response
        raise error_of(error.code, error.message) from None
    except ConnectTimeout as error:
        raise error_of(Code.UNAVAILABLE, "no connection in time") from error
    except TimeoutError as error:
        raise error_of(Code.DEADLINE_EXCEEDED, "the file was not sent in time") from error
    except (ConnectionError, WriteError, ReadError, RemoteProtocolError) as error:
        if content.failure is not None:
            raise content.failure from None
        raise error_of(Code.UNAVAILABLE, without_layers(str(error))) from error
