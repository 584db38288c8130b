"""Questions that are put to a child, since the answer may be a crash or none at all."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.commands.board.ask_import import ANSWER

if TYPE_CHECKING:
    from gonogo.commands.board.box import Box, Ran

LIMIT_S = 60.0  # a large runtime from a slow card, for the first time after a start
SYSTEM_PYTHON = "/usr/bin/python3"  # where JetPack and Raspberry Pi OS install their modules
_HERE = Path(__file__).parent


class Package(NamedTuple):
    """A Python module: its version ("" where it names none), or why it cannot be imported.

    `python`: of the interpreter that was asked, as "3.10"; "" where it could not be started.
    """

    version: str | None = None
    error: str | None = None
    python: str = ""

    @property
    def there(self) -> bool:
        """Whether it can be imported."""
        return self.error is None

    def below(self, *floor: int) -> bool:
        """Whether it is older than a version: (10, 3) is 10.3.0; what has none is old."""
        numbers = re.findall(r"\d+", self.version or "")[: len(floor)]
        return tuple(map(int, numbers)) < floor

    @property
    def absent(self) -> bool:
        """Not installed at all; other errors are of one that is there and not whole."""
        return self.error is not None and self.error.startswith("ModuleNotFoundError")

    @property
    def in_words(self) -> str:
        """For a person."""
        if self.error is None:
            return self.version or "installed"
        return "not installed" if self.absent else self.error


def ask(box: Box, script: str, *args: str, interpreter: str = "") -> dict[str, Any]:
    """What a child of ours answers; `error` where it crashes, hangs or cannot be started."""
    argv = [interpreter or box.interpreter, "-I", str(_HERE / f"{script}.py"), *args]
    ran = box.run(argv, LIMIT_S)
    for line in reversed(ran.out.splitlines()):
        if line.startswith(ANSWER):
            found: dict[str, Any] = json.loads(line[len(ANSWER) :])
            return found
    return {"error": _failure(ran)}


def ask_package(box: Box, module: str, interpreter: str = "") -> Package:
    """Import a module in a child."""
    found = ask(box, "ask_import", module, interpreter=interpreter)
    return Package(found.get("version"), found.get("error"), found.get("python", ""))


def ask_system(box: Box, module: str) -> Package | None:
    """The same of the system's Python, where there is one."""
    return ask_package(box, module, SYSTEM_PYTHON) if box.there(SYSTEM_PYTHON[1:]) else None


def _failure(ran: Ran) -> str:
    last = ran.err.strip().splitlines()[-1:]
    said = f"; it said: {last[0][:200]}" if last else ""
    if ran.ended_by:
        return f"it crashes the process that uses it ({ran.ended_by}){said}"
    return (ran.why or f"it ended the process that uses it with status {ran.status}") + said
