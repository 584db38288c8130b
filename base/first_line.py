"""What a helper process is to do: the first line of its standard input, never an argument.

Every user of a box can read every argument list (/proc/PID/cmdline), and nobody a pipe.
"""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess


def hand_over(process: subprocess.Popen[str], line: str, *, more: bool = False) -> None:
    """Write the line to a process that was just started; `more`: further lines will follow.

    One that has ended already is left to whoever waits for its answer.
    """
    if process.stdin is None:
        raise ValueError("hand_over: expected a process with a pipe as standard input, got none")
    if "\n" in line:
        raise ValueError(f"hand_over: expected one line, got {line[:60]!r}; encode it as JSON")
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(line + "\n")
        process.stdin.flush()
    # the end of its input, so that it waits for nothing more
    if not more:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()


def handed_over() -> str:
    """The line, on the other side; empty where nothing was said."""
    return sys.stdin.readline().rstrip("\n")
