"""A client of what grpcio-tools and mypy-protobuf generate; it says of each check that it went well.

Usage: python client.py GRPC_ADDRESS HTTP_URL, with the package `contract`, which was generated, on the path.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import grpc
from contract.factify.api.v1beta import document_service_pb2 as documents_pb
from contract.factify.api.v1beta.document_service_pb2_grpc import DocumentServiceStub
from contract.gitpod.v1 import project_service_pb2 as projects_pb
from contract.gitpod.v1.project_service_pb2_grpc import ProjectServiceStub
from gitpod import Gitpod
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status

TOKEN = "triptych-admin-token"
METADATA = (("authorization", f"Bearer {TOKEN}"),)
PAGE = 2
NANOSECONDS = 123_456_789  # of the document that is looked for, as it was seeded
PDF = b"%PDF-1.7\n" + bytes(range(256)) + b"\n%%EOF\n"
# What begins so is refused, and called by its name, if it arrives as it was sent.
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def main() -> None:
    """Make the calls."""
    address, url = sys.argv[1:]
    with grpc.insecure_channel(address) as channel:
        projects, documents = ProjectServiceStub(channel), DocumentServiceStub(channel)
        listed = paged_list(projects)
        print("ok - a paged list")
        error_details(projects)
        print("ok - an error with details")
        sent_bytes(documents)
        print("ok - bytes")
        instant(documents)
        print("ok - an instant to the nanosecond")
    # What was generated has a package of its own, so the vendor's SDK can be there as well.
    sdk = Gitpod(base_url=url, bearer_token=TOKEN)
    assert [project.id for project in sdk.projects.list()] == listed
    print("ok - gitpod-sdk beside it")


def paged_list(projects: ProjectServiceStub) -> list[str]:
    """List all projects, two a page."""
    found: list[str] = []
    request = projects_pb.ListProjectsRequest()
    request.pagination.page_size = PAGE
    while True:
        page = projects.ListProjects(request, metadata=METADATA)
        assert len(page.projects) <= PAGE
        found += (project.id for project in page.projects)
        request.pagination.token = page.pagination.next_token
        if not page.pagination.next_token:
            break
    assert len(found) == len({*found}) > PAGE
    return found


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
    return Status.FromString(encoded)


def error_details(projects: ProjectServiceStub) -> None:
    """Read the field and the reason of an error."""
    request = projects_pb.GetProjectRequest(project_id="engine")
    status = refusal(lambda: projects.GetProject(request, metadata=METADATA))
    bad, info = BadRequest(), ErrorInfo()
    for each in status.details:
        assert each.Unpack(bad) or each.Unpack(info)
    assert bad.field_violations[0].field == "project_id"
    assert info.reason == "INVALID_ID_FORMAT"


def sent_bytes(documents: DocumentServiceStub) -> None:
    """Send bytes of every value, and some that are recognized."""
    request = documents_pb.CreateDocumentRequest(title="from grpcio", payload=PDF)
    made = documents.CreateDocument(request, metadata=METADATA).document
    assert made.source_format == "pdf"
    request.payload = OLE
    assert "OLE" in refusal(lambda: documents.CreateDocument(request, metadata=METADATA)).message


def instant(documents: DocumentServiceStub) -> None:
    """Read an instant, find the document by it, and not by the next nanosecond."""
    wanted = "Notes on the Analytical Engine"

    def listed(after: Timestamp | None = None) -> list[Timestamp]:
        request = documents_pb.ListDocumentsRequest(title_contains=wanted)
        if after is not None:
            request.created.CopyFrom(documents_pb.TimestampFilter(after=after))
        return [each.created_at for each in documents.ListDocuments(request, metadata=METADATA).items]

    (created,) = listed()
    assert created.nanos == NANOSECONDS
    assert listed(created) == [created]
    assert listed(Timestamp(seconds=created.seconds, nanos=created.nanos + 1)) == []


if __name__ == "__main__":
    main()
