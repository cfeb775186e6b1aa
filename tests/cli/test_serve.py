"""`triptych` as a process of its own: what it prints, how it ends, and its tokens."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from cli.processes import ANY_PORT, SECONDS, Served, run
from tools import drain_test


async def test_the_first_start_prints_a_token_that_works(serve: Callable[..., Awaitable[Served]]) -> None:
    served = await serve()
    token = re.search(r"shown only now: (trp_[0-9A-Za-z]{43})\n", served.banner)
    assert token
    assert "lives in memory" in served.banner
    code, out, err = await run("token", "--server", served.url, "--token", token[1], "list")
    assert (code, err) == (0, "")
    assert "made when the server started" in out
    served.process.terminate()
    out_bytes, err_bytes = await asyncio.wait_for(served.process.communicate(), SECONDS)
    assert served.process.returncode == 0
    assert token[1] not in err_bytes.decode()
    limits, line = (json.loads(each) for each in err_bytes.splitlines())
    assert re.fullmatch(r"\d+ file descriptors .* allow \d+ connections on each port", limits["message"])
    assert line["method"] == "/gitpod.v1.UserService/ListPersonalAccessTokens"
    assert out_bytes == b""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux schedules threads by themselves")
async def test_threads_of_grpcio_do_not_preempt_the_event_loop(
    serve: Callable[..., Awaitable[Served]],
) -> None:
    loop = (await serve()).process.pid
    policies = _scheduling_of_threads(loop)
    assert policies.pop(loop) == os.SCHED_OTHER
    assert os.SCHED_BATCH in policies.values()


def _scheduling_of_threads(process: int) -> dict[int, int]:
    threads = [int(task.name) for task in Path(f"/proc/{process}/task").iterdir()]
    return {thread: os.sched_getscheduler(thread) for thread in threads}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_signals_end_it_with_0(serve: Callable[..., Awaitable[Served]], number: int) -> None:
    served = await serve("--token", "x")
    served.process.send_signal(number)
    assert await asyncio.wait_for(served.process.wait(), SECONDS) == 0


async def test_a_token_from_the_environment_is_not_printed(serve: Callable[..., Awaitable[Served]]) -> None:
    served = await serve(TRIPTYCH_TOKEN="a given token")
    assert "a given token" not in served.banner
    assert "trp_" not in served.banner
    async with httpx.AsyncClient(base_url=served.url, trust_env=False) as http:
        headers = {"authorization": "Bearer a given token"}
        path = "/gitpod.v1.UserService/GetAuthenticatedUser"
        assert (await http.post(path, json={}, headers=headers)).status_code == 200


async def test_flags_win_over_the_environment(serve: Callable[..., Awaitable[Served]]) -> None:
    served = await serve("--token", "flag", TRIPTYCH_TOKEN="environment")
    code, _, _ = await run("token", "--server", served.url, "--token", "flag", "list")
    assert code == 0
    code, _, err = await run("token", "--server", served.url, "list", TRIPTYCH_TOKEN="environment")
    assert (code, err.partition(": ")[2].partition(":")[0]) == (1, "unauthenticated")


async def test_tokens_are_made_listed_and_deleted(serve: Callable[..., Awaitable[Served]]) -> None:
    served = await serve("--token", "secret")
    base = ("token", "--server", served.url, "--token", "secret")
    code, out, _ = await run(*base, "create", "--description", "for\tCI", "--valid-for", "1d", "--read-only")
    assert code == 0
    assert re.fullmatch(r"trp_[0-9A-Za-z]{43}\n", out)
    _, out, _ = await run(*base, "list")
    first = out.splitlines()[0].split("\t")
    assert (first[2], first[-1]) == ("read-only", "for CI")
    assert (await run(*base, "delete", first[0]))[0] == 0
    code, _, err = await run(*base, "delete", first[0])
    assert (code, err) == (1, f"triptych: not_found: personal access token {first[0]} not found\n")
    code, _, err = await run(*base, "create", "--valid-for", "91d")
    assert (code, "valid_for" in err) == (1, True)
    assert (await run(*base, "create", "--valid-for", "soon"))[0] == 2


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--dev", "--http-host", "0.0.0.0"), "--http-host must be a loopback address"),
        (("--token", " x"), "--token"),
        (("--tls-cert", __file__), "--tls-cert and --tls-key go together"),
        (("--seed", "/no/such/file"), "--seed"),
        (("--max-message", "many"), "4MiB"),
        (("--http-port", "70000"), "--http-port"),
        (("--nothing",), "--nothing"),
    ],
)
async def test_options_that_cannot_be_used_end_it_with_2(arguments: tuple[str, ...], text: str) -> None:
    code, out, err = await run("serve", *arguments)
    assert (code, out) == (2, "")
    assert text in err
    assert "Traceback" not in err


async def test_a_port_that_is_taken_ends_it_with_1() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for ports in (("--http-port", port, "--grpc-port", "0"), ("--http-port", "0", "--grpc-port", port)):
            code, out, err = await run("serve", *ports)
            assert (code, out) == (1, "")
            assert err.startswith("triptych: cannot serve ")
            assert err.endswith(f" on 127.0.0.1:{port}: Address already in use\n")
            assert err.count("\n") == 1


async def test_a_bad_seed_file_ends_it_with_1(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text("users:\n  - name: ''\n")
    code, out, err = await run("serve", *ANY_PORT, "--seed", str(seed))
    assert (code, out) == (1, "")
    assert "seed.yaml" in err
    assert "Traceback" not in err


async def test_sizes_are_told_in_their_units() -> None:
    _, out, _ = await run("serve", "--help")
    text = " ".join(out.split())
    assert "TRIPTYCH_MAX_UPLOAD; default: 50MiB" in text
    assert "TRIPTYCH_MAX_MESSAGE; default: 4MiB" in text


async def test_a_bracketed_address_is_one(serve: Callable[..., Awaitable[Served]]) -> None:
    served = await serve("--token", "x", "--http-host", "[127.0.0.1]")
    assert served.url.startswith("http://127.0.0.1:")


async def test_no_call_is_lost_when_it_stops_under_load(tmp_path: Path) -> None:
    outcome = await asyncio.to_thread(drain_test.run, tmp_path)
    assert (outcome.seen.lost, outcome.unanswered, outcome.code) == ({}, 0, 0)
    assert outcome.executed
