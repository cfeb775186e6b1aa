"""A client of what betterproto2 generates; it says of each check that it went well.

Usage: python client.py GRPC_ADDRESS, with the package `contract`, which was generated, on the path.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

import grpc
from contract.factify.api.v1beta import (
    CreateDocumentRequest,
    DocumentServiceStub,
    ListDocumentsRequest,
    TimestampFilter,
)
from contract.gitpod.v1 import (
    GetProjectRequest,
    ListProjectsRequest,
    PaginationRequest,
    ProjectServiceStub,
)
from contract.google.protobuf import Timestamp
from contract.google.rpc import BadRequest, ErrorInfo, Status

METADATA = (("authorization", "Bearer triptych-admin-token"),)
PAGE = 2
NANOSECONDS = 123_456_789  # of the document that is looked for, as it was seeded
PDF = b"%PDF-1.7\n" + bytes(range(256)) + b"\n%%EOF\n"
# What begins so is refused, and called by its name, if it arrives as it was sent.
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
Request = TypeVar("Request")
Answer = TypeVar("Answer")


class Details(grpc.ClientCallDetails):
    """What goes with a call."""

    def __init__(self, method: str) -> None:
        self.method, self.timeout, self.metadata = method, 30, METADATA
        self.credentials = self.wait_for_ready = self.compression = None


class Token(grpc.UnaryUnaryClientInterceptor):
    """Sends the token: the methods of the stubs take a message, and neither metadata nor a deadline."""

    def intercept_unary_unary(
        self,
        continuation: Callable[[grpc.ClientCallDetails, Request], Answer],
        client_call_details: grpc.ClientCallDetails,
        request: Request,
    ) -> Answer:
        """Go on with the token."""
        return continuation(Details(client_call_details.method), request)


def main() -> None:
    """Make the calls."""
    with grpc.insecure_channel(sys.argv[1]) as plain:
        channel = grpc.intercept_channel(plain, Token())
        projects, documents = ProjectServiceStub(channel), DocumentServiceStub(channel)
        paged_list(projects)
        print("ok - a paged list")
        error_details(projects)
        print("ok - an error with details")
        sent_bytes(documents)
        print("ok - bytes")
        instant(documents)
        print("ok - an instant to the nanosecond")


def paged_list(projects: ProjectServiceStub) -> None:
    """List all projects, two a page."""
    found: list[str] = []
    pagination = PaginationRequest(page_size=PAGE)
    while True:
        page = projects.list_projects(ListProjectsRequest(pagination=pagination))
        assert len(page.projects) <= PAGE
        found += (project.id for project in page.projects)
        if page.pagination is None or not page.pagination.next_token:
            break
        pagination.token = page.pagination.next_token
    assert len(found) == len({*found}) > PAGE


def refusal(call: Callable[[], object]) -> Status:
    """Make a call that fails; return its google.rpc.Status, from the trailer `grpc-status-details-bin`."""
    try:
        call()
    except grpc.RpcError as error:
        failed: grpc.RpcError = error
    else:
        raise AssertionError("the call was not refused")
    assert isinstance(failed, grpc.Call)  # the type that is raised is both
    encoded = dict(failed.trailing_metadata() or ())["grpc-status-details-bin"]
    assert isinstance(encoded, bytes)
    return Status.parse(encoded)


def error_details(projects: ProjectServiceStub) -> None:
    """Read the field and the reason of an error."""
    status = refusal(lambda: projects.get_project(GetProjectRequest(project_id="engine")))
    bad, info = (each.unpack() for each in status.details)
    assert isinstance(bad, BadRequest)
    assert bad.field_violations[0].field == "project_id"
    assert isinstance(info, ErrorInfo)
    assert info.reason == "INVALID_ID_FORMAT"


def sent_bytes(documents: DocumentServiceStub) -> None:
    """Send bytes of every value, and some that are recognized."""
    request = CreateDocumentRequest(title="from betterproto2", payload=PDF)
    made = documents.create_document(request).document
    assert made is not None
    assert made.source_format == "pdf"
    request.payload = OLE
    assert "OLE" in refusal(lambda: documents.create_document(request)).message


def instant(documents: DocumentServiceStub) -> None:
    """Read an instant, find the document by it, and not by the next nanosecond."""

    def listed(after: Timestamp | None = None) -> list[Timestamp | None]:
        created = None if after is None else TimestampFilter(after=after)
        request = ListDocumentsRequest(title_contains="Notes on the Analytical Engine", created=created)
        return [each.created_at for each in documents.list_documents(request).items]

    (created,) = listed()
    assert created is not None
    assert created.nanos == NANOSECONDS
    assert listed(created) == [created]
    assert listed(Timestamp(seconds=created.seconds, nanos=created.nanos + 1)) == []


if __name__ == "__main__":
    main()
