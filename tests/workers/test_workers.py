"""`triptych serve --workers`: several processes that serve as one."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from pathlib import Path

import grpc
import pytest

from cli.processes import run
from support.http import new_http_client
from tools import drain_test
from triptych_api.gitpod.v1.user_service_pb import GetAuthenticatedUserRequest
from workers.servers import SECONDS, TOKEN, Workers, serving, until

pytestmark = pytest.mark.process

_CALLS = "triptych_calls_total"
_GET = "/gitpod.v1.UserService/GetAuthenticatedUser"


def store_in(folder: Path) -> str:
    return f"sqlite:{folder / 'store.db'}"


async def until_gone(process: int) -> None:
    async def gone() -> bool:
        return not Path(f"/proc/{process}").exists()

    await until(gone)


async def test_workers_serve_as_one(tmp_path: Path) -> None:
    with serving(tmp_path, store_in(tmp_path)) as server:
        async with server.connections() as connections:
            before = await server.metric(_CALLS, method=_GET, transport="connect")
            for connection in connections.values():
                for _ in range(5):
                    assert (await connection.get_user()).status_code == 200
            async with new_http_client(base_url=server.http) as http:
                assert (await http.get("/readyz")).text == "ok\nstore: sqlite\nworkers: 2 of 2\n"

            async def all_counted() -> bool:  # each tells what it has told within a second
                return await server.metric(_CALLS, method=_GET, transport="connect") == before + 10

            await until(all_counted)
        assert await server.metric("triptych_workers") == 2
        options = [("grpc.use_local_subchannel_pool", 1)]
        answered: set[int] = set()
        for number in range(50):
            async with grpc.aio.insecure_channel(server.grpc, options=options) as channel:
                call = channel.unary_unary(_GET)
                metadata = (("authorization", f"Bearer {TOKEN}"), ("x-request-id", f"grpc-{number}"))
                await call(GetAuthenticatedUserRequest().to_binary(), metadata=metadata)
            answered.add(await server.worker_of(f"grpc-{number}"))
            if answered == {1, 2}:
                break
        assert answered == {1, 2}
        assert {line.get("worker") for line in server.log if line["message"] == "call"} == {1, 2}
        rest = server.started.process.stdout
        assert server.started.stop() == 0
        assert rest is not None
        assert rest.read().count("is kept in sqlite") == 1  # its first line is read already


async def test_a_worker_that_is_killed_is_started_again_and_the_others_go_on(tmp_path: Path) -> None:
    with serving(tmp_path, store_in(tmp_path)) as server:
        async with server.connections() as connections:
            counted = await server.metric(_CALLS)
            assert counted >= 2
            [victim] = server.processes(1)
            ended = asyncio.Event()
            calls: Counter[int] = Counter()

            async def call() -> None:
                while not ended.is_set():
                    calls[(await connections[2].get_user()).status_code] += 1

            calling = asyncio.create_task(call())
            os.kill(victim, signal.SIGKILL)
            await server.until(r"worker 1 has ended by SIGKILL; worker 1 is started again")
            await server.until(r"worker 1 \(process \d+\) serves", times=2)
            ended.set()
            await calling
            assert set(calls) == {200}
            assert server.processes(1)[-1] != victim
        async with server.connections() as connections:
            assert (await connections[1].get_user()).status_code == 200
        assert await server.metric(_CALLS) >= counted
        assert await server.metric("triptych_worker_restarts_total") == 1
        assert server.started.stop() == 0


async def test_a_worker_that_is_told_to_stop_is_replaced(tmp_path: Path) -> None:
    with serving(tmp_path, store_in(tmp_path)) as server:
        os.kill(server.processes(2)[0], signal.SIGTERM)
        await server.until(r"worker 2 has ended; worker 2 is started again")
        await server.until(r"worker 2 \(process \d+\) serves", times=2)
        assert server.started.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
async def test_signals_end_all_with_0(tmp_path: Path, number: signal.Signals) -> None:
    with serving(tmp_path, store_in(tmp_path)) as server:
        server.started.process.send_signal(number)
        assert await asyncio.to_thread(server.started.process.wait, SECONDS) == 0
        for worker in (1, 2):
            await until_gone(server.processes(worker)[0])


async def test_workers_end_by_themselves_when_the_supervisor_is_gone(tmp_path: Path) -> None:
    with serving(tmp_path, store_in(tmp_path)) as server:
        processes = [*server.processes(1), *server.processes(2)]
        for process in processes:
            arguments = Path(f"/proc/{process}/cmdline").read_bytes()
            assert b"triptych.workers.worker" in arguments
            for secret in (TOKEN, "store.db"):  # the name of a store may have a password
                assert secret.encode() not in arguments
        server.started.process.kill()
        for process in processes:
            await until_gone(process)


async def test_no_call_is_lost_when_workers_stop_under_load(tmp_path: Path) -> None:
    flags = ("--workers", "2", "--store", store_in(tmp_path))
    outcome = await asyncio.to_thread(drain_test.run, tmp_path, *flags)
    assert (outcome.seen.lost, outcome.unanswered, outcome.code) == ({}, 0, 0)
    assert outcome.executed


async def test_a_limit_of_a_rate_holds_over_all_workers_and_servers(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    with serving(tmp_path, store, "--rate-limit") as one, serving(tmp_path, store, "--rate-limit") as other:
        admitted: Counter[str] = Counter()
        minutes = set()

        async def create(server: Workers) -> None:
            async with server.connections() as connections:
                for number in range(60):
                    path = "/factify.api.v1beta.DocumentService/CreateDocument"
                    body = {"title": "x", "payload": "IyBB", "fileName": "a.md"}
                    response = await connections[1 + number % 2].post(path, body)
                    minute = response.headers["x-ratelimit-reset"]
                    minutes.add(minute)
                    admitted[minute] += response.status_code == 200
                    assert response.status_code in (200, 429), response.text

        await asyncio.gather(create(one), create(other))
        assert max(admitted.values()) <= 100
        if len(minutes) == 1:  # four workers, and each may have some left of a part
            assert admitted.total() >= 100 - 3 * 7


async def test_a_port_that_is_taken_ends_it_with_1(tmp_path: Path) -> None:
    with serving(tmp_path, store_in(tmp_path)) as server:
        http, grpc_port = (address.rpartition(":")[2] for address in (server.http, server.grpc))
        for taken, ports in (
            (http, ("--http-port", http, "--grpc-port", "0")),
            (grpc_port, ("--http-port", "0", "--grpc-port", grpc_port)),
        ):
            ran = await run("serve", *ports, "--workers", "2", "--store", f"sqlite:{tmp_path / 'other.db'}")
            assert (ran.code, ran.out) == (1, "")
            assert ran.err.endswith(f" on 127.0.0.1:{taken}: Address already in use\n")
            assert ran.err.count("\n") == 1
    assert not (tmp_path / "other.db").exists()


async def test_what_keeps_a_worker_from_serving_is_told_once_and_ends_all(tmp_path: Path) -> None:
    tls = ("--tls-cert", __file__, "--tls-key", __file__)
    ports = ("--http-port", "0", "--grpc-port", "0")
    ran = await run("serve", *ports, *tls, "--workers", "2", "--store", store_in(tmp_path))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("triptych: ")
    assert "--tls-cert" in ran.err
    assert ran.err.count("\n") == 1
