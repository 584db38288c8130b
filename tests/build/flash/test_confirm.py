"""The last four of the serial number, typed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from gonogo.base.errors import FlashNotConfirmed
from gonogo.build.flash.confirm import at_terminal, confirm
from gonogo.build.flash.targets import Target

STICK = Target(Path("/dev/sdb"), 1, "Ultra Fit", "4C530001", "usb")


def test_the_last_four_confirm_and_nothing_else_does() -> None:
    """Of the serial number; of its name where it has none."""
    typed = iter(["0001", "", "y", "yes", "0002", "4C530001", "001"])
    confirm(STICK, "it becomes 0.2.0", lambda _: next(typed))
    for _ in range(6):
        with pytest.raises(FlashNotConfirmed, match="nothing was written"):
            confirm(STICK, "it becomes 0.2.0", lambda _: next(typed))
    confirm(STICK._replace(serial=""), "it becomes 0.2.0", lambda _: "sdb")


def test_the_question_says_what_becomes_of_it() -> None:
    """And which four."""
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return ""

    with pytest.raises(FlashNotConfirmed):
        confirm(STICK, "it becomes 0.2.0", ask)
    assert asked[0].startswith("it becomes 0.2.0\ntype the last four of the serial number of")


def test_a_person_is_asked_at_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe is nobody."""
    with open(os.devnull) as nobody:  # noqa: PTH123 - a stream
        monkeypatch.setattr(sys, "stdin", nobody)
        with pytest.raises(FlashNotConfirmed, match="expected a terminal, or --yes"):
            at_terminal("?")
    ours, theirs = os.openpty()
    os.write(ours, b"0001\n")
    with os.fdopen(theirs) as somebody:
        monkeypatch.setattr(sys, "stdin", somebody)
        assert at_terminal("?") == "0001"
    os.close(ours)
