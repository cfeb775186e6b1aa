"""Instants keep their nanoseconds from end to end, in the same forms over every transport."""

from __future__ import annotations

import httpx
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from conftest import Server
from support.api import ConnectTransport, Transport
from support.calls import SERVICE
from support.failures import fails
from support.http import new_http_client
from support.world import World

FIRST, LAST = -62_135_596_800, 253_402_300_799  # 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z
PATH = f"/{SERVICE}/Time"

ACCEPTED = {
    "2026-11-21T03:18:00Z": "2026-11-21T03:18:00Z",
    "2026-11-21T03:18:00+00:00": "2026-11-21T03:18:00Z",
    "2026-11-21T03:18:00-00:00": "2026-11-21T03:18:00Z",
    "2026-11-21T05:48:00+02:30": "2026-11-21T03:18:00Z",
    "2026-11-20T03:19:00-23:59": "2026-11-21T03:18:00Z",
    "2026-11-22T03:17:00+23:59": "2026-11-21T03:18:00Z",
    "2026-11-21T03:18:00.1Z": "2026-11-21T03:18:00.100Z",
    "2026-11-21T03:18:00.120Z": "2026-11-21T03:18:00.120Z",
    "2026-11-21T03:18:00.1234Z": "2026-11-21T03:18:00.123400Z",
    "2026-11-21T03:18:00.000001Z": "2026-11-21T03:18:00.000001Z",
    "2026-11-21T03:18:00.0000001Z": "2026-11-21T03:18:00.000000100Z",
    "2026-11-21T03:18:00.123456789Z": "2026-11-21T03:18:00.123456789Z",
    "2024-02-29T23:59:59.999999999Z": "2024-02-29T23:59:59.999999999Z",
    "1969-12-31T23:59:59.5Z": "1969-12-31T23:59:59.500Z",
    "0001-01-01T00:00:00Z": "0001-01-01T00:00:00Z",
    "0001-01-01T01:00:00+01:00": "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z": "9999-12-31T23:59:59.999999999Z",
    "9999-12-31T22:59:59-01:00": "9999-12-31T23:59:59Z",
}
REFUSED = [
    "",
    "now",
    "2026-11-21",
    "2026-11-21T03:18:00",
    "2026-11-21 03:18:00Z",
    "2026-11-21t03:18:00Z",
    "2026-11-21T03:18:00z",
    "2026-11-21T03:18Z",
    "2026-11-21T03:18:60Z",
    "2026-11-21T24:00:00Z",
    "2026-11-21T03:18:00.Z",
    "2026-11-21T03:18:00.1234567890Z",
    "2026-11-21T03:18:00,5Z",
    "2026-11-21T03:18:00+0200",
    "2026-11-21T03:18:00+24:00",
    "2026-13-01T00:00:00Z",
    "2025-02-29T00:00:00Z",
    "0000-12-31T23:59:59Z",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "10000-01-01T00:00:00Z",
    " 2026-11-21T03:18:00Z",
    "2026-11-21T03:18:00Z\n",
    "\uff12\uff1026-11-21T03:18:00Z",
]


async def over_json(server: Server, text: str) -> httpx.Response:
    async with new_http_client(base_url=server.http) as http:
        return await http.post(PATH, json=text)


async def over(transport: Transport, seconds: int, nanos: int) -> Timestamp:
    message = Timestamp(seconds=seconds, nanos=nanos)
    reply, _ = await transport.call(SERVICE, "Time", message, Timestamp, {}, None)
    return reply


@pytest.mark.parametrize(("given", "printed"), ACCEPTED.items())
async def test_what_is_accepted_and_how_it_is_printed(server: Server, given: str, printed: str) -> None:
    response = await over_json(server, given)
    assert response.json() == printed
    again = await over_json(server, printed)
    assert again.json() == printed


@pytest.mark.parametrize("text", REFUSED)
async def test_what_is_refused(server: Server, text: str) -> None:
    response = await over_json(server, text)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_argument")


@given(seconds=st.integers(FIRST, LAST), nanos=st.integers(0, 999_999_999))
async def test_every_instant_comes_back(transport: Transport, seconds: int, nanos: int) -> None:
    reply = await over(transport, seconds, nanos)
    assert (reply.seconds, reply.nanos) == (seconds, nanos)


@pytest.mark.parametrize(
    ("seconds", "nanos"), [(FIRST - 1, 0), (LAST + 1, 0), (0, -5), (0, 1_000_000_000), (-(2**60), 0)]
)
async def test_ill_formed_binary_is_refused(transport: Transport, seconds: int, nanos: int) -> None:
    if isinstance(transport, ConnectTransport) and transport.codec == "json":
        return  # its JSON form cannot be written
    await fails("invalid_argument", over(transport, seconds, nanos))


@pytest.mark.parametrize("instant", [FIRST * 10**9, -1, 0, 1, LAST * 10**9 + 999_999_999])
async def test_stored_instants_are_read_to_the_nanosecond(world: World, instant: int) -> None:
    ada = world.users["ada"]
    api = await world.as_(ada)
    await world.put(
        "users", type(ada)(**{**{n: getattr(ada, n) for n in ada.__slots__}, "created_at": instant})
    )
    assert (await api.GetAuthenticatedUser()).user.created_at.ToNanoseconds() == instant
