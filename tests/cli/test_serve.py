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

import pytest

from cli.processes import ANY_PORT, SECONDS, Served, run
from support.http import new_http_client
from tools import drain_test
from triptych.cli.options import Seconds, Size


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
    served = await serve("--token", "x-of-16-characters")
    served.process.send_signal(number)
    assert await asyncio.wait_for(served.process.wait(), SECONDS) == 0


async def test_a_token_from_the_environment_is_not_printed(serve: Callable[..., Awaitable[Served]]) -> None:
    served = await serve(TRIPTYCH_TOKEN="a given token of 16")
    assert "a given token of 16" not in served.banner
    assert "trp_" not in served.banner
    async with new_http_client(base_url=served.url) as http:
        headers = {"authorization": "Bearer a given token of 16"}
        path = "/gitpod.v1.UserService/GetAuthenticatedUser"
        assert (await http.post(path, json={}, headers=headers)).status_code == 200


async def test_flags_win_over_the_environment(serve: Callable[..., Awaitable[Served]]) -> None:
    served = await serve("--token", "flag-of-16-characters", TRIPTYCH_TOKEN="environment-of-16")
    code, _, _ = await run("token", "--server", served.url, "--token", "flag-of-16-characters", "list")
    assert code == 0
    code, _, err = await run("token", "--server", served.url, "list", TRIPTYCH_TOKEN="environment-of-16")
    assert (code, err.partition(": ")[2].partition(":")[0]) == (1, "unauthenticated")


async def test_a_token_from_a_file(serve: Callable[..., Awaitable[Served]], tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("\ufeffa token in a file\n")
    for arguments, variables in (
        (("--token-file", str(file)), {}),
        ((), {"TRIPTYCH_TOKEN_FILE": str(file)}),
        (("--token-file", str(file)), {"TRIPTYCH_TOKEN": "a token of the environment"}),
    ):
        served = await serve(*arguments, **variables)
        assert "a token in a file" not in served.banner
        listed = ("token", "list", "--server", served.url)
        assert (await run(*listed, *arguments, **variables)).code == 0
        assert (await run(*listed, TRIPTYCH_TOKEN="a token in a file")).code == 0


async def test_a_token_on_the_command_line_wins_over_a_file_of_the_environment(
    serve: Callable[..., Awaitable[Served]], tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text("a token in a file")
    served = await serve("--token", "a token of an option", TRIPTYCH_TOKEN_FILE=str(file))
    listed = ("token", "list", "--server", served.url)
    assert (await run(*listed, TRIPTYCH_TOKEN_FILE=str(file))).code == 1
    assert (await run(*listed, "--token", "a token of an option", TRIPTYCH_TOKEN_FILE=str(file))).code == 0
    ran = await run(*listed, "--token", "x", "--token-file", str(file))
    assert (ran.code, "do not go together" in ran.err) == (2, True)


async def test_helps_tell_who_can_see_a_token_on_the_command_line() -> None:
    for command in (("serve",), ("users", "me")):
        text = " ".join((await run(*command, "--help")).out.split())
        assert "can see what an option says" in text
        assert "--token-file" in text


async def test_short_secrets_are_for_developers(
    serve: Callable[..., Awaitable[Served]], tmp_path: Path
) -> None:
    seed = tmp_path / "seed.yaml"
    user = "01970000-0000-7000-8000-000000000001"
    seed.write_text(
        "organizations: [{name: A}]\n"
        f"users: [{{id: {user}, name: Ada, role: ROLE_ADMINISTRATOR}}]\n"
        f"tokens: [{{userId: {user}, secret: fifteen-letters}}]\n"
    )
    ran = await run("serve", *ANY_PORT, "--seed", str(seed))
    assert (ran.code, ran.out) == (1, "")
    assert "tokens[0].secret: must have 16 characters or more" in ran.err
    assert "fifteen" not in ran.err
    await serve("--dev", "--seed", str(seed), "--token", "x")


async def test_tokens_are_made_listed_and_deleted(serve: Callable[..., Awaitable[Served]]) -> None:
    served = await serve("--token", "secret-of-16-characters")
    base = ("token", "--server", served.url, "--token", "secret-of-16-characters")
    code, out, _ = await run(*base, "create", "--description", "for\tCI", "--valid-for", "1d", "--read-only")
    assert code == 0
    assert re.fullmatch(r"trp_[0-9A-Za-z]{43}\n", out)
    _, out, _ = await run(*base, "list")
    first = out.splitlines()[0].split("\t")
    assert (first[2], first[-1]) == ("read-only", "for CI")
    assert (await run(*base, "delete", "--yes", first[0]))[0] == 0
    code, _, err = await run(*base, "delete", "--yes", first[0])
    assert (code, err) == (1, f"triptych: not_found: personal access token {first[0]} not found\n")
    code, _, err = await run(*base, "create", "--valid-for", "91d")
    assert (code, "valid_for" in err) == (1, True)
    assert (await run(*base, "create", "--valid-for", "soon"))[0] == 2


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--dev", "--http-host", "0.0.0.0"), "--http-host must be a loopback address"),
        (("--token", " x"), "--token"),
        (("--token", "fifteen-letters"), "--token must give 16 characters or more"),
        (("--token-file", "/no/such/file"), "--token-file"),
        (("--token-file", __file__), "--token-file must hold printable ASCII"),
        (("--token-file", sys.executable), "--token-file cannot be read"),
        (("--token", "x" * 16, "--token-file", __file__), "--token and --token-file do not go together"),
        (("--tls-cert", __file__), "--tls-cert and --tls-key go together"),
        (("--seed", "/no/such/file"), "--seed"),
        (("--max-message", "many"), "4MiB"),
        (("--max-message", "0"), "4MiB"),
        (("--max-message", "4 miles"), "4MiB"),
        (("--keep-alive", "0.5s"), "'0.5s' is less than 1 seconds"),
        (("--shutdown-grace", "soon"), "is not a time such as 10, 10s or 5m"),
        (("--shutdown-grace", "nan"), "is not a time"),
        (("--shutdown-grace", "-1"), "is not a time"),
        (("--log-level", "loud"), "--log-level"),
        (("--public-url", "ftp://example.com"), "--public-url"),
        (("--http-port", "70000"), "--http-port"),
        (("--workers", "2"), "--workers needs a store that processes share"),
        (
            ("--workers", "2", "--store", "sqlite:x", "--one-port"),
            "--workers and --one-port do not go together",
        ),
        (("--workers", "0"), "--workers"),
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


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4194304", 4 << 20),
        ("4MiB", 4 << 20),
        ("4 mib", 4 << 20),
        ("4M", 4 << 20),
        ("4m", 4 << 20),
        ("50MB", 50_000_000),
        ("50mb", 50_000_000),
        ("1.5GiB", 3 << 29),
        ("1kB", 1000),
        ("1TiB", 1 << 40),
        ("10B", 10),
    ],
)
def test_sizes_are_written_as_people_do(text: str, size: int) -> None:
    assert Size().convert(text, None, None) == size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10", 10),
        ("10s", 10),
        ("10 S", 10),
        ("500ms", 0.5),
        ("1.5m", 90),
        ("5min", 300),
        ("1h", 3600),
        ("0", 0),
    ],
)
def test_times_are_written_as_people_do(text: str, seconds: float) -> None:
    assert Seconds(0).convert(text, None, None) == seconds


async def test_words_of_options_have_any_case(serve: Callable[..., Awaitable[Served]]) -> None:
    options = (
        "--log-level",
        "WARN",
        "--log-format",
        "JSON",
        "--max-upload",
        "50MB",
        "--shutdown-grace",
        "5s",
    )
    served = await serve("--token", "x-of-16-characters", "--public-url", "example.test:8080", *options)
    await serve("--token", "x-of-16-characters", TRIPTYCH_LOG_LEVEL="INFO", TRIPTYCH_KEEP_ALIVE="10m")
    assert served.url


async def test_a_secret_may_have_a_byte_order_mark(
    serve: Callable[..., Awaitable[Served]], tmp_path: Path
) -> None:
    for encoding in ("utf-8-sig", "utf-16"):
        file = tmp_path / encoding
        file.write_bytes("secret-of-16-characters\r\n".encode(encoding))
        served = await serve("--token-file", str(file))
        assert (await run("users", "me", "--server", served.url, "--token-file", str(file))).code == 0
    served = await serve(TRIPTYCH_TOKEN="\ufeffsecret-of-16-characters")
    bare = served.url.removeprefix("http://")
    for token in ("secret-of-16-characters", "\ufeffsecret-of-16-characters"):
        assert (await run("users", "me", "--server", bare, TRIPTYCH_TOKEN=token)).code == 0


async def test_a_bracketed_address_is_one(serve: Callable[..., Awaitable[Served]]) -> None:
    served = await serve("--token", "x-of-16-characters", "--http-host", "[127.0.0.1]")
    assert served.url.startswith("http://127.0.0.1:")


async def test_no_call_is_lost_when_it_stops_under_load(tmp_path: Path) -> None:
    outcome = await asyncio.to_thread(drain_test.run, tmp_path)
    assert (outcome.seen.lost, outcome.unanswered, outcome.code) == ({}, 0, 0)
    assert outcome.executed
