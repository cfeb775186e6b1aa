"""Creates a document with a form (multipart/form-data): its file is never in memory as a whole."""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain
from typing import Any, Final

from pyqwest import FullResponse, ReadError, RemoteProtocolError, SyncClient, SyncHTTPTransport, WriteError

from triptych.cli.failures import CommandFailed
from triptych.cli.terminal import escape
from triptych.codec.json import JsonReader
from triptych.errors import RpcError
from triptych.transport.rest.enums import EnumNames
from triptych_api.factify.api.v1beta.document_pb import Document
from triptych_api.factify.api.v1beta.document_service_pb import CreateDocumentRequest, CreateDocumentResponse
from triptych_client.connect_wire import transport_arguments
from triptych_client.errors import without_layers
from triptych_client.settings import wire_settings

_OK: Final = 200
_LET_GO: Final = 1.0
_SLOWEST: Final = 1 << 16  # bytes a second
_READER: Final = JsonReader("ignore", enum_spellings=EnumNames().readable)


def create_document(
    settings: dict[str, Any], request: CreateDocumentRequest, content: Iterable[bytes], size: int
) -> Document:
    """Create a document over REST. The time that this may take is a second more for each 64 KiB.

    Args:
        settings: The options of the client, by their name.
        request: The document, without its content.
        content: The content, piece by piece.
        size: How many bytes that is.

    Raises:
        CommandFailed: The server refused it, or could not be reached.
    """
    boundary = secrets.token_hex(16)
    head, tail = _texts(request, boundary), f"\r\n--{boundary}--\r\n".encode()
    headers = {
        "authorization": f"Bearer {settings['token']}",
        "content-type": f"multipart/form-data; boundary={boundary}",
        "content-length": str(len(head) + size + len(tail)),
    }
    let_go = threading.Event()
    with closing(_transport(settings)) as transport:
        try:
            response = SyncClient(transport).post(
                settings["server"].rstrip("/") + "/v1beta/documents",
                headers,
                _Body(chain([head], content, [tail]), let_go),
                timeout=settings["timeout"] + size / _SLOWEST,
            )
        except TimeoutError:
            raise CommandFailed("deadline_exceeded: the file was not sent in time; see --timeout") from None
        except (ConnectionError, WriteError, ReadError, RemoteProtocolError) as error:
            raise CommandFailed(f"unavailable: {escape(without_layers(str(error)))}") from None
        finally:
            let_go.wait(_LET_GO)
    return _document(response)


class _Body:
    """The pieces of a form, and word of when nobody reads them any more.

    A server may answer before it has read everything. Then the library still reads on in a thread of its own,
    which crashes the process if Python ends meanwhile.
    """

    def __init__(self, pieces: Iterable[bytes], let_go: threading.Event) -> None:
        self._pieces = iter(pieces)
        self._let_go = let_go

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)

    def __del__(self) -> None:
        self._let_go.set()


def _transport(settings: dict[str, Any]) -> SyncHTTPTransport:
    wire = wire_settings(
        settings["server"],
        protocol="connect",
        json=True,
        http_version=None,
        max_message=None,
        tls_ca=settings["tls_ca"],
        tls_cert=settings["tls_cert"],
        tls_key=settings["tls_key"],
    )
    return SyncHTTPTransport(**transport_arguments(wire))


def _texts(request: CreateDocumentRequest, boundary: str) -> bytes:
    """Return the form up to the content of the file."""
    texts = {"title": request.title}
    if request.has_field("description"):
        texts["description"] = request.description
    if request.has_field("access_level"):
        texts["access_level"] = request.access_level.name.lower()
    parts = [
        f'--{boundary}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in texts.items()
    ]
    # What would end the quoted string, as HTML says: https://html.spec.whatwg.org/#multipart-form-data
    name = re.sub(r'["\r\n]', lambda match: f"%{ord(match[0]):02X}", request.file_name)
    parts.append(f'--{boundary}\r\ncontent-disposition: form-data; name="payload"; filename="{name}"\r\n\r\n')
    return "".join(parts).encode()


def _document(response: FullResponse) -> Document:
    try:
        body = json.loads(response.content)
        if response.status != _OK:
            raise CommandFailed(escape(f"{body['code']}: {body['message']}"))
        return _READER.read_value(body, CreateDocumentResponse).document or Document()
    except (ValueError, LookupError, TypeError, RpcError):
        raise CommandFailed(
            f"unknown: the answer is not Triptych's (HTTP status {response.status})"
        ) from None
