"""How commands reach a server, and what they say if they do not."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from cli.processes import CLEAN, SECONDS, TRIPTYCH, Cli, Served, run, run_on_terminal
from conftest import Server
from tools.certificates import make_certificates
from triptych_client import InternalError, Metadata, NotFoundError
from triptych_client.cli.failures import CommandFailed

LIST = ("projects", "list")
A_UUID = "must be a UUID such as 01970000-0000-7000-8000-000000000063"


@pytest.mark.parametrize("protocol", ["connect", "grpc-web", "grpc"])
async def test_every_protocol_prints_the_same(cli: Cli, server: Server, protocol: str) -> None:
    await cli.ok("projects", "create", "Engine")
    url = f"http://{server.grpc}" if protocol == "grpc" else server.http
    out = await cli.ok(*LIST, "--protocol", protocol, "--server", url)
    assert out == await cli.ok(*LIST)
    ran = await cli("projects", "get", "x", "--protocol", protocol.upper(), "--server", url[7:])
    assert ran == (1, "", f"triptych: invalid_argument: project_id: {A_UUID}\n")


async def test_options_count_more_than_variables_and_the_last_place_most(cli: Cli) -> None:
    variables = {"TRIPTYCH_SERVER": cli.url, "TRIPTYCH_TOKEN": "wrong", "TRIPTYCH_OUTPUT": "ndjson"}
    ran = await run("users", "--token", cli.secret, "me", **variables)
    assert (ran.code, ran.out.count("\n")) == (0, 1)
    ran = await run("users", "--token", "wrong", "me", "--token", cli.secret, "--output", "json", **variables)
    assert (ran.code, json.loads(ran.out)["name"]) == (0, "ada")
    assert (await run("users", "--token", cli.secret, "me", "--token", "wrong", **variables)).code == 1


async def test_all_violations_are_told_in_one_line(cli: Cli) -> None:
    ran = await cli("projects", "create", "a", "--devcontainer-file", "/a", "--automations-file", "/b")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert ran.err.startswith("triptych: invalid_argument: devcontainer_file_path: must be a relative path")
    assert "; automations_file_path: must be a relative path" in ran.err


async def test_what_a_server_says_cannot_spoof_the_terminal(cli: Cli) -> None:
    ran = await cli("projects", "list", "--git", "\x1b[2J\u202e")
    assert (ran.code, ran.out) == (1, "")
    assert "\x1b" not in ran.err
    assert "\u202e" not in ran.err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--server", "ftp://localhost"), "--server must be a URL such as http://127.0.0.1:8080"),
        (("--token", " my-secret"), "a token is printable ASCII"),
        (("--token", ""), "Missing option '--token'"),
        (("--tls-cert", __file__), "--tls-cert and --tls-key go together"),
        (("--tls-ca", "/no/such/file"), "--tls-ca"),
        (("--timeout", "0"), "--timeout"),
        (("--timeout", "nan"), "--timeout"),
        (("--protocol", "rest"), "--protocol"),
        (("--output", "xml"), "--output"),
    ],
)
async def test_options_that_cannot_be_used_end_with_2(cli: Cli, options: tuple[str, ...], told: str) -> None:
    code, out, err = await cli(*LIST, *options)
    assert (code, out) == (2, "")
    assert told in err
    assert "Traceback" not in err
    assert "my-secret" not in err


def test_the_request_id_is_told_where_the_log_of_the_server_explains_more() -> None:
    metadata = Metadata(headers=[("x-request-id", "r-1")])
    assert CommandFailed.from_api(InternalError("internal error", metadata=metadata)).message == (
        "internal: internal error (request r-1)"
    )
    assert CommandFailed.from_api(NotFoundError("nothing", metadata=metadata)).message == "not_found: nothing"


async def test_a_server_that_cannot_be_reached_is_told_in_one_line(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    file.write_bytes(b"a,b\n" * (1 << 19))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        told = f"triptych: unavailable: no response from {url}: "
        for command in (LIST, ("documents", "create", str(file))):
            code, out, err = await cli(*command, "--server", url)
            assert (code, out, err.count("\n")) == (1, "", 1)
            assert err.startswith(told)


async def test_what_is_no_triptych_is_told_in_one_line(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    file.write_bytes(b"a,b\n" * (1 << 19))
    code, out, err = await cli("documents", "create", str(file), "--server", f"{cli.url}/elsewhere")
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert err.startswith("triptych: ")


async def test_ctrl_c_ends_a_call_that_waits_at_once_and_quietly(cli: Cli) -> None:
    called = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        called.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as listener:
        url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        process = await asyncio.create_subprocess_exec(
            TRIPTYCH,
            *LIST,
            "--server",
            url,
            env=CLEAN | cli.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        await asyncio.wait_for(called.wait(), SECONDS)
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.communicate(), SECONDS) == (b"", b"")
    assert process.returncode == -signal.SIGINT


async def test_a_pipe_that_is_closed_ends_a_list_quietly(cli: Cli) -> None:
    lines = "".join(f'{{"name": "p{n}", "initializer": {{}}}}\n' for n in range(300))
    await cli.ok("projects", "bulk-create", "-", stdin=lines)
    process = await asyncio.create_subprocess_shell(
        f"{TRIPTYCH} projects list | head -n 1",
        env=CLEAN | cli.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert await asyncio.wait_for(process.communicate(), SECONDS) == (b"[\n", b"")


@pytest.mark.parametrize(
    "command", ["projects list", "--help", "projects --help", "completion bash", "serve --help", "--version"]
)
async def test_a_pipe_that_nobody_reads_ends_it_as_it_ends_others(cli: Cli, command: str) -> None:
    await cli.ok("projects", "create", "Engine")
    reading, writing = os.pipe()
    os.close(reading)
    process = await asyncio.create_subprocess_exec(
        TRIPTYCH,
        *command.split(),
        env=CLEAN | cli.environment,
        stdout=writing,
        stderr=asyncio.subprocess.PIPE,
    )
    os.close(writing)
    assert (await asyncio.wait_for(process.communicate(), SECONDS))[1] == b""
    assert process.returncode == -signal.SIGPIPE


async def test_output_that_cannot_be_written_is_told_in_one_line(cli: Cli) -> None:
    ran = await run_on_terminal("sh", "-c", f"{TRIPTYCH} users me > /dev/full", **cli.environment)
    assert ran == (1, "triptych: the output cannot be written: No space left on device\n", "")
    ran = await run_on_terminal("sh", "-c", f"{TRIPTYCH} users me >&-", **cli.environment)
    assert ran == (0, "", "")


async def test_a_long_list_is_counted_beside_a_pipe(cli: Cli) -> None:
    lines = "".join(f'{{"name": "p{n}", "initializer": {{}}}}\n' for n in range(120))
    await cli.ok("projects", "bulk-create", "-", stdin=lines)
    ran = await run_on_terminal("sh", "-c", f"{TRIPTYCH} projects list > /dev/null", **cli.environment)
    assert ran == (0, "\r\x1b[K100 projects\r\x1b[K", "")


async def test_a_bar_is_shown_for_what_is_done_in_several_calls(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "projects"
    file.write_text("".join(f'{{"name": "p{n}", "initializer": {{}}}}\n' for n in range(150)))
    ran = await cli.on_terminal("projects", "bulk-create", str(file))
    assert ran.code == 0
    assert "Creating  [####################----------]  66%" in ran.out
    assert len(ran.out.rpartition("\x1b[K")[2].splitlines()) == 151


async def test_tls_and_client_certificates(serve: Callable[..., Awaitable[Served]], tmp_path: Path) -> None:
    files = make_certificates(tmp_path)
    cert, key, ca = str(files.cert), str(files.key), str(files.ca)
    served = await serve(
        *("--token", "secret-of-16-characters", "--tls-cert", cert, "--tls-key", key, "--tls-client-ca", ca),
    )
    base = ("users", "me", "--server", served.url, "--token", "secret-of-16-characters", "--tls-ca", ca)
    code, _, err = await run(*base)
    assert (code, "unavailable" in err) == (1, True)
    shown = {"TRIPTYCH_CLIENT_TLS_CERT": cert, "TRIPTYCH_CLIENT_TLS_KEY": key}
    code, out, err = await run(*base, **shown)
    assert (code, err) == (0, "")
    assert json.loads(out)["status"] == "USER_STATUS_ACTIVE"
    file = tmp_path / "large.csv"
    file.write_bytes(b"a,b\n" * (1 << 19))
    code, out, err = await run("documents", "create", str(file), *base[2:], **shown)
    assert (code, err) == (0, "")
    assert json.loads(out)["title"] == "large.csv"


async def test_files_of_tls_that_do_not_fit_end_with_2(cli: Cli, tmp_path: Path) -> None:
    files = make_certificates(tmp_path)
    (tmp_path / "other").mkdir()
    other = make_certificates(tmp_path / "other")
    for cert, key, told in (
        (files.cert, other.key, "--tls-key is not the key of --tls-cert"),
        (files.cert, files.cert, "--tls-cert or --tls-key is not in PEM, or the key is encrypted"),
    ):
        options = ("--server", "https://localhost:1", "--tls-cert", str(cert), "--tls-key", str(key))
        code, out, err = await cli(*LIST, *options)
        assert (code, out) == (2, "")
        assert err.endswith(f"Error: {told}\n")
        assert "Traceback" not in err
