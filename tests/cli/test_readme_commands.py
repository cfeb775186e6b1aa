"""The commands of the README's section on the command line, run on a terminal against the server."""

from __future__ import annotations

import re
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from cli.processes import COLUMNS, TRIPTYCH, Served, run_on_terminal

ROOT = Path(__file__).parents[2]


def examples() -> Iterator[tuple[str, str]]:
    """Return each command of the section, and what it prints; `...` stands for any lines."""
    readme = (ROOT / "README.md").read_text()
    section = readme.partition("\n## From the command line\n")[2].partition("\n## ")[0]
    for block in re.findall(r"```console\n(.*?)```", section, re.DOTALL):
        for example in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = example.partition("\n")
            yield command, shown


async def test_the_commands_of_the_readme_print_what_it_says(
    serve: Callable[..., Awaitable[Served]], tmp_path: Path
) -> None:
    served = await serve("--seed", str(ROOT / "examples" / "seed.yaml"))
    shutil.copy(ROOT / "README.md", tmp_path)
    commands = list(examples())
    assert len(commands) > 5
    assert all("triptych" in command or command.startswith(("export", "echo")) for command, _ in commands)
    script = "".join(f"echo ==={number}\n{command}\n" for number, (command, _) in enumerate(commands))
    ran = await run_on_terminal(
        *("bash", "-c", script),
        columns=COLUMNS,
        cwd=tmp_path,
        TRIPTYCH_SERVER=served.url,
        PATH=f"{Path(TRIPTYCH).parent}:/usr/local/bin:/usr/bin:/bin",
    )
    printed = re.split(r"^===\d+\n", ran.out, flags=re.MULTILINE)[1:]
    for (command, shown), got in zip(commands, printed, strict=True):
        # What a bar drew is cleared from the line before the result is printed.
        clear = re.sub(r"^.*\x1b\[K", "", got, flags=re.MULTILINE)
        pattern = ".*".join(map(re.escape, shown.split("...\n")))
        assert re.fullmatch(pattern, clear, re.DOTALL), f"{command} printed\n{clear}"
