"""Importing in a child: what comes back of a module that is whole, broken, or crashes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gonogo.commands.board import ask_import
from gonogo.commands.board.ask_import import answer_of

SCRIPT = Path(ask_import.__file__)


def test_answer_has_the_version() -> None:
    """Of the module itself, and of the Python that was asked."""
    found = answer_of("numpy")
    assert found["version"] == sys.modules["numpy"].__version__
    assert found["python"] == "{}.{}".format(*sys.version_info)


def test_answer_of_a_module_without_a_version() -> None:
    """It is there all the same."""
    assert answer_of("json")["version"] in {"", "2.0.9"}
    assert "error" not in answer_of("types")


def test_answer_has_the_version_of_the_package_around() -> None:
    """Where the module itself has none."""
    assert answer_of("numpy.linalg")["version"] == sys.modules["numpy"].__version__


def test_answer_of_one_that_is_not_installed() -> None:
    """By the name of the exception, which tells it from a broken one."""
    assert answer_of("no_such_module")["error"].startswith("ModuleNotFoundError: No module named")


@pytest.mark.parametrize("python", [sys.executable, "/usr/bin/python3"])
def test_script_runs_by_its_path(python: str) -> None:
    """Also by a Python that knows nothing of us."""
    if not Path(python).exists():
        pytest.skip(f"{python} is not there")
    done = subprocess.run(
        [python, "-I", str(SCRIPT), "types"], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines()[-1].startswith(ask_import.ANSWER)
