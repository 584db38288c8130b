"""The manual page, packaging/man/gonogo.1, from the commands themselves.

python -I -m gonogo.commands.man_page packaging/man/gonogo.1     (make docs)
"""

from __future__ import annotations

import inspect
import re
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gonogo.commands.cli import main as gonogo
from gonogo.commands.commands_page import typed, usage

if TYPE_CHECKING:
    from collections.abc import Iterator

_ABOUT = """\
.SH NAME
gonogo \\- go / no\\-go verdicts for every part of one inspection station
.SH SYNOPSIS
.B gonogo
.I COMMAND
.RI [ OPTIONS "] [" ARGUMENTS ]
.SH DESCRIPTION
.B gonogo
is the runtime in the box at one inspection station of a factory line.
A part passes, a camera looks, a model and rules judge it,
and the PLC has the verdict before the ejector.
Whatever breaks, silence means reject.
It is quality control, not a safety function.
.PP
A station is one TOML file, which
.B gonogo check
tries, and
.B gonogo run
runs.
Where something is wrong,
.B gonogo doctor
looks at the box,
.B gonogo check
at the station file and its devices, and
.B gonogo status
at the station that runs.
Every message has a number as GN401.
.SH COMMANDS
"""
_AFTER = """\
.SH EXIT STATUS
.TP
0
Done; nothing wrong.
.TP
1
What a person has to mend; the message says what.
.TP
2
An option that there is not; of
.B rehearse
and
.B campaign
that the station was late, or worse.
.TP
3
Of these two: inconclusive, since nothing but the judge itself was late.
.TP
4
Of
.B rehearse
that all was in time and the station is not good enough; of
.B doctor
that something is wrong, and no station is stopped by it.
.TP
70
A fault of gonogo itself; its log has more.
.SH ENVIRONMENT
.TP
.B GONOGO_RUNTIME_DIR
The private directory of running stations, on a file system in memory;
otherwise /run/gonogo, the login's, or /dev/shm.
.TP
.B STATE_DIRECTORY
Where the last good station file is kept, as systemd names it; otherwise beside the station file.
.SH SEE ALSO
.BR systemctl (1),
.BR journalctl (1),
.BR sqlite3 (1);
the pages in docs/ of the project.
"""


def page() -> str:
    """The whole page, in the macros of man(7)."""
    head = f'.TH GONOGO 1 "" "gonogo {version("gonogo")}" "User Commands"\n'
    return head + _ABOUT + "\n".join(_commands(gonogo, "gonogo")) + "\n" + _AFTER


def _commands(group: click.Group, path: str) -> Iterator[str]:
    for name, command in group.commands.items():
        # old names, which are kept for one release
        if command.hidden:
            continue
        where = f"{path} {name}"
        if isinstance(command, click.Group):
            yield from _commands(command, where)
            continue
        yield f".SS {escaped(usage(where, command))}"
        yield from _paragraphs(inspect.cleandoc(command.help or ""))
        for option in command.params:
            if isinstance(option, click.Option):
                yield from (".TP", f".B {escaped(typed(option))}", escaped(option.help or ""))


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(re.split(r"\n\s*\n", text)):
        if number:
            yield ".PP"
        yield escaped(" ".join(paragraph.split()))


def escaped(text: str) -> str:
    """As roff reads it: no backslash, hyphen or leading dot of ours means something to it."""
    plain = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "")
    # a control line begins so (groff(7))
    return f"\\&{plain}" if plain.startswith((".", "'")) else plain


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
