"""A typed client for users, projects and documents over Connect, gRPC-Web and gRPC.

All projects, for example:

    with Client("http://127.0.0.1:8080", token="...") as client:
        for project in client.projects.iter_projects():
            print(project.metadata.name)
"""

from triptych_client.client import DEFAULT_URL, AsyncClient, Client
from triptych_client.errors import (
    AbortedError,
    AlreadyExistsError,
    ApiError,
    CanceledError,
    DataLossError,
    DeadlineExceededError,
    ErrorCode,
    FailedPreconditionError,
    InternalError,
    InvalidArgumentError,
    NotFoundError,
    OutOfRangeError,
    PermissionDeniedError,
    ResourceExhaustedError,
    UnauthenticatedError,
    UnavailableError,
    UnimplementedError,
    UnknownError,
    Violation,
)
from triptych_client.metadata import HeaderItems, Metadata
from triptych_client.retry import RetryPolicy, Timing

__all__ = [
    "DEFAULT_URL",
    "AbortedError",
    "AlreadyExistsError",
    "ApiError",
    "AsyncClient",
    "CanceledError",
    "Client",
    "DataLossError",
    "DeadlineExceededError",
    "ErrorCode",
    "FailedPreconditionError",
    "HeaderItems",
    "InternalError",
    "InvalidArgumentError",
    "Metadata",
    "NotFoundError",
    "OutOfRangeError",
    "PermissionDeniedError",
    "ResourceExhaustedError",
    "RetryPolicy",
    "Timing",
    "UnauthenticatedError",
    "UnavailableError",
    "UnimplementedError",
    "UnknownError",
    "Violation",
]
