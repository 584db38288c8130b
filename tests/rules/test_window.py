"""The window: what a rule sees of the frame."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.frame_shape import FrameShape
from gonogo.rules.rule import Roi
from gonogo.rules.window import Window
from gonogo.tests.rules import reference

SIDE = st.integers(1, 70)


@given(
    SIDE, SIDE, st.integers(0, 9), st.integers(0, 9), st.integers(16, 64), st.sampled_from([1, 3])
)
def test_window_is_the_roi_halved_until_it_is_small(
    width: int, height: int, x: int, y: int, work_px: int, channels: int
) -> None:
    """Whatever the ROI, the window is the mean of 2 x 2 pixels, again and again."""
    geometry = FrameShape(y + height + 3, x + width + 2, channels)
    frame = np.random.default_rng(width * height).integers(0, 256, geometry.shape, np.uint8)
    window = Window("w", Roi(x_px=x, y_px=y, width_px=width, height_px=height), geometry, work_px)
    expected = frame[y : y + height, x : x + width]
    for _ in range(window.factor.bit_length() - 1):
        expected = reference.halve(expected)
    assert window.take(frame).shape == window.shape
    np.testing.assert_array_equal(window.take(frame), expected)
    assert max(window.shape[:2]) <= work_px or min(window.shape[:2]) == 1


def test_window_takes_the_whole_frame_without_a_roi() -> None:
    """No ROI means all of it, without a copy."""
    frame = np.zeros((20, 30), np.uint8)
    taken = Window("w", None, FrameShape(20, 30, 1), 64).take(frame)
    assert np.shares_memory(taken, frame)
    assert taken.shape == frame.shape
