from __future__ import annotations

import pytest

from triptych.rpc.methods import BindingsError, CallsPerMinute, ServiceBinding, method_table
from triptych_api.gitpod.v1 import project_service_pb, user_service_pb

USERS = user_service_pb.desc().services[0]
PROJECTS = project_service_pb.desc().services[0]


class Everything:
    """Has every method."""

    def __getattr__(self, name: str) -> object:
        return name


def test_the_table_holds_what_the_descriptors_say() -> None:
    table = method_table([ServiceBinding(desc=USERS, implementation=Everything(), needs_token=False)])
    method = table["/gitpod.v1.UserService/GetPersonalAccessToken"]
    assert method.function == "get_personal_access_token"  # type: ignore[comparison-overlap]
    assert (method.service, method.name, method.kind) == (
        "gitpod.v1.UserService",
        "GetPersonalAccessToken",
        "unary",
    )
    assert method.input is user_service_pb.GetPersonalAccessTokenRequest
    assert method.output is user_service_pb.GetPersonalAccessTokenResponse
    assert method.no_side_effects
    assert not method.needs_token
    assert not table["/gitpod.v1.UserService/DeletePersonalAccessToken"].no_side_effects


def test_every_rpc_without_an_implementation_is_listed() -> None:
    bindings = [ServiceBinding(desc=desc, implementation=object()) for desc in (USERS, PROJECTS)]
    with pytest.raises(BindingsError) as caught:
        method_table(bindings)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(USERS.methods) + len(PROJECTS.methods)
    assert "gitpod.v1.UserService.GetUser: object.get_user does not exist" in lines


def test_what_a_binding_says_of_rpcs_is_theirs() -> None:
    limits = CallsPerMinute(calls=2, creations=1)
    creates = frozenset({"CreatePersonalAccessToken"})
    binding = ServiceBinding(desc=USERS, implementation=Everything(), creates=creates, limits=limits)
    table = method_table([binding, ServiceBinding(desc=PROJECTS, implementation=Everything())])
    assert {path for path, method in table.items() if method.creates} == {
        "/gitpod.v1.UserService/CreatePersonalAccessToken"
    }
    assert {method.service for method in table.values() if method.limits} == {"gitpod.v1.UserService"}


def test_bindings_that_make_no_sense_are_all_told() -> None:
    odd = ServiceBinding(
        desc=USERS,
        implementation=Everything(),
        needs_token=False,
        creates=frozenset({"CreateProject"}),
        limits=CallsPerMinute(calls=2, creations=1),
    )
    with pytest.raises(BindingsError) as caught:
        method_table([odd, ServiceBinding(desc=USERS, implementation=Everything())])
    lines = str(caught.value).splitlines()
    assert lines[:2] == [
        "gitpod.v1.UserService: creates names CreateProject, which is no rpc of it",
        "gitpod.v1.UserService: limits are for each caller, and callers are not known without a token",
    ]
    assert lines[2:] == [f"gitpod.v1.UserService.{desc.name}: is bound twice" for desc in USERS.methods]
