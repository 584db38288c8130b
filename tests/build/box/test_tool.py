"""Programs of others that make an image."""

from __future__ import annotations

import pytest

from gonogo.base.errors import BoxToolFailed
from gonogo.build import programs
from gonogo.build.box import tool


def test_run_gives_what_a_program_says_and_takes_what_it_reads() -> None:
    """In one language, with more of its environment."""
    assert tool.run(["tar", "--version"]).startswith("tar (GNU tar)")


def test_run_tells_the_last_words_of_a_program_that_fails() -> None:
    """Not all of them."""
    with pytest.raises(BoxToolFailed, match=r"tar ended with 2: .*Cannot open: No such file"):
        tool.run(["tar", "-xf", "/nowhere/at/all"])


def test_found_names_the_package_of_a_program_that_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What to type on Debian."""
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(programs, "SYSTEM", "/nowhere")
    with pytest.raises(BoxToolFailed, match=r"sgdisk is not here; .*: apt install gdisk"):
        tool.found("sgdisk")
