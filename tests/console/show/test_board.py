"""How the box fares, in lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.console.show.board import found, in_one_line, standing
from gonogo.drivers.board.board import read_board
from gonogo.drivers.board.reading import BoardReading
from gonogo.drivers.board.section import BoardSection
from gonogo.ipc.board_health import STALE_NS, BoardWriter, Heat, make_board_health
from gonogo.tests.drivers.board.trees import HWMON, orin, pi5, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def board(station: str) -> BoardWriter:
    """As the process that watches it has it."""
    make_board_health(station)
    return BoardWriter.attach(station)


def test_standing_says_how_hot_it_is_and_where(board: BoardWriter) -> None:
    """With what slows it down, and the power, where these are known."""
    assert standing(board, 0) == "box: nobody has looked at it yet"
    board.say(Heat.HOT, ("gpu-thermal", 101.04), slowed=True)
    board.say_power(14.96)
    assert standing(board, board.said_ns) == (
        "box: TOO HOT for the engine, which rests, gpu-thermal 101.0 degC, slowed down, 15.0 W"
    )
    board.say(Heat.COOL, None, slowed=False)
    board.say_power(None)
    assert standing(board, board.said_ns + STALE_NS) == "box: cool enough"


@pytest.mark.parametrize("heat", list(Heat))
def test_standing_of_old_words_is_unknown(board: BoardWriter, heat: Heat) -> None:
    """However cool it was then."""
    board.say(heat, None, slowed=False)
    assert standing(board, board.said_ns + 7 * 10**9).endswith("; said 7 s ago: UNKNOWN")


def test_found_lists_every_zone_with_its_limits(tmp_path: Path) -> None:
    """And clocks, power, what slows it down, and what was counted."""
    orin(tmp_path, throttle=1)
    write(tmp_path, {f"{HWMON}/hwmon3/oc1_event_cnt": 0})
    said = list(found(read_board(tmp_path), BoardSection(zones=("cpu-thermal", "cv0-thermal"))))
    assert said[0] == (
        "box: NVIDIA Jetson Orin NX Engineering Reference Developer Kit, power mode 25W"
    )
    assert said[1] == (
        "  cpu-thermal 50.0 degC; warned of from 94 degC on, the engine rests from 99.5 degC on"
    )
    assert said[2] == "  gpu-thermal is not looked at ([board] zones)"
    assert said[3].startswith("  cv0-thermal unknown; ")
    assert "  gpu clock 17000000.gpu: 612 of 918 MHz (nvhost_podgov)" in said
    assert "  cpu clock policy0: 1190 of 1984 MHz (schedutil)" in said
    assert "  VDD_IN 9.25 W" in said
    assert said[-2] == "  slowed down now by: gpu-throttle-alert"
    assert said[-1] == (
        "  since it was switched on: over-current events (average) 1, "
        "over-current events (moment) 2"
    )


def test_found_says_that_nothing_can_be_read() -> None:
    """A virtual machine."""
    assert list(found(BoardReading(), BoardSection())) == [
        "box: it does not say what it is",
        "  no temperature can be read",
    ]


def test_one_line_is_for_a_box_that_nobody_watches(tmp_path: Path) -> None:
    """With what it takes to have it watched."""
    assert in_one_line(read_board(pi5(tmp_path))).startswith(
        "box: hottest is cpu-thermal, 61.5 degC; nobody watches it"
    )
    assert "[board]" in in_one_line(BoardReading())
