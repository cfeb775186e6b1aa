"""`triptych completion`: the script that completes commands and options in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that completes commands and options.

    \b
    bash:  eval "$(triptych completion bash)"    in ~/.bashrc
    zsh:   eval "$(triptych completion zsh)"     in ~/.zshrc, after compinit
    fish:  triptych completion fish > ~/.config/fish/completions/triptych.fish
    """  # noqa: D301 - the sign keeps click from wrapping
    shell_class = get_completion_class(shell)
    if shell_class is None:
        raise click.UsageError(f"{shell} is not known")
    click.echo(shell_class(ctx.find_root().command, {}, "triptych", "_TRIPTYCH_COMPLETE").source())
