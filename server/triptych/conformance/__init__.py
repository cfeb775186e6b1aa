"""The services that official suites call; `triptych serve --conformance` mounts them. None needs a token."""

from triptych.conformance.connect import ConformanceService
from triptych.conformance.interop import TestService
from triptych.rpc.methods import ServiceBinding
from triptych_api.connectrpc.conformance.v1 import service_pb
from triptych_api.grpc.testing import test_pb


def conformance_bindings() -> list[ServiceBinding]:
    """Return the services. Their errors carry what the request says, and nothing else."""
    conformance = service_pb.desc().services[0]
    # The other services of that file must not be there, or are about load balancers.
    interop = test_pb.desc().services[0]
    return [
        ServiceBinding(desc=desc, implementation=service, needs_token=False, standard_details=False)
        for desc, service in ((conformance, ConformanceService()), (interop, TestService()))
    ]
