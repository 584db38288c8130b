"""Questions to children: whatever becomes of the child, there is an answer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from gonogo.commands.board.asking import Package, ask, ask_package
from gonogo.commands.board.box import Box, Ran

if TYPE_CHECKING:
    from pathlib import Path

MODULES = {
    "whole": "__version__ = '10.3.0'\nprint('a greeting')",
    "crashing": "import os\nos.write(2, b'no driver\\n')\nos.kill(os.getpid(), 11)",
    "library": "raise OSError('libnvinfer.so.10: cannot open shared object file')",
    "leaving": "import os\nos._exit(7)",
    "raising": "raise SystemExit('not for this processor')",
    "late_crash": "__version__ = '1'\nimport atexit, os\natexit.register(os.abort)",
}  # fmt: skip


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """This box, with a Python that has those modules."""
    for name, text in MODULES.items():
        (tmp_path / f"{name}.py").write_text(text)
    python = tmp_path / "python"
    # without -I, which would not look there
    python.write_text(f'#!/bin/sh\nshift\nPYTHONPATH={tmp_path} exec {sys.executable} "$@"\n')
    python.chmod(0o700)
    return Box(interpreter=str(python))


def test_package_that_is_whole_has_its_version(box: Box) -> None:
    """Whatever it prints on its way."""
    found = ask_package(box, "whole")
    assert (found.version, found.error, found.there, found.absent) == ("10.3.0", None, True, False)


def test_package_that_crashes_is_told_by_its_signal(box: Box) -> None:
    """With what it said last, and this process lives on."""
    found = ask_package(box, "crashing")
    assert found.error == "it crashes the process that uses it (SIGSEGV); it said: no driver"
    assert not found.there
    assert not found.absent


def test_package_with_a_missing_library_has_its_text(box: Box) -> None:
    """OSError as well as ImportError."""
    found = ask_package(box, "library")
    assert found.error == "OSError: libnvinfer.so.10: cannot open shared object file"
    assert found.in_words == found.error


def test_package_that_ends_the_process_is_told(box: Box) -> None:
    """Without an answer."""
    assert ask_package(box, "leaving").error == "it ended the process that uses it with status 7"
    assert ask_package(box, "raising").error == "SystemExit: not for this processor"


def test_package_that_crashes_as_it_is_left_is_whole(box: Box) -> None:
    """The import went well; whoever uses it meets that later, if at all."""
    assert ask_package(box, "late_crash").version == "1"


def test_package_that_is_not_installed_is_absent(box: Box) -> None:
    """Told apart from a broken one."""
    found = ask_package(box, "no_such_module")
    assert found.absent
    assert found.in_words == "not installed"


def test_interpreter_that_is_not_there_is_no_crash(box: Box) -> None:
    """A box without a Python of its own."""
    found = ask_package(box, "whole", "/no/such/python")
    assert found.error == "/no/such/python: No such file or directory"


def test_child_that_hangs_is_told() -> None:
    """By how long it was waited for."""
    box = Box(run=lambda _argv, _limit_s: Ran(None, why="did not end within 60 s"))
    assert ask(box, "ask_cuda") == {"error": "did not end within 60 s"}


@pytest.mark.parametrize(
    ("version", "below"),
    [("10.3.0", False), ("10.2.9", True), ("8.6.2", True), ("11.4.1", False), ("", True)],
)
def test_below_compares_numbers(version: str, *, below: bool) -> None:
    """Not texts; what says no version is none that we know."""
    assert Package(version).below(10, 3) == below
