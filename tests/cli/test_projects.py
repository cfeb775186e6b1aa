"""`triptych projects` against a running server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.processes import TRIPTYCH, Cli, run_on_terminal

GIT = "https://github.com/example/engine.git"


async def create(cli: Cli, name: str, *options: str) -> Any:
    return json.loads(await cli.ok("projects", "create", name, *options))


async def test_a_project_is_created_shown_changed_and_deleted(cli: Cli) -> None:
    made = await create(
        cli, "Engine", "--git", GIT, "--branch", "main", "--devcontainer-file", ".devcontainer.json"
    )
    git = made["initializer"]["specs"][0]["git"]
    assert (made["metadata"]["name"], made["devcontainerFilePath"]) == ("Engine", ".devcontainer.json")
    assert (git["remoteUri"], git["targetMode"], git["cloneTarget"]) == (
        GIT,
        "CLONE_TARGET_MODE_REMOTE_BRANCH",
        "main",
    )
    changed = json.loads(
        await cli.ok("projects", "update", made["id"], "--name", "Motor", "--devcontainer-file", "")
    )
    assert (changed["metadata"]["name"], changed["devcontainerFilePath"]) == ("Motor", "")
    got = json.loads(await cli.ok("projects", "get", made["id"]))
    assert got["initializer"] == made["initializer"]
    assert await cli.ok("projects", "delete", made["id"], "--yes") == ""
    assert await cli("projects", "get", made["id"]) == (
        1,
        "",
        f"triptych: not_found: project {made['id']} not found\n",
    )


async def test_a_request_from_a_file_is_changed_by_options(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "project.yaml"
    file.write_text(f"name: Engine\ninitializer: {{specs: [{{contextUrl: {{url: '{GIT}'}}}}]}}\n")
    made = json.loads(await cli.ok("projects", "create", "--from", str(file), "--description", "steam"))
    assert (made["metadata"]["name"], made["technicalDescription"]) == ("Engine", "steam")
    assert made["initializer"]["specs"] == [{"contextUrl": {"url": GIT}}]
    changed = await cli.ok("projects", "update", made["id"], "--from", "-", stdin='{"name": "Motor"}')
    assert json.loads(changed)["metadata"]["name"] == "Motor"


async def test_a_project_takes_after_an_environment(cli: Cli) -> None:
    environment = await cli.world.environment(cli.world.users["ada"], devcontainer_file_path="d.json")
    made = await create(cli, "Engine", "--environment", environment.id)
    assert made["devcontainerFilePath"] == "d.json"
    ran = await cli("projects", "create", "Engine", "--environment", environment.id, "--git", GIT)
    assert ran.code == 2


async def test_lists_are_filtered_sorted_and_limited_over_pages(cli: Cli) -> None:
    lines = "".join(json.dumps({"name": f"p{n:03}", "initializer": {}}) + "\n" for n in range(230))
    made = json.loads(await cli.ok("projects", "bulk-create", "-", stdin=lines))
    assert [each["metadata"]["name"] for each in made] == [f"p{n:03}" for n in range(230)]
    listed = json.loads(await cli.ok("projects", "list", "--sort", "id"))
    assert [each["id"] for each in listed] == [each["id"] for each in made]
    out = await cli.ok("projects", "list", "--sort", "-id", "--limit", "101", "--output", "ndjson")
    assert [json.loads(line)["metadata"]["name"] for line in out.splitlines()] == [
        f"p{n:03}" for n in range(229, 128, -1)
    ]
    out = await cli.ok("projects", "list", "--search", "p01", "--limit", "3", "--output", "tsv")
    assert [line.split("\t")[1][:3] for line in out.splitlines()] == ["p01"] * 3
    ids = [each["id"] for each in made[:150]]
    assert await cli.ok("projects", "delete", "-y", *ids) == ""
    assert len(json.loads(await cli.ok("projects", "list"))) == 80


async def test_what_fails_of_many_is_told_and_the_rest_is_done(cli: Cli) -> None:
    projects = [{"name": "a", "initializer": {}}, {"name": "", "initializer": {}}, {"name": "no initializer"}]
    code, out, err = await cli("projects", "bulk-create", "-", stdin=json.dumps(projects))
    assert code == 1
    (made,) = json.loads(out)
    assert err.splitlines()[0].startswith("triptych: item 2: name: ")
    assert err.splitlines()[1].startswith("triptych: item 3 (no initializer): initializer: ")
    missing = "01970000-0000-7000-8000-000000000099"
    changes = f"- {{projectId: {made['id']}, name: b}}\n- {{projectId: {missing}, name: c}}\n"
    code, out, err = await cli("projects", "bulk-update", "-", stdin=changes)
    assert (code, json.loads(out)[0]["metadata"]["name"]) == (1, "b")
    assert err == f"triptych: item 2: project {missing} not found\n"
    code, out, err = await cli("projects", "delete", "--yes", missing, made["id"])
    assert (code, out, err) == (1, "", f"triptych: item 1: project {missing} not found\n")
    assert json.loads(await cli.ok("projects", "list")) == []


async def test_deleting_asks_on_a_terminal(cli: Cli) -> None:
    made = await create(cli, "Engine")
    ran = await cli.on_terminal("projects", "delete", made["id"], typed="n\n")
    assert (ran.code, f"Delete project {made['id']}? [y/N]" in ran.out) == (1, True)
    await cli.ok("projects", "get", made["id"])
    assert (await cli.on_terminal("projects", "delete", made["id"], typed="y\n")).code == 0
    assert (await cli("projects", "get", made["id"])).code == 1
    made = await create(cli, "Engine")
    assert (await cli.on_terminal("projects", "delete", made["id"], "--yes")) == (0, "", "")


async def test_without_a_terminal_deleting_needs_a_yes(cli: Cli) -> None:
    made = await create(cli, "Engine")
    for shell in ("< /dev/null", "2> /dev/null", "< /dev/null > /dev/null 2>&1", "<&-"):
        command = f"{TRIPTYCH} projects delete {made['id']} {shell}"
        ran = await run_on_terminal("sh", "-c", command, typed="y\n", **cli.environment)
        assert ran.code == 2, shell
    code, out, err = await cli("projects", "delete", made["id"], stdin="y\n")
    assert (code, out) == (2, "")
    assert err.endswith("Error: There is no terminal to ask on: give --yes.\n")
    await cli.ok("projects", "get", made["id"])


async def test_a_terminal_shows_tables_that_fit_and_cannot_be_spoofed(cli: Cli) -> None:
    made = await create(cli, "\x1b[2Jエンジン", "--git", GIT)
    shown = (await cli.on_terminal("projects", "list", columns=100)).out.splitlines()
    assert shown == [
        "ID                                    NAME             SOURCE                   UPDATED",
        f"{made['id']}  \\x1b[2Jエンジン  …com/example/engine.git  {made['metadata']['updatedAt'][:19]}Z",
    ]
    fields = dict(
        line.split(maxsplit=1)
        for line in (await cli.on_terminal("projects", "get", made["id"])).out.splitlines()
    )
    assert fields["metadata.name"] == r"\x1b[2Jエンジン"
    assert fields["initializer.specs[0].git.remoteUri"] == GIT
    as_json = (await cli.on_terminal("projects", "get", made["id"], "--output", "json")).out
    assert json.loads(as_json)["metadata"]["name"] == "\x1b[2Jエンジン"


@pytest.mark.parametrize(
    "arguments",
    [
        ("create",),
        ("create", "a", "--git", GIT, "--branch", "b", "--tag", "t"),
        ("create", "a", "--branch", "b"),
        ("update", "01970000-0000-7000-8000-000000000099"),
        ("delete",),
        ("list", "--sort", "name"),
        ("list", "--runner-kind", "unspecified"),
        ("list", "--limit", "0"),
        ("bulk-create", "/no/such/file"),
    ],
)
async def test_what_cannot_be_meant_ends_with_2(cli: Cli, arguments: tuple[str, ...]) -> None:
    code, out, err = await cli("projects", *arguments)
    assert (code, out) == (2, "")
    assert "Usage: triptych projects" in err
