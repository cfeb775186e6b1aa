"""A client of grpcio and what grpcio-tools generates: prints a line for each thing that went well.

Usage: python client.py ADDRESS, with what was generated on the path.
"""

from __future__ import annotations

import sys

import grpc
from factify.api.v1beta import document_service_pb2 as documents_pb
from factify.api.v1beta import document_service_pb2_grpc as documents
from gitpod.v1 import project_service_pb2 as projects_pb
from gitpod.v1 import project_service_pb2_grpc as projects
from google.rpc import error_details_pb2
from google.rpc.status_pb2 import Status

METADATA = (("authorization", "Bearer triptych-admin-token"),)
CONTENT = bytes(range(1, 128)) + b"\n"
NANOSECOND = 1


def main() -> None:
    """Make the calls."""
    with grpc.insecure_channel(sys.argv[1]) as channel:
        for check in (paged_list, error_details, bytes_and_instant):
            check(channel)
            print(check.__name__)


def paged_list(channel: grpc.Channel) -> None:
    """List all projects, two a page."""
    stub, found, token = projects.ProjectServiceStub(channel), [], ""
    while True:
        request = projects_pb.ListProjectsRequest()
        request.pagination.page_size, request.pagination.token = 2, token
        page = stub.ListProjects(request, metadata=METADATA)
        found += page.projects
        token = page.pagination.next_token
        if not token:
            break
    assert {"Analytical Engine", "Handbook", "Nightly builds"} <= {each.metadata.name for each in found}
    assert len(found) == len({each.id for each in found})


def error_details(channel: grpc.Channel) -> None:
    """Read the field and the reason of an error: `grpc-status-details-bin` holds a google.rpc.Status."""
    try:
        projects.ProjectServiceStub(channel).GetProject(
            projects_pb.GetProjectRequest(project_id="engine"), metadata=METADATA
        )
    except grpc.RpcError as error:
        trailers = dict(error.trailing_metadata())
        status = Status.FromString(trailers["grpc-status-details-bin"])
    bad, info = error_details_pb2.BadRequest(), error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(bad)
    assert status.details[1].Unpack(info)
    assert (bad.field_violations[0].field, info.reason) == ("project_id", "INVALID_ID_FORMAT")


def bytes_and_instant(channel: grpc.Channel) -> None:
    """Send bytes, and find what was made by its instant, to the nanosecond."""
    stub = documents.DocumentServiceStub(channel)
    request = documents_pb.CreateDocumentRequest(title="Bytes", payload=CONTENT, file_name="bytes.md")
    made = stub.CreateDocument(request, metadata=METADATA).document
    listed = documents_pb.ListDocumentsRequest(query="Bytes")
    listed.created.after.CopyFrom(made.created_at)
    listed.created.before.CopyFrom(made.created_at)
    assert [each.id for each in stub.ListDocuments(listed, metadata=METADATA).items] == [made.id]
    listed.created.before.seconds += 1
    listed.created.after.nanos += NANOSECOND
    assert not [each for each in stub.ListDocuments(listed, metadata=METADATA).items if each.id == made.id]


if __name__ == "__main__":
    main()
