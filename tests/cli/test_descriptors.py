"""`triptych descriptors`: the contract that came with the package, or that a running server tells."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool

from cli.processes import Cli, run

PROJECTS = "gitpod/v1/project_service.proto"


def names(path: Path) -> list[str]:
    return [file.name for file in FileDescriptorSet.FromString(path.read_bytes()).file]


async def test_it_lists_and_writes_what_came_with_the_package(tmp_path: Path) -> None:
    target = tmp_path / "all.binpb"
    listed = (await run("descriptors", "-o", str(target))).out.split()
    assert listed == names(target)
    assert {PROJECTS, "buf/validate/validate.proto", "google/rpc/status.proto"} <= {*listed}
    fewer = (await run("descriptors", "--client")).out.split()
    assert PROJECTS in fewer
    assert "buf/validate/validate.proto" not in fewer


async def test_the_files_may_be_said_to_be_below_a_folder(tmp_path: Path) -> None:
    target = tmp_path / "below.binpb"
    listed = (await run("descriptors", "--client", "--below", "my/contract", "-o", str(target))).out.split()
    plain = (await run("descriptors", "--client")).out.split()
    assert listed == [name if name.startswith("google/") else f"my/contract/{name}" for name in plain]
    pool = DescriptorPool()
    for file in FileDescriptorSet.FromString(target.read_bytes()).file:
        pool.Add(file)  # type: ignore[no-untyped-call]
    found = pool.FindFileContainingSymbol("gitpod.v1.ProjectService")
    assert found.name == f"my/contract/{PROJECTS}"


@pytest.mark.parametrize(
    "folder", ["", "/", "/contract", "contract/", "a//b", "..", "my-contract", "a.b", "2a"]
)
async def test_a_folder_that_python_cannot_import_from_is_refused(folder: str) -> None:
    ran = await run("descriptors", "--below", folder)
    assert (ran.code, ran.out) == (2, "")
    assert "not packages of Python" in ran.err


async def test_a_running_server_is_asked_without_a_token(cli: Cli, tmp_path: Path) -> None:
    target = tmp_path / "running.binpb"
    ran = await run("descriptors", "--client", "--server", cli.url, "--output-file", str(target))
    assert (ran.code, ran.err) == (0, "")
    listed = ran.out.split()
    assert listed == names(target)
    assert {PROJECTS, "grpc/health/v1/health.proto", "google/rpc/error_details.proto"} <= {*listed}
    assert "google/api/http.proto" not in listed


async def test_a_server_that_is_not_there_fails_the_command() -> None:
    ran = await run("descriptors", "--server", "http://127.0.0.1:1", "--timeout", "5")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("triptych: unavailable: ")


async def test_a_file_that_cannot_be_written_fails_the_command(tmp_path: Path) -> None:
    ran = await run("descriptors", "-o", str(tmp_path / "nowhere" / "x.binpb"))
    assert (ran.code, ran.out) == (1, "")
    assert "cannot be written" in ran.err
