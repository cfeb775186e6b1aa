"""What the tests' own clients know of rpcs."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from support.api import Api
from support.generated import DESCRIPTOR_SET, Contract

SERVICE = "triptych.test.v1.PeopleService"


def people() -> bytes:
    """Return a service of a package that the server has as well, with an rpc that another service has."""
    file = FileDescriptorProto(
        name="triptych/test/v1/people.proto", package="triptych.test.v1", syntax="proto3"
    )
    file.message_type.add(name="Person").field.add(name="name", number=1, type=9, label=1)
    service = file.service.add(name="PeopleService")
    for name in ("GetUser", "GetPerson"):
        kind = ".triptych.test.v1.Person"
        service.method.add(name=name, input_type=kind, output_type=kind)
    return FileDescriptorSet(file=[file]).SerializeToString()


CONTRACT = Contract(DESCRIPTOR_SET.read_bytes(), people())


class Echo:
    """Returns what it is asked."""

    async def call(self, service: str, rpc: str, request: Any, *_: Any) -> tuple[Any, dict[str, str]]:
        return (service, rpc, request), {}


def test_a_name_that_one_service_has_is_enough() -> None:
    assert CONTRACT.method("GetPerson").containing_service.full_name == SERVICE
    assert CONTRACT.request("GetPerson", name="Ada").name == "Ada"


def test_a_name_that_several_services_have_is_refused() -> None:
    with pytest.raises(LookupError, match=r"GetUser is an rpc of gitpod\.v1\.UserService, triptych\.test"):
        CONTRACT.method("GetUser")
    with pytest.raises(LookupError, match="GetNothing is an rpc of no service"):
        CONTRACT.method("GetNothing")


async def test_a_caller_says_which_service_it_means() -> None:
    api = Api(Echo(), None, contract=CONTRACT)
    with pytest.raises(LookupError):
        await api.GetUser()
    service, rpc, request = await api.of(SERVICE).GetUser(name="Ada")
    assert (service, rpc, request.name) == (SERVICE, "GetUser", "Ada")
    service, rpc, request = await api.of("gitpod.v1.UserService").GetUser(user_id="1")
    assert (service, rpc, request.user_id) == ("gitpod.v1.UserService", "GetUser", "1")
