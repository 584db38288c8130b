"""What the system's journal has of a station."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gonogo.commands.support.source import Absent, Source
from gonogo.commands.support.system_log import system_log

ITS = Source(Path("cell.toml"), "", None, "cell", None)


def python(script: str) -> tuple[str, ...]:
    """A program that stands in for journalctl, which is asked with further words."""
    return (sys.executable, "-c", script)


def test_system_log_asks_for_the_unit_of_the_station() -> None:
    """The newest lines alone."""
    said = system_log(ITS, python("import sys; print(*sys.argv[1:])"))
    assert "--unit=gonogo-cell.service" in said
    assert "--lines=5000" in said


def test_system_log_says_why_there_is_none() -> None:
    """No such program, no right, no line."""
    with pytest.raises(Absent, match="no no-such-program on this box"):
        system_log(ITS, ("no-such-program",))
    with pytest.raises(Absent, match=r"has no line of gonogo-cell\.service: not permitted"):
        system_log(ITS, python("import sys; sys.exit('not permitted')"))
