"""Where the field tool begins: a process of a station, or the command line."""

from __future__ import annotations

import subprocess
import sys

from gonogo.build.release import frozen_entry


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
