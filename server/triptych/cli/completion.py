"""`triptych completion`: the script that completes commands and options in a shell.

The scripts and what they ask for are click's, but for what goes wrong with them: values of `--option=`, which
each shell hands over and takes back in its own way, and descriptions with a comma, which fish cuts.
"""

from __future__ import annotations

from typing import Final

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)

from triptych.cli.lazy import COMPLETING


class _Bash(BashComplete):
    """Bash splits `--output=json` at the equals sign, and completes what is behind it."""

    def get_completion_args(self) -> tuple[list[str], str]:
        args, incomplete = super().get_completion_args()
        if incomplete == "=":
            incomplete = ""
        split = {index for index, word in enumerate(args) if word == "=" and index}
        return [word for index, word in enumerate(args) if index not in split], incomplete


class _Zsh(ZshComplete):
    """Zsh is told to keep what stands before the value of an option."""

    source_template = (
        ZshComplete.source_template.replace(
            "    local -a response\n",
            "    local -a response\n"
            "    local before=\n"
            '    [[ "${words[CURRENT]}" == --*=* ]] && before="${words[CURRENT]%%%%=*}="\n',
        )
        .replace("_path_files", 'compset -P "$before"; _path_files')
        .replace(" -U -V unsorted", ' -U -P "$before" -V unsorted')
        .replace("completions_with_descriptions -U", 'completions_with_descriptions -U -P "$before"')
    )


class _Fish(FishComplete):
    """Fish wants the whole word, and gets descriptions that hold commas."""

    source_template = FishComplete.source_template.replace(
        'string split "," $completion', 'string split --max 1 "," $completion'
    )

    def get_completion_args(self) -> tuple[list[str], str]:
        args, incomplete = super().get_completion_args()
        option, sign, _ = incomplete.partition("=")
        self._before = option + sign if sign and option.startswith("--") else ""
        return args, incomplete

    def format_completion(self, item: CompletionItem[str]) -> str:
        if item.type == "plain" and self._before:
            item = CompletionItem(self._before + item.value, item.type, item.help)
        return super().format_completion(item)


_SHELLS: Final[dict[str, type[ShellComplete]]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}


def register() -> None:
    """Let the shells be answered so."""
    for name, shell in _SHELLS.items():
        add_completion_class(shell, name)


@click.command()
@click.argument("shell", type=click.Choice(list(_SHELLS), case_sensitive=False))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that completes commands and options.

    \b
    bash:  eval "$(triptych completion bash)"    in ~/.bashrc
    zsh:   eval "$(triptych completion zsh)"     in ~/.zshrc, after compinit
    fish:  triptych completion fish > ~/.config/fish/completions/triptych.fish
    """  # noqa: D301 - the sign keeps click from wrapping
    click.echo(_SHELLS[shell](ctx.find_root().command, {}, "triptych", COMPLETING).source())
