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
from triptych_client.errors import ApiError, error_of
from triptych_client.failure_texts import FailureTexts
from triptych_client.form import Form, FormBody, WatchedPieces
from triptych_client.metadata import Metadata
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
        texts: Writes what is said of failures.
    """

    def __init__(self, url: str, client: SyncClient, texts: FailureTexts) -> None:
        self._url = url
        self._client = client
        self._texts = texts

    def post(self, attempt: Attempt[Any, Res], form: Form) -> Res:
        """Post a form.

        Raises:
            ApiError: The server refused it or could not be reached.
            OSError: The file cannot be read.
        """
        let_go = threading.Event()
        with form.file.open() as content, _failures(content, self._texts, attempt.metadata):
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
                    return read_answer(response.status, answer, attempt, self._texts)
            except TimeoutError:
                let_go.set()  # no time is left to wait for it
                raise
            finally:
                content.stop()
                let_go.wait(_LET_GO)


class AsyncFormWire:
    """The connections of an asynchronous client; the arguments are those of FormWire."""

    def __init__(self, url: str, client: Client, texts: FailureTexts) -> None:
        self._url = url
        self._client = client
        self._texts = texts

    async def post(self, attempt: Attempt[Any, Res], form: Form) -> Res:
        """Post a form.

        Raises:
            ApiError: The server refused it or could not be reached.
            OSError: The file cannot be read.
        """
        with form.file.open() as content, _failures(content, self._texts, attempt.metadata):
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
                    return read_answer(response.status, answer, attempt, self._texts)
            finally:
                content.stop()


def _headers(attempt: Attempt[Any, Any]) -> Iterable[tuple[str, str]]:
    own = {"content-type", "content-length", "x-server-timeout"}
    yield from (pair for pair in attempt.headers if pair[0] not in own)
    if attempt.timeout is not None:
        yield "x-server-timeout", f"{min(max(attempt.timeout, 0.001), _MOST_SECONDS):.3f}"


@contextmanager
def _failures(content: Content, texts: FailureTexts, metadata: Metadata) -> Iterator[None]:
    """Raise what failed in the file as it is, and what failed on the way as an ApiError."""

    def failure(code: Code, message: str) -> ApiError:
        return error_of(code, texts.of(code, message, metadata), (), metadata)

    try:
        yield
    except ConnectError as error:  # of what bounds the response
        raise failure(error.code, error.message) from None
    except ConnectTimeout as error:
        raise failure(Code.UNAVAILABLE, "no connection in time") from error
    except TimeoutError as error:
        raise failure(Code.DEADLINE_EXCEEDED, "the file was not sent in time") from error
    except (ConnectionError, WriteError, ReadError, RemoteProtocolError) as error:
        if content.failure is not None:
            raise content.failure from None
        raise failure(Code.UNAVAILABLE, str(error)) from error
