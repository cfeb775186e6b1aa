"""What the README shows works as it is written, but for the ports: each test has a server of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from environments import Sdk
from processes import Server, triptych_serve

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
SECONDS = 60


def blocks(language: str) -> list[str]:
    """Return the code blocks in a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def calls() -> list[str]:
    """Return the shell commands that make a call, each with its continuation lines."""
    commands = re.split(r"\n(?=\S)", "\n".join(blocks("sh")))
    return [command for command in commands if command.startswith(("curl ", "buf "))]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run the command that the README runs."""
    with triptych_serve(tmp_path_factory.mktemp("readme") / "log") as running:
        yield running


def at(server: Server, text: str) -> str:
    """Return a command or program with the ports of the server."""
    return text.replace("http://127.0.0.1:8080", server.url).replace("127.0.0.1:50051", server.grpc)


def test_there_is_a_call_over_each_protocol() -> None:
    shown = "\n".join(calls())
    for piece in ("curl http://127.0.0.1:8080/v1beta/", "ListProjects", "--protocol grpc ", "grpcweb"):
        assert piece in shown


@pytest.mark.parametrize("command", calls(), ids=lambda command: command.split()[1][:40])
def test_a_call(server: Server, command: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        ["bash", "-c", at(server, command)],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        check=True,
        capture_output=True,
        timeout=SECONDS,
    )
    answer = json.loads(result.stdout)
    assert "code" not in answer
    assert answer


@pytest.mark.parametrize("program", [program for program in blocks("python") if "gitpod import" in program])
def test_a_program(server: Server, program: str) -> None:
    output = Sdk("json").run(at(server, program))
    assert "Analytical Engine" in output
