"""Where the field tool begins: a process of a station, or the command line."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from gonogo.build.release import frozen_entry

if TYPE_CHECKING:
    import pytest


def said(*words: str) -> str:
    """What the file prints, run as PyInstaller runs it."""
    command = [sys.executable, "-I", str(frozen_entry.__file__), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_a_process_gets_its_module_and_its_words() -> None:
    """As Python itself would start it."""
    assert said("-I", "-m", "platform", "--terse", "x").count("\n") == 1


def test_else_it_is_the_command_line() -> None:
    """With all of its commands."""
    assert "Usage: " in said("release", "--help")


def test_programs_of_the_system_find_their_own_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyInstaller keeps the user's own path to them under another name, where there is one."""
    packed = {"LD_LIBRARY_PATH": "/packed"}
    found = {**packed, "LD_LIBRARY_PATH_ORIG": "/own"}
    frozen_entry.give_back(found)
    assert found == {"LD_LIBRARY_PATH": "/own"}
    frozen_entry.give_back(found := dict(packed))
    assert found == packed  # of a Python that nobody packed
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    frozen_entry.give_back(found)
    assert found == {}
