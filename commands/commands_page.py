"""The page of all commands, docs/commands.md, from the commands themselves.

python -I -m gonogo.commands.commands_page docs/commands.md     (make docs)
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gonogo.commands.cli import main as gonogo

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = """# Commands

Made from the program itself by `make docs`; a test holds it against it. `--help` behind any of them
says the same on the box, and so does `man gonogo`. `eval "$(gonogo completion bash)"` in ~/.bashrc
has a shell complete commands, options, station files and names.

They live in `.venv/bin` after `make`, which installs exactly what `requirements/newest.txt` names,
each file checked by its hash, and says which versions that are. Without a network: on another
machine of the kind, `pip download --require-hashes --only-binary=:all: -r requirements/newest.txt
-d wheels` (200 MB), and here `PIP_NO_INDEX=1 PIP_FIND_LINKS=wheels make test`.
`make VERSIONS=oldest test` takes the oldest versions that are allowed.

From the unpacked board to the first part: [a plain PC](on-a-plain-pc.md),
[a Jetson](on-a-jetson.md), [a Raspberry Pi with Hailo](on-a-raspberry-pi-with-hailo.md).
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_commands(gonogo, "gonogo")]).rstrip() + "\n"


def _commands(group: click.Group, path: str) -> Iterator[str]:
    """Groups by what they are for, commands with all that they take."""
    for name, command in group.commands.items():
        # old names, which are kept for one release
        if command.hidden:
            continue
        where, said = f"{path} {name}", inspect.cleandoc(command.help or "")
        if isinstance(command, click.Group):
            yield from [f"## `{where}`", "", said, ""]
            yield from _options(command)
            yield from _commands(command, where)
        else:
            # commands of a group stand under its heading
            depth = "##" if path == "gonogo" else "###"
            yield from [f"{depth} `{usage(where, command)}`", "", said, ""]
            yield from _options(command)


def usage(where: str, command: click.Command) -> str:
    """A command as it is typed, with its arguments."""
    words = [_argument(each) for each in command.params if isinstance(each, click.Argument)]
    return " ".join([where, *words])


def _argument(argument: click.Argument) -> str:
    name = str(argument.name).upper().replace("_", "-") + ("..." if argument.nargs != 1 else "")
    return name if argument.required else f"[{name}]"


def _options(command: click.Command) -> Iterator[str]:
    options = [each for each in command.params if isinstance(each, click.Option)]
    if not options:
        return
    yield from ["| option | what it does |", "|---|---|"]
    for option in options:
        yield f"| `{typed(option)}` | {option.help or ''} |"
    yield ""


def typed(option: click.Option) -> str:
    """As it is typed; a choice with what may be chosen."""
    typed = ", ".join(option.opts)
    if option.is_flag:
        return typed
    # of click.Choice alone
    choices = getattr(option.type, "choices", None)
    value = (
        " or ".join(map(str, choices)) if choices else option.metavar or str(option.name).upper()
    )
    return f"{typed} {value}"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
