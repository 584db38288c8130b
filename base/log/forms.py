"""The two forms of a line, as formatters of the standard library."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from gonogo.base.log.console import shown
from gonogo.base.log.entry import entry_of, to_line

if TYPE_CHECKING:
    from gonogo.base.log.section import LogSection


class JsonForm(logging.Formatter):
    """A line of JSON (gonogo.base.log.entry); `bound` is in every one."""

    def __init__(self, **bound: str) -> None:
        super().__init__()
        self._bound = bound

    def format(self, record: logging.LogRecord) -> str:
        """Without the line feed."""
        # one that another handler has made may lack what is bound here
        entry = {**self._bound, **entry_of(record, self._bound)}
        return to_line(entry).decode("ascii").rstrip("\n")


class ConsoleForm(JsonForm):
    """The sentence alone, with the process where that is another one."""

    def format(self, record: logging.LogRecord) -> str:
        """Several lines where there is a traceback."""
        return shown(entry_of(record, self._bound))


def form_of(section: LogSection, fd: int, **bound: str) -> logging.Formatter:
    """The one that a station file wants on a descriptor."""
    auto = "console" if os.isatty(fd) else "json"
    wanted = section.form if section.form != "auto" else auto
    # who watches a terminal sees one program there, and which of its processes it is not
    own = {name: value for name, value in bound.items() if name != "process"}
    return ConsoleForm(**own) if wanted == "console" else JsonForm(**bound)
