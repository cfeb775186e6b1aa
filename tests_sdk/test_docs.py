"""What the documents show works as it is written, but for the ports."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from environments import Sdk
from processes import Server, triptych_serve

from conformance.tools import tool

ROOT = Path(__file__).parents[1]
SECONDS = 60
PROGRAMS = ("curl ", "buf ", "grpcurl ", "evans ", "echo ")


def blocks(document: str, language: str) -> list[str]:
    """Return the code blocks in a language."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)


def calls(document: str) -> list[str]:
    """Return the shell commands that make a call, each with its continuation lines."""
    commands = re.split(r"\n(?=\S)", "\n".join(blocks(document, "sh")))
    return [command for command in commands if command.startswith(PROGRAMS)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run the command that the documents run."""
    with triptych_serve(tmp_path_factory.mktemp("docs") / "log", "--conformance") as running:
        yield running


@pytest.fixture(scope="module")
def path() -> str:
    """Return where the programs are."""
    folders = [Path(sys.executable).parent, tool("grpcurl").parent]
    return os.pathsep.join([*map(str, folders), os.environ["PATH"]])


def at(server: Server, text: str) -> str:
    """Return a command or program with the ports of the server."""
    host, _, port = server.grpc.rpartition(":")
    text = text.replace("--host 127.0.0.1 --port 50051", f"--host {host} --port {port}")
    return text.replace("http://127.0.0.1:8080", server.url).replace("127.0.0.1:50051", server.grpc)


def run(command: list[str], path: str) -> str:
    """Run a command from the root of the repository, and return what it prints."""
    environment = {**os.environ, "PATH": path}
    result = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=SECONDS, text=True
    )
    return result.stdout


def test_there_is_a_call_over_each_protocol() -> None:
    shown = "\n".join(calls("README.md"))
    for piece in ("curl http://127.0.0.1:8080/v1beta/", "ListProjects", "--protocol grpc ", "grpcweb"):
        assert piece in shown


@pytest.mark.parametrize("command", calls("README.md") + calls("docs/discovery.md"))
def test_a_call(server: Server, path: str, command: str) -> None:
    if "evans" in command and not shutil.which("evans"):
        pytest.skip("evans is not to be had here")
    output = run(["bash", "-c", at(server, command)], path)
    assert output
    assert '"code"' not in output


@pytest.mark.parametrize("command", calls("docs/conformance.md"))
def test_a_call_that_asks_for_an_error(server: Server, path: str, command: str) -> None:
    assert json.loads(run(["bash", "-c", at(server, command)], path))["code"] == "resource_exhausted"


@pytest.mark.parametrize(
    "program", [each for each in blocks("README.md", "python") if "gitpod import" in each]
)
def test_a_program_with_an_sdk(server: Server, program: str) -> None:
    output = Sdk("json").run(at(server, program))
    assert "Analytical Engine" in output


@pytest.mark.parametrize("program", blocks("docs/discovery.md", "python"))
def test_a_program_with_grpcio(server: Server, path: str, program: str) -> None:
    output = run([sys.executable, "-c", at(server, program)], path)
    assert "SERVING" in output or "'ListProjects'" in output
