"""`triptych token` and `triptych users` against a running server."""

from __future__ import annotations

import json
import re

import click
import pytest

from cli.processes import Cli, run
from triptych_client.cli.durations import DurationType


async def test_a_token_is_made_for_another_user_and_used(cli: Cli) -> None:
    max_id = cli.world.users["max"].id
    secret = (await cli.ok("token", "create", "--user", max_id, "--read-only")).strip()
    assert re.fullmatch(r"trp_[0-9A-Za-z]{43}", secret)
    ran = await run("users", "me", TRIPTYCH_SERVER=cli.url, TRIPTYCH_TOKEN=secret)
    assert json.loads(ran.out)["id"] == max_id
    (listed,) = json.loads(await cli.ok("token", "list", "--user", max_id, "--output", "json"))
    assert (listed["userId"], listed["readOnly"]) == (max_id, True)
    assert json.loads(await cli.ok("token", "get", listed["id"]))["userId"] == max_id
    assert await cli.ok("token", "delete", "-y", listed["id"]) == ""
    ran = await run("users", "me", TRIPTYCH_SERVER=cli.url, TRIPTYCH_TOKEN=secret)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("triptych: unauthenticated: ")


async def test_a_secret_is_printed_bare_unless_json_is_asked_for(cli: Cli) -> None:
    shown = (await cli.on_terminal("token", "create")).out
    assert re.fullmatch(r"trp_[0-9A-Za-z]{43}\n", shown)
    answer = json.loads(await cli.ok("token", "create", "--output", "json"))
    assert list(answer) == ["token"]


async def test_tokens_are_a_table_on_a_terminal_and_lines_of_tabs_in_a_pipe(cli: Cli) -> None:
    await cli.ok("token", "create", "--description", "one\ttwo")
    first, _ = (await cli.ok("token", "list")).splitlines()
    fields = first.split("\t")
    assert (fields[2], fields[4:]) == ("read-write", ["-", "one two"])
    shown = (await cli.on_terminal("token", "list", columns=200)).out.splitlines()
    assert shown[0].split() == ["ID", "USER", "ACCESS", "EXPIRES", "LAST", "USED", "DESCRIPTION"]
    assert shown[1].endswith(r"one\ttwo")
    assert len(await cli.ok("token", "list", "--limit", "1")) == len(first) + 1


async def test_deleting_asks_on_a_terminal(cli: Cli) -> None:
    token, _ = await cli.world.token(cli.world.users["max"])
    code, out, err = await cli("token", "delete", token.id)
    assert (code, out, "There is no terminal to ask on: give --yes." in err) == (2, "", True)
    token, _ = await cli.world.token(cli.world.users["max"])
    assert (await cli.on_terminal("token", "delete", token.id, typed="n\n")).code == 1
    assert (await cli.on_terminal("token", "delete", token.id, typed="y\n")).code == 0
    assert (await cli("token", "get", token.id)).code == 1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1w", 604800), ("30D", 2592000), ("12h", 43200), ("1h30m", 5400), ("1.5h", 5400), ("90 s", 90),
     ("60", None),
     ("", None), ("w", None), ("1y", None), ("0d", None), ("1h x", None)],
)  # fmt: skip
def test_how_long_a_token_is_valid(text: str, seconds: float | None) -> None:
    kind = DurationType(bare=False)
    if seconds is None:
        with pytest.raises(click.BadParameter, match="is not a time such as 90s, 12h, 30d or 1w"):
            kind.convert(text, None, None)
    else:
        assert kind.convert(text, None, None) == seconds
    assert DurationType().convert("60", None, None) == 60


async def test_a_token_is_made_for_a_week(cli: Cli) -> None:
    await cli.ok("token", "create", "--valid-for", "1w", "--timeout", "20s", "--output", "JSON")


async def test_users_are_shown(cli: Cli) -> None:
    max_ = cli.world.users["max"]
    assert json.loads(await cli.ok("users", "me"))["name"] == "ada"
    assert json.loads(await cli.ok("users", "get", max_.id))["email"] == max_.email
    row = (await cli.ok("users", "get", max_.id, "--output", "tsv")).rstrip("\n").split("\t")
    assert row[:4] == [max_.id, "max", max_.email, "active"]
