"""How quickly a command starts, and how a shell completes it."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli.processes import CLEAN, SECONDS, TRIPTYCH, run, run_on_terminal

_WITH_TRIPTYCH = {"PATH": f"{Path(TRIPTYCH).parent}:{os.environ['PATH']}"}
_IMPORTED = """
import sys
from triptych.cli import main
try:
    main(sys.argv[1:])
finally:
    print(*sorted(sys.modules), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (("--help",), {"protobuf", "connectrpc", "yaml", "triptych_api", "triptych_client"}),
        (("completion", "bash"), {"protobuf", "connectrpc", "yaml", "triptych_api", "triptych_client"}),
        (("projects", "list", "--server", "x", "--token", "x"), set()),
        (("documents", "--help"), set()),
        (("documents", "create", __file__, "--server", "x", "--token", "x"), set()),
        (("projects", "create", "--from", __file__), set()),
        (("token", "list", "--server", "x", "--token", "x"), set()),
        (("users", "me", "--server", "x", "--token", "x"), set()),
    ],
)
async def test_a_command_imports_what_it_needs_only(arguments: tuple[str, ...], absent: set[str]) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _IMPORTED, *arguments),
        env=CLEAN,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    _, err = await asyncio.wait_for(process.communicate(), SECONDS)
    imported = set(err.decode().splitlines()[-1].split())
    assert not imported & (absent | {"uvicorn", "uvloop", "grpc"})
    of_the_server = {name for name in imported if name.partition(".")[0] == "triptych"}
    assert of_the_server - {"triptych.cli.completion"} == {"triptych", "triptych.cli", "triptych.cli.lazy"}


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("triptych p", ["projects"]),
        ("triptych projects d", ["delete"]),
        ("triptych documents list --tr", ["--trash"]),
        ("triptych documents list --access p", ["private", "public"]),
        ("triptych projects list --protocol grpc", ["grpc", "grpc-web"]),
        ("triptych serve --http-p", ["--http-port"]),
        ("triptych completion z", ["zsh"]),
        ("triptych projects list --output = nd", ["ndjson"]),
        ("triptych projects list --access = ", []),
        ("triptych documents list --access = p", ["private", "public"]),
    ],
)
async def test_bash_completes_commands_options_and_values(words: str, completed: list[str]) -> None:
    script = (
        f'eval "$({TRIPTYCH} completion bash)"; COMP_WORDS=({words}); COMP_CWORD={len(words.split()) - 1};'
        f' _triptych_completion {TRIPTYCH}; printf "%s\\n" "${{COMPREPLY[@]}}"'
    )
    ran = await run_on_terminal("bash", "-c", script)
    assert (ran.code, sorted(ran.out.split())) == (0, completed)


async def complete(shell: str, words: str, word: str) -> str:
    ran = await run(COMP_WORDS=words, COMP_CWORD=word, _TRIPTYCH_COMPLETE=f"{shell}_complete")
    assert (ran.code, ran.err) == (0, "")
    return ran.out


async def test_descriptions_are_whole() -> None:
    whole = "List, get, create, update and delete projects."
    assert await complete("fish", "triptych proj", "proj") == f"plain,projects\t{whole}\n"
    assert await complete("zsh", "triptych proj", "1") == f"plain\nprojects\n{whole}\n"
    shown = await complete("fish", "triptych documents tr", "tr")
    assert shown == "plain,trash\tMove documents to the trash, which ends their sharing for good.\n"


async def test_fish_gets_whole_words() -> None:
    words = "triptych projects list --output=n"
    assert await complete("fish", words, "--output=n") == "plain,--output=ndjson\n"


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("triptych projects list --output=n", "--output=ndjson\n"),
        ("triptych projects list --output n", "ndjson\n"),
        ("triptych proj", "projects\tList, get, create, update and delete projects.\n"),
    ],
)
async def test_fish_itself(line: str, shown: str) -> None:
    script = f"triptych completion fish | source; complete -C '{line}'"
    ran = await run_on_terminal("fish", "--no-config", "-c", script, **_WITH_TRIPTYCH)
    assert (ran.code, ran.out) == (0, shown)


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
@pytest.mark.parametrize("line", ["triptych projects list --output=nd", "triptych projects list --output nd"])
async def test_zsh_itself(line: str, tmp_path: Path) -> None:
    # Its line editor completes the line as soon as there is one, as if the key were pressed.
    (tmp_path / ".zshrc").write_text(f"""
        autoload -Uz compinit; compinit -u -D
        eval "$(triptych completion zsh)"
        zle-line-init() {{ BUFFER="{line}"; CURSOR=$#BUFFER; zle complete-word; print -r "[$BUFFER]"; exit }}
        zle -N zle-line-init
    """)
    ran = await run_on_terminal("zsh", "-d", "-i", ZDOTDIR=str(tmp_path), **_WITH_TRIPTYCH)
    assert f"[{line}json" in ran.out


async def test_the_file_of_a_request_is_completed_by_the_shell() -> None:
    ran = await run(
        COMP_WORDS="triptych projects create --from pr", COMP_CWORD="4", _TRIPTYCH_COMPLETE="bash_complete"
    )
    assert ran == (0, "file,pr\n", "")


@pytest.mark.parametrize(("shell", "text"), [("zsh", "#compdef triptych"), ("fish", "complete ")])
async def test_other_shells_have_a_script_too(shell: str, text: str) -> None:
    ran = await run("completion", shell)
    assert (ran.code, text in ran.out) == (0, True)
    assert (await run("completion", "ksh")).code == 2


@pytest.mark.parametrize(
    "command",
    [
        (),
        ("serve",),
        ("token",),
        ("token", "create"),
        ("token", "list"),
        ("users",),
        ("users", "me"),
        ("projects",),
        ("projects", "list"),
        ("projects", "bulk-create"),
        ("documents", "list"),
        ("documents", "upload"),
        ("completion",),
    ],
)
async def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    ran = await run(*command, "--help", TRIPTYCH_TOKEN="x")
    assert (ran.code, f"Usage: {' '.join(['triptych', *command])} " in ran.out) == (0, True)
    assert ("TRIPTYCH_SERVER" in ran.out) == (command[:1] not in [(), ("serve",), ("completion",)])
