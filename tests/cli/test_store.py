"""`triptych store`, and a server whose data lasts."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from cli.processes import ANY_PORT, SECONDS, Served, run
from support.http import new_http_client

EXAMPLE = str(Path(__file__).parents[2] / "examples" / "seed.yaml")
Serve = Callable[..., Awaitable[Served]]


async def stop(served: Served) -> str:
    """Stop a server; return what it logged."""
    served.process.terminate()
    _, err = await asyncio.wait_for(served.process.communicate(), SECONDS)
    assert served.process.returncode == 0
    return err.decode()


async def test_a_second_start_is_like_the_first_but_makes_no_token(serve: Serve, tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path / 'triptych.db'}"
    first = await serve("--store", store)
    assert f"kept in sqlite {tmp_path / 'triptych.db'}" in first.banner
    token = re.search(r"shown only now: (trp_[0-9A-Za-z]{43})\n", first.banner)
    assert token
    headers = {"authorization": f"Bearer {token[1]}"}
    async with new_http_client(base_url=first.url, headers=headers) as http:
        assert (await http.get("/readyz")).text == "ok\nstore: sqlite\n"
        project = {"name": "kept", "initializer": {}}
        response = await http.post("/gitpod.v1.ProjectService/CreateProject", json=project)
        assert response.status_code == 200, response.text
    await stop(first)
    second = await serve("--store", store)
    assert "shown only now" not in second.banner
    async with new_http_client(base_url=second.url, headers=headers) as http:
        response = await http.post("/gitpod.v1.ProjectService/ListProjects", json={})
        assert [each["metadata"]["name"] for each in response.json()["projects"]] == ["kept"]
        response = await http.post("/gitpod.v1.UserService/ListPersonalAccessTokens", json={})
        assert len(response.json()["personalAccessTokens"]) == 1
    await stop(second)


async def test_a_seed_is_loaded_once(serve: Serve, tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path / 'triptych.db'}"
    for _ in range(2):
        served = await serve("--seed", EXAMPLE, TRIPTYCH_STORE=store)
        assert "shown only now" not in served.banner
        await stop(served)
    code, out, err = await run("store", "stats", TRIPTYCH_STORE=store)
    assert (code, err) == (0, "")
    counts = dict(reversed(line.split()) for line in out.splitlines()[1:])
    assert (counts["users"], counts["tokens"], counts["documents"]) == ("3", "3", "2")


async def test_a_store_moves_to_another(tmp_path: Path) -> None:
    one, two, file = (
        f"sqlite:{tmp_path / 'one.db'}",
        f"sqlite:{tmp_path / 'two.db'}",
        str(tmp_path / "x.ndjson"),
    )
    code, out, err = await run("store", "--store", one, "migrate")
    assert (code, err) == (0, "")
    assert out.startswith("0001 tables\n")
    assert (await run("store", "--store", one, "migrate")).out.endswith("is up to date\n")
    assert (await run("store", "--store", one, "import", EXAMPLE)).code == 0
    assert (await run("store", "--store", one, "export", file)).code == 0
    assert (await run("store", "--store", two, "import", file)).code == 0
    code, out, _ = await run("store", "--store", two, "export")
    assert code == 0
    assert [json.loads(line) for line in out.splitlines()] == [
        json.loads(line) for line in Path(file).read_text().splitlines()
    ]
    code, out, err = await run("store", "--store", two, "check")
    assert (code, out, err) == (0, f"sqlite {tmp_path / 'two.db'} is sound\n", "")
    three = f"sqlite:{tmp_path / 'three.db'}"
    code, out, err = await run("store", "--store", three, "import", "-", stdin=Path(file).read_text())
    assert (code, err) == (0, "21 items; indexes are made, and all is written\n")
    again = (await run("store", "--store", three, "export")).out
    assert list(map(json.loads, again.splitlines())) == list(
        map(json.loads, Path(file).read_text().splitlines())
    )
    code, _, err = await run("store", "--store", two, "import", file)
    assert code == 1
    assert "is in the store already" in err


async def test_what_is_broken_is_found(tmp_path: Path) -> None:
    path = tmp_path / "triptych.db"
    assert (await run("store", "--store", f"sqlite:{path}", "import", EXAMPLE)).code == 0
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM contents WHERE rowid = 1")
        connection.commit()
    code, out, err = await run("store", "--store", f"sqlite:{path}", "check")
    assert code == 1
    assert out.endswith("1 faults\n")
    assert re.fullmatch(r"version \S+: its content has 0 bytes, not \d+\n", err)


@pytest.mark.parametrize("command", [("serve", *ANY_PORT), ("store", "stats")])
@pytest.mark.parametrize("host", ["user:hushhush@localhost", "localhost"])
async def test_a_password_is_never_shown(command: tuple[str, ...], host: str) -> None:
    url = f"postgresql://{host}:1/database?password=hushhush"
    ran = await run(command[0], "--store", url, *command[1:])
    assert ran.code == 2
    assert "must hold no password" in ran.err
    elsewhere = await run(*command, TRIPTYCH_STORE=url)
    assert elsewhere.code == 1
    assert "hushhush" not in ran.out + ran.err + elsewhere.out + elsewhere.err
    assert "postgresql" in elsewhere.err


@pytest.mark.parametrize(
    ("store", "code", "text"),
    [
        ("sqlite:", 2, "--store sqlite: must be followed by the path"),
        ("sqlite::memory:", 2, "--store sqlite: must be followed by the path"),
        ("mysql://root:hushhush@host/db", 2, "--store must be memory, sqlite:PATH or postgresql://"),
        ("postgresql://localhost", 2, "must name a host and a database"),
        ("sqlite:/no/such/folder/triptych.db", 1, "is no folder"),
        (f"sqlite:{EXAMPLE}", 1, "not a database"),
    ],
)
async def test_what_is_no_store_is_told(store: str, code: int, text: str) -> None:
    for command in (("serve", *ANY_PORT), ("store", "stats")):
        ran = await run(*command, TRIPTYCH_STORE=store)
        assert ran.code == code, ran.err
        assert text in ran.err
        assert "hushhush" not in ran.err
        assert "Traceback" not in ran.err
