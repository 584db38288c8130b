"""Doubts about the good pictures: two kinds of parts, exchanged folders."""

from __future__ import annotations

import cv2
import numpy as np

from gonogo.build.firstday.kinds import exchanged, kinds_words, two_kinds, vouched
from gonogo.tests.build.firstday.measurements import around, measurements, spots, width
from gonogo.tests.build.firstday.plates import plate


def disc(seed: int) -> np.ndarray:
    """Another part on the same ground."""
    frame = np.full((120, 160, 3), 225, np.uint8)
    cv2.circle(frame, (80 + seed % 3, 60), 35, (60, 150, 60), cv2.FILLED)
    return frame


def test_two_kinds_of_parts_in_one_folder_are_told_apart_by_name() -> None:
    """Whichever comes first."""
    frames = [disc(k) for k in range(5)] + [plate(k) for k in range(9)]
    kinds = two_kinds(frames)
    assert kinds is not None
    assert kinds.smaller == (0, 1, 2, 3, 4)
    said = kinds_words(kinds, [f"p{k}.png" for k in range(14)])
    assert "9 like p5.png" in said
    assert "5: p0.png, p1.png, p2.png and 2 more" in said


def test_parts_of_one_kind_are_one_kind() -> None:
    """Though they lie a little elsewhere, and under another light."""
    assert two_kinds([plate(k) for k in range(14)]) is None
    assert two_kinds([np.full((60, 80, 3), 7, np.uint8)] * 6) is None


def test_good_parts_that_differ_far_more_than_bad_ones_look_exchanged() -> None:
    """Good ones are alike, each bad one is bad in its own way."""
    right = measurements([(width("w"), around(100), [50.0, 80.0, 130.0])])
    wrong = measurements([(width("w"), around(100, spread=40), [99.0, 100.0, 101.0])])
    assert not exchanged(right)
    assert exchanged(wrong)


def test_too_few_bad_parts_say_nothing_of_that() -> None:
    """Two that are alike are chance; and a count that is always 0 is no measure."""
    assert not exchanged(measurements([(width("w"), around(100, spread=40), [99.0, 99.0])]))
    assert not exchanged(measurements([(spots("s"), around(9), [9.0] * 5)]))


def test_folders_vouch_for_what_is_in_them_by_their_names() -> None:
    """Then it is only said."""
    assert vouched("Good", "x")
    assert vouched("x", "NG")
    assert not vouched("monday", "tuesday")
