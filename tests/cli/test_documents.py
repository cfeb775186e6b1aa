"""`triptych documents` against a running server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.processes import TRIPTYCH, Cli, run_on_terminal
from conftest import Server
from support.world import content_of
from triptych.documents import typeid

TEXT = "# Notes\n"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    file = tmp_path / 'my "notes" ü.md'
    file.write_text(TEXT)
    return file


def large(tmp_path: Path, size: int = 3 << 20) -> Path:
    file = tmp_path / 'large "ü".csv'
    file.write_bytes(b"a,b\n" * (size // 4))
    return file


async def test_a_document_is_created_shown_changed_trashed_and_taken_back(cli: Cli, notes: Path) -> None:
    made = json.loads(
        await cli.ok("documents", "create", str(notes), "--access", "private", "--description", "mine")
    )
    assert (made["title"], made["sourceFormat"], made["accessLevel"], made["description"]) == (
        notes.name,
        "markdown",
        "ACCESS_LEVEL_PRIVATE",
        "mine",
    )
    changed = json.loads(await cli.ok("documents", "update", made["id"], "--title", "Notes"))
    assert (changed["title"], changed["description"]) == ("Notes", "mine")
    assert await cli.ok("documents", "trash", made["id"], "--yes") == ""
    assert json.loads(await cli.ok("documents", "list")) == []
    trashed = await cli.ok("documents", "list", "--trash", "trashed", "--output", "ndjson")
    assert json.loads(trashed)["id"] == made["id"]
    assert await cli.ok("documents", "untrash", made["id"]) == ""
    assert "trashedAt" not in json.loads(await cli.ok("documents", "get", made["id"]))


@pytest.mark.parametrize("protocol", ["connect", "grpc-web"])
async def test_a_large_file_goes_beyond_the_largest_message(cli: Cli, tmp_path: Path, protocol: str) -> None:
    file = large(tmp_path, size=5 << 20)
    out = await cli.ok(
        *("documents", "create", str(file), "--title", "Line\r\nbreak", "--protocol", protocol),
        *("--description", "ü", "--access", "public"),
    )
    made = json.loads(out)
    assert (made["title"], made["sourceFormat"]) == ("Line\r\nbreak", "csv")
    assert (made["description"], made["accessLevel"]) == ("ü", "ACCESS_LEVEL_PUBLIC")
    assert made["createdBy"]["type"] == "SUBJECT_TYPE_USER"
    async with cli.world.store.read() as tx:
        version_id = typeid.decode("ver", made["currentVersion"]["id"])
        version = await tx.document_versions.get(version_id)
    assert version is not None
    assert version.file_name == file.name
    assert await content_of(cli.world.store, version_id) == file.read_bytes()
    got = json.loads(await cli.ok("documents", "get", made["id"]))
    assert {**got, "processingStatus": "", "lastViewedAt": ""} == {
        **made,
        "processingStatus": "",
        "lastViewedAt": "",
    }


async def test_over_grpc_a_file_is_one_message(cli: Cli, server: Server, tmp_path: Path) -> None:
    over_grpc = ("--protocol", "grpc", "--server", f"http://{server.grpc}")
    made = json.loads(await cli.ok("documents", "create", str(large(tmp_path)), *over_grpc))
    assert made["sourceFormat"] == "csv"


async def test_many_files_become_documents_in_order(cli: Cli, notes: Path, tmp_path: Path) -> None:
    files = (large(tmp_path), notes)
    made = json.loads(await cli.ok("documents", "upload", *map(str, files)))
    assert [each["title"] for each in made] == [file.name for file in files]


async def test_an_upload_that_fails_tells_what_was_created_before(
    cli: Cli, notes: Path, tmp_path: Path
) -> None:
    unknown = tmp_path / "unknown.bin"
    unknown.write_bytes(bytes(2 << 20))
    code, out, err = await cli("documents", "upload", str(notes), str(unknown), str(notes))
    assert (code, [each["title"] for each in json.loads(out)]) == (1, [notes.name])
    assert err.startswith("triptych: invalid_argument: ")
    assert err.count("\n") == 1


async def test_a_terminal_shows_how_far_an_upload_is(cli: Cli, notes: Path, tmp_path: Path) -> None:
    ran = await cli.on_terminal("documents", "upload", str(large(tmp_path)), str(notes))
    assert ran.code == 0
    assert 'large "ü".csv  [##############----------------]  49%' in ran.out
    header, first, second = ran.out.rpartition("\x1b[K")[2].splitlines()
    assert header.split() == ["ID", "TITLE", "FORMAT", "ACCESS", "STATUS", "CREATED"]
    assert (first.split()[1], second.split()[1]) == ("large", "my")


async def test_trashing_asks_on_a_terminal(cli: Cli) -> None:
    ada = cli.world.users["ada"]
    ids = [await cli.world.document(ada), await cli.world.document(ada)]
    ran = await cli.on_terminal("documents", "trash", *ids, typed="\n")
    assert (ran.code, "2 documents" in ran.out) == (1, True)
    assert len(json.loads(await cli.ok("documents", "list"))) == 2
    assert (await cli.on_terminal("documents", "trash", "-y", *ids)).code == 0
    assert json.loads(await cli.ok("documents", "list")) == []


async def test_lists_are_filtered_and_sorted(cli: Cli) -> None:
    ada, clock = cli.world.users["ada"], cli.world.clock
    old = await cli.world.document(ada, title="b", created_at=clock.now() - 10**15)
    new = await cli.world.document(ada, title="A", source_format="csv")

    async def ids(*options: str) -> list[str]:
        out = await cli.ok("documents", "list", "--output", "tsv", *options)
        return [line.split("\t")[0] for line in out.splitlines()]

    assert await ids() == [new, old]
    assert await ids("--sort", "-name") == [old, new]
    assert await ids("--format", "csv", "--format", "docx") == [new]
    got = json.loads(await cli.ok("documents", "get", new))
    assert await ids("--created-before", got["createdAt"], "--created-after", got["createdAt"]) == [new]
    assert await ids("--title-contains", "B", "--access", "private", "--status", "ready") == [old]
    assert await ids("--ownership", "not-owned") == []
    assert await ids("--created-by", got["createdBy"]["id"], "--organization", "--query", "a") == [new]


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "/no/such/file"),
        ("create", "/"),
        ("create",),
        ("create", "-"),
        ("create", "-", __file__),
        ("create", __file__, __file__, "--title", "two"),
        ("create", __file__, __file__, "--file-name", "two.md"),
        ("trash", "doc_01jw000000e008000000000001"),
        ("upload",),
        ("update", "doc_01jw000000e008000000000001"),
        ("list", "--created-after", "yesterday"),
        ("list", "--sort", "title"),
    ],
)
async def test_what_cannot_be_meant_ends_with_2(cli: Cli, arguments: tuple[str, ...]) -> None:
    code, out, err = await cli("documents", *arguments)
    assert (code, out) == (2, "")
    assert "Usage: triptych documents" in err


async def test_a_pipe_becomes_a_document(cli: Cli) -> None:
    command = f"printf 'a,b\\n1,2\\n' | {TRIPTYCH} documents create /dev/stdin --title table.csv"
    ran = await run_on_terminal("sh", "-c", f"{command} --output ndjson", **cli.environment)
    assert (ran.code, json.loads(ran.out.rpartition("\x1b[K")[2])["sourceFormat"]) == (0, "csv")


@pytest.mark.parametrize(
    ("options", "title", "name"),
    [
        (("--file-name", "table.csv"), "table.csv", "table.csv"),
        (("--file-name", "table.csv", "--title", "Table"), "Table", "table.csv"),
        (("--title", "table.csv"), "table.csv", "table.csv"),
    ],
)
async def test_stdin_becomes_a_document(cli: Cli, options: tuple[str, ...], title: str, name: str) -> None:
    made = json.loads(await cli.ok("documents", "create", "-", *options, stdin="a,b\n1,2\n"))
    assert (made["title"], made["sourceFormat"]) == (title, "csv")
    async with cli.world.store.read() as tx:
        version = await tx.document_versions.get(typeid.decode("ver", made["currentVersion"]["id"]))
    assert version is not None
    assert version.file_name == name


async def test_a_file_may_be_called_otherwise(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("a,b\n1,2\n")
    made = json.loads(await cli.ok("documents", "create", str(file), "--file-name", "table.csv"))
    assert (made["title"], made["sourceFormat"]) == ("table.csv", "csv")


async def test_several_files_are_created(cli: Cli, notes: Path, tmp_path: Path) -> None:
    files = (large(tmp_path), notes)
    out = await cli.ok("documents", "create", *map(str, files), "--access", "ACCESS_LEVEL_PRIVATE")
    assert [(each["title"], each["accessLevel"]) for each in json.loads(out)] == [
        (file.name, "ACCESS_LEVEL_PRIVATE") for file in files
    ]


async def test_an_upload_has_more_time_the_larger_it_is(cli: Cli, tmp_path: Path) -> None:
    code, _, err = await cli("documents", "create", str(large(tmp_path)), "--timeout", "0.001")
    assert (code, err) == (0, "")
