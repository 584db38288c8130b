"""How the board fares in shared memory: units, names, and since when."""

from __future__ import annotations

import pytest

from gonogo.ipc.board_health import BoardView, BoardWriter, Heat, make_board_health
from gonogo.tests.ipc.layout import cannot_write

WORDS = ("said_ns", "heat", "hottest_c", "slowed", "power_w", "since_ns")


@pytest.fixture
def board(station: str) -> BoardWriter:
    """As the process that watches it has it."""
    make_board_health(station)
    return BoardWriter.attach(station)


def test_board_is_unknown_before_it_was_looked_at(station: str, board: BoardWriter) -> None:
    """Nothing was said: neither cool nor hot."""
    view = BoardView.attach(station)
    assert (view.said_ns, view.heat, view.hottest_c, view.power_w, view.zone) == (
        0, Heat.UNKNOWN, None, None, "",
    )  # fmt: skip
    assert board.heat is Heat.UNKNOWN


def test_board_is_read_as_it_was_said(station: str, board: BoardWriter) -> None:
    """By everybody, with the name of the hottest zone."""
    view = BoardView.attach(station)
    board.say(Heat.WARM, ("gpu-thermal", 91.25), slowed=True)
    board.say_power(12.345)
    assert (view.heat, view.zone, view.hottest_c) == (Heat.WARM, "gpu-thermal", 91.25)
    assert (view.slowed, view.power_w) == (True, 12.345)
    board.say(Heat.UNKNOWN, None, slowed=False)
    assert (view.heat, view.zone, view.hottest_c, view.slowed) == (Heat.UNKNOWN, "", None, False)


@pytest.mark.parametrize("name", ["x" * 64, "x" * 200, "ü" * 60, "a"])
def test_board_names_a_zone_as_far_as_it_fits(board: BoardWriter, name: str) -> None:
    """A name that is too long is cut off, in the middle of a letter at worst."""
    board.say(Heat.COOL, (name, 40.0), slowed=False)
    said = board.zone.rstrip("�")
    assert said
    assert name.startswith(said)
    assert len(name.encode()) > 64 or said == name


def test_board_says_since_when_it_is_as_hot(board: BoardWriter) -> None:
    """The same said again moves the time of the word, and not that of the heat."""
    board.say(Heat.HOT, None, slowed=False)
    first_ns, since_ns = board.said_ns, board.since_ns
    board.say(Heat.HOT, None, slowed=False)
    assert board.said_ns > first_ns
    assert board.since_ns == since_ns
    board.say(Heat.COOL, None, slowed=False)
    assert board.since_ns > since_ns


@pytest.mark.parametrize("wrong", [-1, 4, 1 << 40])
def test_board_of_a_number_that_is_none_is_unknown(board: BoardWriter, wrong: int) -> None:
    """A bit that flipped ends no line."""
    board.words[1] = wrong
    assert board.heat is Heat.UNKNOWN


def test_board_cannot_be_written_by_who_reads(station: str, board: BoardWriter) -> None:
    """The line reads; one process says."""
    view = BoardView.attach(station)
    board.say(Heat.HOT, None, slowed=False)
    cannot_write(view, WORDS, view.words)
