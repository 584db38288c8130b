"""`gonogo completion`: what makes a shell complete commands, options and names."""

from __future__ import annotations

import click

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_GONOGO_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print what makes a shell complete commands, options, station files and names.

    Once, for this user: in ~/.bashrc `eval "$(gonogo completion bash)"`, in ~/.zshrc
    `eval "$(gonogo completion zsh)"`, in fish `gonogo completion fish | source`. Installed as a
    package it is there already (share/bash-completion, share/zsh, share/fish).
    """
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    if made is None:
        raise click.ClickException(f"this click knows no completion for {shell}")
    click.echo(made(ctx.find_root().command, {}, "gonogo", VARIABLE).source())


COMMANDS: tuple[click.Command, ...] = (completion,)
