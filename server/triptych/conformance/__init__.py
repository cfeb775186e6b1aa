"""The services that official suites call; `triptych serve --conformance` mounts them. None needs a token."""

from triptych.conformance.connect import ConformanceService
from triptych.rpc.methods import ServiceBinding
from triptych_api.connectrpc.conformance.v1 import service_pb


def conformance_bindings() -> list[ServiceBinding]:
    """Return the services."""
    conformance = service_pb.desc().services[0]
    return [ServiceBinding(desc=conformance, implementation=ConformanceService(), needs_token=False)]
