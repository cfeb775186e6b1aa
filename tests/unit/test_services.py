"""The list of services, compared with what others say that there is."""

from __future__ import annotations

from dataclasses import fields, replace

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from support import generated
from triptych.rpc.methods import ServiceTraits
from triptych.services import CONFORMANCE, DISCOVERY, PUBLISHED, listed
from triptych_client import AsyncClient, Client


def names(*services: ServiceTraits) -> list[str]:
    return [service.desc.type_name for service in services]


def test_the_published_services_are_those_of_the_contract() -> None:
    contract = FileDescriptorSet.FromString(generated.DESCRIPTOR_SET.read_bytes())
    declared = {f"{file.package}.{service.name}" for file in contract.file for service in file.service}
    assert sorted(names(*PUBLISHED)) == sorted(declared)


def test_what_suites_call_is_there_on_demand_only() -> None:
    assert names(*listed()) == names(*PUBLISHED, *DISCOVERY)
    assert set(names(*listed(conformance=True))) - set(names(*listed())) == set(names(*CONFORMANCE))


def test_only_what_tells_of_the_server_needs_no_token() -> None:
    assert {service.desc.type_name for service in listed() if not service.needs_token} == {*names(*DISCOVERY)}


def test_a_client_has_an_attribute_for_each_published_service() -> None:
    with Client(token="") as client:
        found = {kind.__name__: name for name, value in vars(client).items() for kind in type(value).__mro__}
    for service in PUBLISHED:
        attribute = found[service.desc.name]
        assert service.desc.name.lower().startswith(attribute.removesuffix("s"))


async def test_so_has_a_client_for_asyncio() -> None:
    async with AsyncClient(token="") as client:
        found = {kind.__name__ for value in vars(client).values() for kind in type(value).__mro__}
    assert {f"Async{service.desc.name}" for service in PUBLISHED} <= found


def test_a_binding_is_as_its_line_says() -> None:
    class Parts:
        health = object()

    service = replace(DISCOVERY[0], creates=frozenset({"Check"}), rest_dialect="documents")
    binding = service.bind(Parts)  # type: ignore[arg-type] # it has what this one takes
    assert binding.implementation is Parts.health
    for each in fields(ServiceTraits):
        assert getattr(binding, each.name) == getattr(service, each.name)
