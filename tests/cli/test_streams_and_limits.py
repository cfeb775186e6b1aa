"""`triptych serve` where streams are closed or unread, descriptors few, or variables those of a cluster."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import resource
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import grpc
import httpx
import pytest

from cli.processes import CLEAN, SECONDS, TRIPTYCH, Served
from support.http import new_http_client
from support.ports import listening_ports
from triptych.transport.sockets import addresses, bracketed

Serve = Callable[..., Awaitable[Served]]
GET_USER = "/gitpod.v1.UserService/GetAuthenticatedUser"
TOKEN = {"authorization": "Bearer a secret of sixteen"}


@asynccontextmanager
async def serving(shell: str, **streams: int) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Run a server by a shell, which may close or turn its streams; yield it and its URL once it answers."""
    command = f"exec {TRIPTYCH} serve --http-port 0 --grpc-port 0 --token 'a secret of sixteen' {shell}"
    process = await asyncio.create_subprocess_exec("bash", "-c", command, env=CLEAN, **streams)
    try:
        yield process, await url_of(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def url_of(process: asyncio.subprocess.Process) -> str:
    """Wait for a server that may not be able to say where it listens."""
    async with new_http_client() as http, asyncio.timeout(SECONDS):
        while True:
            assert process.returncode is None
            for port in await asyncio.to_thread(listening_ports, process.pid):
                url = f"http://127.0.0.1:{port}"
                with contextlib.suppress(httpx.TransportError):
                    assert (await http.get(f"{url}/healthz")).status_code == 200
                    return url


async def end(process: asyncio.subprocess.Process, number: int = signal.SIGTERM) -> int:
    process.send_signal(number)
    return await asyncio.wait_for(process.wait(), SECONDS)


async def test_hanging_up_ends_it_with_0(serve: Serve) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # it is ignored where the tests run under nohup
    try:
        served = await serve("--token", "a secret of sixteen")
        assert await end(served.process, signal.SIGHUP) == 0
    finally:
        signal.signal(signal.SIGHUP, before)


async def test_under_nohup_it_goes_on_when_its_terminal_hangs_up() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        async with serving("--log-level error >/dev/null 2>&1") as (process, url):
            process.send_signal(signal.SIGHUP)
            async with new_http_client() as http:
                assert (await http.get(f"{url}/readyz")).status_code == 200
            assert await end(process) == 0
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "> /dev/full", "> /dev/full 2>&1"])
async def test_streams_that_are_closed_or_full_do_not_matter(closed: str) -> None:
    streams = {"stdout": asyncio.subprocess.DEVNULL, "stderr": asyncio.subprocess.DEVNULL}
    async with serving(closed, **streams) as (process, url):
        async with new_http_client(base_url=url, headers=TOKEN) as http:
            for _ in range(3):
                assert (await http.post(GET_USER, json={})).status_code == 200
        assert await end(process) == 0


async def test_that_nobody_reads_the_banner_is_logged() -> None:
    async with serving("> /dev/full", stderr=asyncio.subprocess.PIPE) as (process, _):
        assert await end(process) == 0
        assert process.stderr is not None
        assert b"stdout cannot be written to" in await process.stderr.read()


async def test_a_log_that_nobody_reads_does_not_stop_it() -> None:
    reading, writing = os.pipe()
    try:
        async with serving("", stdout=asyncio.subprocess.DEVNULL, stderr=writing) as (process, url):
            async with new_http_client(base_url=url, headers=TOKEN) as http:
                for _ in range(400):  # the pipe takes some 250 lines
                    assert (await http.post(GET_USER, json={}, timeout=SECONDS)).status_code == 200
                assert "triptych_log_lines_dropped_total 0.0" in (await http.get("/metrics")).text
            assert await end(process) == 0
    finally:
        os.close(reading)
        os.close(writing)


async def test_descriptors_that_run_out_are_told_and_come_back() -> None:
    few, many = 230, 400
    log = asyncio.subprocess.PIPE
    # The core of grpcio, uvloop and the server itself hold some.
    async with serving("--log-format json", stdout=asyncio.subprocess.DEVNULL, stderr=log) as (process, url):
        port = int(url.rpartition(":")[2])
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (few, few))
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(many)]
        assert process.stderr is not None
        lines = process.stderr
        assert "cannot take connections: Too many open files" in await line_with(lines, "cannot take")
        for client in clients:
            client.close()
        await line_with(lines, "taking connections again")
        async with new_http_client(base_url=url, headers=TOKEN) as http:
            assert (await http.post(GET_USER, json={})).status_code == 200
        assert await end(process) == 0


async def line_with(stream: asyncio.StreamReader, text: str) -> str:
    async with asyncio.timeout(SECONDS):
        while text not in (line := (await stream.readline()).decode()):
            assert line
    return line


async def test_what_descriptors_allow_is_made_use_of_and_logged(serve: Serve) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = min(hard, 800)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 300), hard))
    try:
        process = await asyncio.create_subprocess_exec(
            *("bash", "-c", f"ulimit -Hn {most}; exec {TRIPTYCH} serve --http-port 0 --grpc-port 0"),
            env=CLEAN,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    try:
        assert process.stderr is not None
        line = json.loads(await line_with(process.stderr, "descriptors"))
        expected = "800 file descriptors (ulimit -n) allow 304 connections on each port"
        assert (line["level"], line["message"]) == ("warning", expected)
        assert resource.prlimit(process.pid, resource.RLIMIT_NOFILE) == (800, 800)
    finally:
        process.kill()
        await process.wait()


async def test_variables_of_a_kubernetes_service_are_no_ports(serve: Serve) -> None:
    variables = {
        "TRIPTYCH_HTTP_PORT": "tcp://10.96.0.1:8080",
        "TRIPTYCH_GRPC_PORT": "tcp://10.96.0.2:50051",
        "TRIPTYCH_HTTP_PORT_8080_TCP": "tcp://10.96.0.1:8080",
        "TRIPTYCH_HTTP_SERVICE_HOST": "10.96.0.1",
    }
    process = await asyncio.create_subprocess_exec(
        *(TRIPTYCH, "serve", "--http-host", "no-such-host.invalid"),
        env=CLEAN | variables,
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await asyncio.wait_for(process.communicate(), SECONDS)
    lines = err.decode().splitlines()
    assert [line.partition(":")[2][:40] for line in lines[:2]] == [
        " TRIPTYCH_HTTP_PORT=tcp://10.96.0.1:8080",
        " TRIPTYCH_GRPC_PORT=tcp://10.96.0.2:5005",
    ]
    assert lines[2].startswith("triptych: cannot serve HTTP on no-such-host.invalid:8080: ")


@pytest.mark.parametrize("host", ["localhost", "0.0.0.0", "[::]"])
async def test_a_host_stands_for_all_of_its_addresses_on_both_ports(serve: Serve, host: str) -> None:
    served = await serve("--token", "a secret of sixteen", "--http-host", host, "--grpc-host", host)
    http_port, grpc_port = re.findall(r":(\d+)[,\n]", served.banner)[:2]
    for address in addresses("localhost"):
        async with new_http_client() as http:
            url = f"http://{bracketed(address)}:{http_port}/healthz"
            assert (await http.get(url)).status_code == 200
        async with grpc.aio.insecure_channel(f"{bracketed(address)}:{grpc_port}") as channel:
            check = channel.unary_unary("/grpc.health.v1.Health/Check")
            assert await check(b"") == b"\x08\x01"
