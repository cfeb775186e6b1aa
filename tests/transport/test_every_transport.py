"""What holds for every call, over every transport."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from conftest import Server
from support.api import Api, CallError, Transport
from support.calls import SERVICE
from support.failures import fails
from support.world import World
from triptych.errors import Code


async def unary(transport: Transport, value: str, timeout: float | None = None, **headers: str) -> Any:
    """Call the tests' own unary method; return the response and its headers."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return await transport.call(SERVICE, "Unary", StringValue(value=value), StringValue, named, timeout)


@pytest.mark.parametrize("code", [code.name.lower() for code in Code if code])
async def test_every_code_arrives(transport: Transport, code: str) -> None:
    error = await fails(code, unary(transport, f"code:{code}"))
    assert error.message == "as asked for"
    assert error.detail_types == ["google.rpc.ErrorInfo"]
    assert error.domain == "triptych"


async def test_headers_go_both_ways(transport: Transport) -> None:
    reply, headers = await unary(transport, "hello", x_ask="me")
    assert reply.value == "hello"
    assert headers["x-echo"] == "me"


async def test_the_callers_request_id_comes_back_if_it_is_sane(transport: Transport) -> None:
    _, headers = await unary(transport, "hello", x_request_id="abc-1.2_3")
    assert headers["x-request-id"] == "abc-1.2_3"
    for insane in ("x" * 129, 'a"b', "a b"):
        _, headers = await unary(transport, "hello", x_request_id=insane)
        assert headers["x-request-id"].startswith("req_")
    error = await fails("not_found", unary(transport, "code:not_found", x_request_id="mine"))
    assert error.headers["x-request-id"] == "mine"


async def test_an_unknown_method_is_unimplemented(server: Server, transport: Transport) -> None:
    call = transport.call(SERVICE, "Nothing", StringValue(), StringValue, {"x-request-id": "unknown-1"}, None)
    error = await fails("unimplemented", call)
    assert error.headers["x-request-id"] == "unknown-1"
    line = next(line for line in server.log_text().splitlines() if "unknown-1" in line)
    assert json.loads(line)["code"] == "unimplemented"


async def test_an_unexpected_exception_says_nothing_but_is_logged_in_full(
    server: Server, transport: Transport
) -> None:
    error = await fails("internal", unary(transport, "boom", x_request_id="boom-1"))
    assert error.message == "internal error"
    assert error.headers["x-request-id"] == "boom-1"
    assert "secret inner text" not in repr(vars(error))
    lines = [json.loads(line) for line in server.log_text().splitlines() if "boom-1" in line]
    assert "ZeroDivisionError: secret inner text" in lines[0]["exception"]
    assert "in unary" in lines[0]["exception"]
    assert lines[1]["code"] == "internal"


async def test_a_deadline_cuts_a_call_off(server: Server, transport: Transport) -> None:
    await fails("deadline_exceeded", unary(transport, "sleep", 0.05))
    await fails("deadline_exceeded", unary(transport, "sleep", 0))


async def test_a_call_is_logged_without_secrets(server: Server, world: World) -> None:
    _, secret = await world.token(world.users["max"])
    api = Api(world.transport, secret, {"x-request-id": f"log-{secret[-8:]}"})
    await api.GetAuthenticatedUser()
    log = server.log_text()
    line = json.loads(next(line for line in log.splitlines() if f"log-{secret[-8:]}" in line))
    assert line["method"] == "/gitpod.v1.UserService/GetAuthenticatedUser"
    assert (line["code"], line["caller"]) == ("ok", world.users["max"].id)
    assert line["duration_ms"] > 0
    assert secret not in log


async def test_a_message_over_the_limit_is_refused(max: Api) -> None:
    with pytest.raises(CallError) as caught:
        await max.CreateProject(name="p", initializer={}, technical_description="x" * (4 * 2**20))
    assert caught.value.code == "resource_exhausted"
