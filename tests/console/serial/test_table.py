"""The table of commands: what a line means, and what it may become."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import CommandUnknown
from gonogo.console.serial.access import Person
from gonogo.console.serial.commands import COMMANDS
from gonogo.console.serial.commands_box import BOX_COMMANDS, late
from gonogo.console.serial.table import At, completed, listed, manual, ordered

if TYPE_CHECKING:
    from gonogo.console.serial.table import Command


@pytest.mark.parametrize(
    ("line", "words", "given"),
    [
        ("status", "status", ()), ("st", "status", ()), ("part 7", "part", ("7",)),
        ("parts", "parts", ()), ("eng l", "engine list", ()), ("log", "log", ()),
        ("log 5", "log", ("5",)), ("log f", "log follow", ()), ("log follow", "log follow", ()),
        ("golden good", "golden good", ()), ("golden cancel", "golden cancel", ()),
        ("lot begin L 17", "lot begin", ("L", "17")), ("  status  ", "status", ()),
    ],
)  # fmt: skip
def test_ordered_finds_the_command(line: str, words: str, given: tuple[str, ...]) -> None:
    """By its words, in full or as far as they are its alone."""
    order = ordered(COMMANDS, line)
    assert (order.command.words, order.given, order.json) == (words, given, False)


def test_ordered_takes_json_wherever_it_stands() -> None:
    """It is no word of the command."""
    assert ordered(COMMANDS, "parts --json 5") == ordered(COMMANDS, "parts 5 --json")
    assert ordered(COMMANDS, "parts 5 --json").json


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x", "'x' is no command"), ("lo", "may be log, lots"), ("part", "expected: part NUMBER"),
        ("status 5", "expected: status"), ("ack", "in full: acknowledge"),
        ("engine", "is no command"), ("lot b L", "in full: lot begin"), ("--json", "is no command"),
    ],
)  # fmt: skip
def test_ordered_says_what_is_missing(line: str, said: str) -> None:
    """Unknown, several, too few words or too many, a change in short."""
    with pytest.raises(CommandUnknown, match="GN652") as error:
        ordered(COMMANDS, line)
    assert said in str(error.value)


def test_completed_gives_the_words_that_fit() -> None:
    """Of the first word, and of the second."""
    assert completed(COMMANDS, "eng") == ["engine"]
    assert completed(COMMANDS, "engine ") == ["activate", "list", "rollback"]
    assert completed(COMMANDS, "engine activate ") == ["without-shadow"]
    assert completed(COMMANDS, "engine r") == ["rollback"]
    assert completed(COMMANDS, "part 7") == []


def test_late_loads_what_it_names_once_it_is_asked() -> None:
    """And hands on what was given."""
    where = At("cell", None, Person("anna", "technician"), "ttyTEST0", "serial")
    assert late("box:clocks")(where, ()).lines[0].startswith("UTC ")
    assert {each.words for each in BOX_COMMANDS} <= {each.words for each in COMMANDS}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each.words)
def test_manual_of_each_command_is_whole(command: Command) -> None:
    """Synopsis, at least a sentence, and whether it changes something; a row of the list fits."""
    first, *rest = manual(command)
    assert first == command.synopsis
    assert rest[0].endswith(".")
    assert ("A change" in rest[-1]) == bool(command.changes)
    assert len(listed([command])[0]) < 80
