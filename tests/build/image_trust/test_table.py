"""The table of image trust: every picture is held out once, and what is found is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.build.image_trust.lesson import MIN_PICTURES
from gonogo.build.image_trust.optics_lesson import DEAD, DUST, OpticsOutcome
from gonogo.build.image_trust.table import (
    BEGIN,
    END,
    PictureSet,
    Tally,
    blocks_of,
    frames_of,
    table,
    tally_of,
    with_table,
)
from gonogo.rules.image_trust.limits import CHECKS
from gonogo.tests.rules.image_trust.pictures import GREY, good

if TYPE_CHECKING:
    from pathlib import Path


@given(st.integers(31, 400))
def test_blocks_hold_each_picture_once_and_leave_enough_to_learn_from(count: int) -> None:
    """Two at least, and no more than are needed."""
    blocks = blocks_of(count)
    assert [k for block in blocks for k in block] == list(range(count))
    assert min(count - len(block) for block in blocks) >= MIN_PICTURES
    assert len(blocks) == 2 or count - -(-count // (len(blocks) - 1)) < MIN_PICTURES


def test_table_counts_what_is_found_on_pictures_that_did_not_teach() -> None:
    """A column a set, a row a check; nothing is said of a check that is not there."""
    frames = [good(k, GREY) for k in range(40)]
    tally = tally_of("plates", GREY, frames)
    assert (tally.pictures, tally.blocks) == (40, 4)
    assert tally.offered["too dark"] == 4
    assert tally.found["too dark"] == tally.tried["too dark"] == 40
    assert tally.alarms == max(tally.false.values()) == 0
    tally.try_slow(frames)
    lines = table([tally]).splitlines()
    assert lines[0] == "| check (its damage) | plates (40 pictures, 4 blocks) |"
    assert "| too dark (40 % less light) | 40/40 |" in lines
    assert lines[-1] == "| good ones taken for damaged | **0/40** |"
    assert len(lines) == 2 + len(CHECKS) + 4 + 4
    dead, false = (line for line in lines if "dead pixels" in line and "one frame" not in line)
    assert "dead pixels (20 stuck pixels), after 128 parts | " in dead
    assert false == "| sequences of good ones taken for dead pixels | 0/4 |"


def test_table_says_of_a_check_that_it_is_not_offered() -> None:
    """Good parts that are lit in any way."""
    frames = [good(k, GREY, light=(0.5, 0.8, 1.0, 1.4)[k % 4]) for k in range(40)]
    tally = tally_of("plates", GREY, frames)
    tally.try_slow(frames)
    assert tally.tried["too dark"] == 0
    assert "| too dark (40 % less light) | not offered |" in table([tally]).splitlines()


def test_table_tells_how_many_bad_parts_are_taken_for_bad_frames() -> None:
    """They are rejected in either case, but for another reason."""
    tally = tally_of("plates", GREY, [good(k, GREY) for k in range(40)])
    good_ones = [good(k, GREY) for k in range(40)]
    tally.try_slow(good_ones)
    tally.try_bad(good_ones, [good(50, GREY), good(51, GREY) // 3, good(52, GREY)])
    line = "| bad parts in good frames taken for damaged ones | 1/3 |"
    assert line in table([tally]).splitlines()


def test_table_says_of_a_slow_check_what_it_found_where_it_is_not_offered() -> None:
    """With its figures: 37 of 40 is no secret."""
    tally = Tally("plates", GREY)
    tally.slow = {
        DEAD: OpticsOutcome(DEAD, 79, 80, 0, 4),
        DUST: OpticsOutcome(DUST, 37, 40, 1, 4),
    }
    lines = table([tally]).splitlines()
    assert "| dead pixels (20 stuck pixels), after 128 parts | 79/80 |" in lines
    assert "| dust (grains of 10 to 40 px), after 128 parts | not offered (37/40) |" in lines
    assert "| sequences of good ones taken for dust | 1/4 |" in lines


def test_table_takes_the_place_of_the_one_before() -> None:
    """Between its marks; the rest of the page stays."""
    page = f"head\n{BEGIN}\nold\n{END}\nfoot\n"
    assert with_table(page, "new") == f"head\n{BEGIN}\n\nnew\n\n{END}\nfoot\n"
    with pytest.raises(ValueError, match="measured: begin"):
        with_table("a page without marks", "new")


def test_table_reads_the_pictures_of_all_folders_of_a_set(tmp_path: Path) -> None:
    """Brought to one size."""
    for folder, side in (("a", 100), ("b", 140)):
        (tmp_path / "set" / folder).mkdir(parents=True)
        cv2.imwrite(str(tmp_path / "set" / folder / "0.png"), good(1)[:side, :side])
    frames = frames_of(tmp_path, PictureSet("set", (), GREY, "resize", ""), "a", "b")
    assert [frame.shape for frame in frames] == [GREY.shape] * 2
