"""`triptych serve --one-port`: Envoy with the server inside, as processes of their own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import select
import signal
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import grpc
import httpx
import pytest
from google.protobuf.message_factory import GetMessageClass

from support.generated import contract
from support.http2 import call, frame
from support.ports import listening_ports, sockets_of
from tools import drain_test
from tools.certificates import make_certificates
from tools.processes import clean_environment
from triptych.transport.sockets import addresses, bracketed
from triptych_api.gitpod.v1.project_service_pb import GetProjectRequest
from triptych_api.grpc.testing.messages_pb import ResponseParameters, StreamingOutputCallRequest
from triptych_client import AsyncClient, NotFoundError

TRIPTYCH = str(Path(sys.executable).parent / "triptych")
TOKEN = {"authorization": "Bearer start-token-of-tests"}
CONFORMANCE = "connectrpc.conformance.v1.ConformanceService"
GET_USER = "gitpod.v1.UserService/GetAuthenticatedUser"
SECONDS = 60


@dataclass(frozen=True)
class Served:
    process: asyncio.subprocess.Process
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def envoy(self) -> int:
        """Return the id of the process of Envoy."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0])


Serve = Callable[..., Awaitable[Served]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    started: list[asyncio.subprocess.Process] = []

    async def starter(*arguments: str, log: bool = False) -> Served:
        process = await asyncio.create_subprocess_exec(
            *(
                TRIPTYCH,
                "serve",
                "--one-port",
                "--token",
                "start-token-of-tests",
                "--http-port",
                "0",
                *arguments,
            ),
            env=clean_environment(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE if log else None,
        )
        started.append(process)
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), SECONDS)).decode()
        return Served(process, int(re.findall(r":(\d+)\n", line)[0]))

    yield starter
    for process in started:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def has_ended(pid: int) -> bool:
    """Wait until a process, which is no child of ours, has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    ready, _, _ = await asyncio.to_thread(select.select, [descriptor], [], [], SECONDS)
    os.close(descriptor)
    return bool(ready)


async def test_one_port_speaks_every_protocol(serve: Serve) -> None:
    served = await serve()
    async with httpx.AsyncClient(base_url=served.url, headers=TOKEN, trust_env=False) as http:
        documents = await http.get("/v1beta/documents")
        assert documents.json()["items"] == []
        user = await http.post(f"/{GET_USER}", json={})
        assert user.json()["user"]["name"] == "Administrator"
        assert user.http_version == "HTTP/1.1"
        web = await http.post(
            f"/{GET_USER}", content=b"\0\0\0\0\0", headers={"content-type": "application/grpc-web"}
        )
        assert b"grpc-status: 0" in web.content
    async with httpx.AsyncClient(http1=False, http2=True, headers=TOKEN, trust_env=False) as http:
        user = await http.post(f"{served.url}/{GET_USER}", json={})
        assert user.http_version == "HTTP/2"
        assert user.json()["user"]["name"] == "Administrator"
    async with grpc.aio.insecure_channel(f"127.0.0.1:{served.port}") as channel:
        response = GetMessageClass(contract().method(GET_USER).output_type)
        rpc = channel.unary_unary(f"/{GET_USER}", response_deserializer=response.FromString)
        reply = await rpc(b"", metadata=tuple(TOKEN.items()))
        assert reply.user.name == "Administrator"
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await rpc(b"", metadata=(("authorization", "Bearer wrong"),))
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize("protocol", ["connect", "grpc-web"])
async def test_http_3(serve: Serve, tmp_path: Path, protocol: Literal["connect", "grpc-web"]) -> None:
    files = make_certificates(tmp_path)
    served = await serve("--tls-cert", str(files.cert), "--tls-key", str(files.key))
    async with AsyncClient(
        f"https://127.0.0.1:{served.port}",
        token="start-token-of-tests",
        protocol=protocol,
        http_version="3",
        tls_ca=files.ca,
    ) as client:
        reply = await client.users.get_authenticated_user()
        assert reply.user is not None
        assert reply.user.name == "Administrator"
        with pytest.raises(NotFoundError) as refused:
            await client.projects.get_project(GetProjectRequest(project_id=str(uuid4())))
        assert refused.value.request_id.startswith("req_")


async def test_a_running_call_is_finished_when_it_stops(serve: Serve) -> None:
    served = await serve("--conformance")
    envoy = served.envoy()
    delayed = {"responseDefinition": {"responseDelayMs": 500, "responseData": "eA=="}}
    async with httpx.AsyncClient(trust_env=False, timeout=SECONDS) as http:
        running = asyncio.create_task(http.post(f"{served.url}/{CONFORMANCE}/Unary", json=delayed))
        # Answered after the one before was taken: Envoy has it.
        await http.post(f"{served.url}/{CONFORMANCE}/Unary", json={})
        served.process.terminate()
        reply = await running
    assert reply.json()["payload"]["data"] == "eA=="
    assert await asyncio.wait_for(served.process.wait(), SECONDS) == 0
    assert await has_ended(envoy)


async def test_no_envoy_is_left_behind_when_the_server_is_killed(serve: Serve) -> None:
    served = await serve()
    envoy = served.envoy()
    served.process.send_signal(signal.SIGKILL)
    assert await has_ended(envoy)


async def test_nothing_is_left_behind_when_the_server_is_killed(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    served = await serve()
    (folder,) = entries(tmp_path)
    assert folder.lstat().st_mode & 0o077 == 0
    envoy = served.envoy()
    served.process.send_signal(signal.SIGKILL)
    assert await has_ended(envoy)
    assert entries(tmp_path) == []


async def test_the_admin_interface_is_for_its_user_only_and_does_little(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    served = await serve()
    assert set(listening_ports(served.envoy())) == {served.port}
    assert own_abstract_sockets(served.envoy()) == []
    (folder,) = entries(tmp_path)
    assert folder.lstat().st_mode & 0o077 == 0
    admin = httpx.AsyncHTTPTransport(uds=str(folder / "admin"))
    async with httpx.AsyncClient(transport=admin, base_url="http://envoy") as http:
        for path in ("quitquitquit", "logging", "reset_counters", "healthcheck/fail"):
            assert (await http.post(f"/{path}")).status_code == 403
        for path in ("", "config_dump", "certs", "server_info"):
            assert (await http.get(f"/{path}")).status_code == 403
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(f"{served.url}/healthz")).status_code == 200


async def test_it_tells_clients_to_go_away_and_then_refuses_them(serve: Serve) -> None:
    served = await serve("--drain-seconds", "2")
    envoy = served.envoy()
    async with httpx.AsyncClient(base_url=served.url, trust_env=False) as http:
        kept = await http.get("/readyz")
        assert (kept.status_code, "connection" in kept.headers) == (200, False)
        served.process.terminate()
        async with asyncio.timeout(SECONDS):
            while (last := await http.get("/readyz")).status_code == 200:
                pass
            assert last.headers["connection"] == "close"
            user = await http.post(f"/{GET_USER}", json={}, headers=TOKEN)
            assert (user.status_code, user.headers["connection"]) == (200, "close")
            with pytest.raises(httpx.ConnectError):
                while True:
                    await http.get("/healthz", timeout=SECONDS)
    assert await asyncio.wait_for(served.process.wait(), SECONDS) == 0
    assert await has_ended(envoy)


async def test_streams_that_nobody_reads_do_not_keep_it_alive(serve: Serve) -> None:
    served = await serve("--conformance", "--shutdown-grace", "0.5")
    parameters = [ResponseParameters(size=1_000_000)] * 100
    request = StreamingOutputCallRequest(response_parameters=parameters).to_binary()
    body = b"\0" + len(request).to_bytes(4, "big") + request
    head = (
        "POST /grpc.testing.TestService/StreamingOutputCall HTTP/1.1\r\nhost: x\r\n"
        f"content-type: application/connect+proto\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    writers = []
    for _ in range(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port, limit=1024)
        writer.write(head.encode() + body)
        await reader.readline()
        writers.append(writer)
    served.process.terminate()
    assert await asyncio.wait_for(served.process.wait(), SECONDS) == 0
    for writer in writers:
        writer.transport.abort()


@pytest.mark.parametrize("host", ["localhost", "0.0.0.0", "[::]"])
async def test_a_name_stands_for_all_of_its_addresses(serve: Serve, host: str) -> None:
    served = await serve("--http-host", host)
    for address in addresses("localhost"):
        url = f"http://{bracketed(address)}:{served.port}/healthz"
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await http.get(url)).status_code == 200


def entries(folder: Path) -> list[Path]:
    """Return what is in a folder."""
    return list(folder.iterdir())


def own_abstract_sockets(pid: int) -> list[str]:
    """Return the names of the sockets of a process that any user of the machine could reach."""
    rows = [row.split() for row in Path(f"/proc/{pid}/net/unix").read_text().splitlines()[1:]]
    own = sockets_of(pid)
    return [row[7] for row in rows if len(row) > 7 and row[7].startswith("@") and f"socket:[{row[6]}]" in own]


async def call_line(log: asyncio.StreamReader) -> dict[str, Any]:
    """Return the line of the first call; the server tells of itself before."""
    while True:
        line: dict[str, Any] = json.loads(await asyncio.wait_for(log.readline(), SECONDS))
        if line["message"] == "call":
            return line


@pytest.mark.parametrize("timeout", ["", "connect-timeout-ms: 300\r\n"], ids=["gone", "late"])
async def test_a_client_that_reads_nothing_and_leaves_is_no_error(serve: Serve, timeout: str) -> None:
    served = await serve("--conformance", "--log-format", "json", log=True)
    parameters = [ResponseParameters(size=1_000_000)] * 100
    request = StreamingOutputCallRequest(response_parameters=parameters).to_binary()
    body = b"\0" + len(request).to_bytes(4, "big") + request
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port, limit=1024)
    writer.write(
        f"POST /grpc.testing.TestService/StreamingOutputCall HTTP/1.1\r\nhost: x\r\n{timeout}"
        f"content-type: application/connect+proto\r\ncontent-length: {len(body)}\r\n\r\n".encode()
        + body
    )
    await reader.readline()
    log = served.process.stderr
    assert log is not None
    if not timeout:
        writer.transport.abort()
    line = await call_line(log)
    assert (line["message"], line["code"]) == ("call", "deadline_exceeded" if timeout else "canceled")
    writer.transport.abort()
    served.process.terminate()
    assert (await asyncio.wait_for(log.read(), SECONDS)) == b""


async def test_it_ends_when_envoy_does(serve: Serve) -> None:
    served = await serve()
    os.kill(served.envoy(), signal.SIGKILL)
    assert await asyncio.wait_for(served.process.wait(), SECONDS) == 1


async def test_a_port_that_is_taken_is_refused(serve: Serve) -> None:
    first = await serve()
    process = await asyncio.create_subprocess_exec(
        *(TRIPTYCH, "serve", "--one-port", "--http-port", str(first.port)),
        env=clean_environment(),
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await asyncio.wait_for(process.communicate(), SECONDS)
    assert process.returncode == 1
    assert err.decode() == f"triptych: cannot serve HTTP on 127.0.0.1:{first.port}: Address already in use\n"


async def test_a_seed_file_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text("users: [{nickname: x}]")
    process = await asyncio.create_subprocess_exec(
        *(TRIPTYCH, "serve", "--one-port", "--http-port", "0", "--seed", str(seed)),
        env=clean_environment(),
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await asyncio.wait_for(process.communicate(), SECONDS)
    assert process.returncode == 1
    assert "nickname" in err.decode()
    assert "Traceback" not in err.decode()


async def test_a_client_without_a_certificate_never_gets_in(serve: Serve, tmp_path: Path) -> None:
    files = make_certificates(tmp_path)
    served = await serve(
        *("--tls-cert", str(files.cert), "--tls-key", str(files.key), "--tls-client-ca", str(files.ca))
    )
    context = ssl.create_default_context(cafile=str(files.ca))
    url = f"https://127.0.0.1:{served.port}/{GET_USER}"
    async with httpx.AsyncClient(verify=context, trust_env=False) as http:
        with pytest.raises((httpx.TransportError, ssl.SSLError)):
            await http.post(url, json={}, headers=TOKEN)
    context.load_cert_chain(files.cert, files.key)
    async with httpx.AsyncClient(verify=context, trust_env=False) as http:
        assert (await http.post(url, json={}, headers=TOKEN)).status_code == 200
    # HTTP/3 cannot ask for certificates: nothing listens for it.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", served.port))


async def test_grpc_errors_before_the_first_message_are_trailers_only(serve: Serve) -> None:
    target = f"127.0.0.1:{(await serve()).port}"
    grpc_type = (b"content-type", b"application/grpc")
    token = (b"authorization", TOKEN["authorization"].encode())
    user, body = f"/{GET_USER}", frame(b"")
    served = await call(target, user, body, [grpc_type, token])
    assert (served.headers[b"grpc-status"], served.only_headers) == (b"0", False)
    capitals = await call(target, user, body, [(b"content-type", b"Application/GRPC;x=1"), token])
    assert capitals.headers[b"grpc-status"] == b"0"
    refused = {
        "no token": (await call(target, user, body, [grpc_type]), b"16"),
        "no te": (await call(target, user, body, [grpc_type, token], te=b""), b"3"),
        "unknown": (await call(target, "/no.Such/Method", body, [grpc_type, token]), b"12"),
        "timeout": (await call(target, user, body, [grpc_type, token, (b"grpc-timeout", b"")]), b"3"),
        "coding": (await call(target, user, body, [grpc_type, token, (b"grpc-encoding", b"x")]), b"12"),
    }
    for case, (answer, status) in refused.items():
        assert (answer.headers[b"grpc-status"], answer.only_headers) == (status, True), case
        assert answer.headers[b"grpc-message"], case
        assert answer.headers[b"x-request-id"], case
    assert b"te: trailers" in refused["no te"][0].headers[b"grpc-message"]
    assert refused["coding"][0].headers[b"grpc-accept-encoding"] == b"gzip, br, zstd"


async def test_a_header_that_nobody_reads_may_hold_any_bytes(serve: Serve) -> None:
    served = await serve()
    odd = (b"x-forwarded-user", b"Jos\xe9")
    token = (b"authorization", TOKEN["authorization"].encode())
    for media_type in (b"application/grpc", b"application/grpc-web"):
        headers = [(b"content-type", media_type), token, odd]
        answer = await call(f"127.0.0.1:{served.port}", f"/{GET_USER}", frame(b""), headers)
        assert answer.headers[b":status"] == b"200"
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"{served.url}/v1beta/documents", headers=[token, odd])
        assert answer.status_code == 200


async def test_grpc_over_http_1_1_is_refused(serve: Serve) -> None:
    served = await serve()
    async with httpx.AsyncClient(trust_env=False) as http:
        headers = {"content-type": "application/grpc", "te": "trailers", **TOKEN}
        refused = await http.post(f"{served.url}/{GET_USER}", content=frame(b""), headers=headers)
    assert refused.status_code == 415
    assert "gRPC needs HTTP/2" in refused.json()["message"]


async def test_http_1_0(serve: Serve) -> None:
    served = await serve()
    info = "grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
    for path, body, end in (
        (GET_USER, frame(b""), b"grpc-status: 0\r\n"),
        (info, frame(b"\x3a\0"), b"grpc-status: 0\r\n"),
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        lines = (
            f"POST /{path} HTTP/1.0",
            "Content-Type: application/grpc-web",
            f"Authorization: {TOKEN['authorization']}",
            f"Content-Length: {len(body)}",
        )
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head, _, content = (await asyncio.wait_for(reader.read(), SECONDS)).partition(b"\r\n\r\n")
        writer.close()
        assert b" 200 " in head
        assert b"chunked" not in head
        assert content.endswith(end)


async def test_developer_mode_takes_calls_of_this_machine(serve: Serve) -> None:
    served = await serve("--dev")
    headers = [(b"content-type", b"application/grpc"), (b"authorization", b"Bearer any")]
    target, path, body = f"127.0.0.1:{served.port}", f"/{GET_USER}", frame(b"")
    assert (await call(target, path, body, headers)).headers[b"grpc-status"] == b"0"
    rebound = await call(target, path, body, headers, authority="attacker.example")
    assert rebound.headers[b"grpc-status"] == b"7"
    assert b"not this machine" in rebound.headers[b"grpc-message"]
    foreign = await call(target, path, body, [*headers, (b"origin", b"http://attacker.example")])
    assert foreign.headers[b"grpc-status"] == b"7"
    async with httpx.AsyncClient(trust_env=False, http1=False, http2=True) as http:
        answer = await http.post(f"{served.url}/{GET_USER}", json={}, headers={**TOKEN, "host": "evil.test"})
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


async def test_no_call_is_lost_when_it_stops_under_load(tmp_path: Path) -> None:
    outcome = await asyncio.to_thread(drain_test.run, tmp_path, "--one-port")
    assert (outcome.seen.lost, outcome.unanswered, outcome.code) == ({}, 0, 0)
    assert outcome.executed
