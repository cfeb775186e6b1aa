"""The services that are served: the one list of them. What needs to know of services asks here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Final

from protobuf import DescFile, DescService

from triptych.backend import Backend
from triptych.conformance.connect import ConformanceService
from triptych.conformance.interop import TestService
from triptych.discovery.health import HealthService
from triptych.discovery.reflection import AlphaReflectionService, ReflectionService
from triptych.documents.background import RunInBackground
from triptych.documents.service import DocumentService, DocumentSettings
from triptych.projects.service import ProjectService
from triptych.rpc.methods import CallsPerMinute, ServiceBinding, ServiceTraits
from triptych.users.service import UserService
from triptych_api.connectrpc.conformance.v1 import service_pb as conformance_pb
from triptych_api.factify.api.v1beta import document_service_pb
from triptych_api.gitpod.v1 import project_service_pb, user_service_pb
from triptych_api.grpc.health.v1 import health_pb
from triptych_api.grpc.reflection.v1 import reflection_pb
from triptych_api.grpc.reflection.v1alpha import reflection_pb as alpha_reflection_pb
from triptych_api.grpc.testing import test_pb


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What services are made of.

    Attributes:
        backend: What most of them share.
        documents: What documents need to know of the server.
        run_in_background: Runs a coroutine function some time later, and logs what it raises.
        health: The state of the server.
        reflection: What is told of all services that are served.
    """

    backend: Backend
    documents: DocumentSettings
    run_in_background: RunInBackground
    health: HealthService
    reflection: ReflectionService


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(ServiceTraits):
    """A line of the list: a service, and how what implements it is made."""

    make: Callable[[Parts], object]

    def bind(self, parts: Parts) -> ServiceBinding:
        """Make what implements the service."""
        traits = {each.name: getattr(self, each.name) for each in fields(ServiceTraits)}
        return ServiceBinding(implementation=self.make(parts), **traits)


def _first(file: DescFile) -> DescService:
    return file.services[0]


PUBLISHED: Final = (
    Service(desc=_first(user_service_pb.desc()), make=lambda parts: UserService(parts.backend)),
    Service(desc=_first(project_service_pb.desc()), make=lambda parts: ProjectService(parts.backend)),
    Service(
        desc=_first(document_service_pb.desc()),
        make=lambda parts: DocumentService(parts.backend, parts.documents, parts.run_in_background),
        rest_dialect="documents",
        creates=frozenset({"CreateDocument"}),
        limits=CallsPerMinute(calls=1000, creations=100),
    ),
)
"""The services of proto/, for which triptych_client has methods."""

HEALTH: Final = (
    Service(
        desc=_first(health_pb.desc()),
        make=lambda parts: parts.health,
        needs_token=False,
        # Whoever asks decides about the life of the server: that must not depend on how busy it is.
        admissions={"Check": "always", "List": "always", "Watch": "apart"},
    ),
)
"""The service that tells whether calls are taken."""

REFLECTION: Final = (
    Service(
        desc=_first(reflection_pb.desc()),
        make=lambda parts: parts.reflection,
        needs_token=False,
        admissions={"ServerReflectionInfo": "apart"},
    ),
    Service(
        desc=_first(alpha_reflection_pb.desc()),
        make=lambda parts: AlphaReflectionService(parts.reflection),
        needs_token=False,
        admissions={"ServerReflectionInfo": "apart"},
    ),
)
"""The services that tell of services."""

DISCOVERY: Final = (*HEALTH, *REFLECTION)

CONFORMANCE: Final = (
    Service(
        desc=_first(conformance_pb.desc()),
        make=lambda _: ConformanceService(),
        needs_token=False,
        standard_details=False,
    ),
    # The other services of that file must not be there, or are about load balancers.
    Service(
        desc=_first(test_pb.desc()),
        make=lambda _: TestService(),
        needs_token=False,
        standard_details=False,
    ),
)
"""What official suites call. Their errors carry what the request says, and nothing else."""


def listed(*, conformance: bool = False, reflection: bool = True) -> tuple[Service, ...]:
    """Return the services of a server, with those that the suites call if it is to have them."""
    return (
        *PUBLISHED,
        *(CONFORMANCE if conformance else ()),
        *HEALTH,
        *(REFLECTION if reflection else ()),
    )
