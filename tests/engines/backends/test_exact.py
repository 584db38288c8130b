"""The exact resize against Pillow's filter, written a second time."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.base.frame_shape import FrameShape
from gonogo.engines.backends.exact import _PRODUCT_MAX, ExactResize
from gonogo.testing.memory import KEPT_BYTES, growth_of
from gonogo.tests.engines.backends.pillow import resized

SIDE = 33


def _made(frame: np.ndarray, height_px: int, width_px: int) -> np.ndarray:
    channels = 1 if frame.ndim == 2 else 3
    target = np.zeros((height_px, width_px, *frame.shape[2:]), np.uint8)
    geometry = FrameShape(frame.shape[0], frame.shape[1], channels)
    ExactResize(geometry, target).into_target(frame)
    return target


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    "size", [(270, 480), (100, 61), (20, 30), (33, 33), (40, 1400), (1, 1), (64, 20)]
)
def test_exact_is_the_reference_to_a_rounding(size: tuple[int, int], channels: int) -> None:
    """Reduced, enlarged, as it is, grey or in colour: half a grey level at most."""
    shape = size if channels == 1 else (*size, channels)
    frame = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    expected = resized(frame, SIDE, SIDE + 9)
    made = _made(frame, SIDE, SIDE + 9).reshape(expected.shape)
    assert np.abs(made - expected).max() <= 0.5 + 1e-3


def test_exact_keeps_white_white_and_black_black() -> None:
    """Weights sum up to 1: nothing wraps round."""
    for grey in (0, 255):
        assert np.unique(_made(np.full((217, 131, 3), grey, np.uint8), 32, 32)).tolist() == [grey]


def test_exact_writes_into_a_part_of_a_larger_target() -> None:
    """As a letterbox has it: what lies beside it stays."""
    whole = np.full((40, 40, 3), 7, np.uint8)
    frame = np.full((50, 100, 3), 99, np.uint8)
    ExactResize(FrameShape(50, 100, 3), whole[10:30]).into_target(frame)
    assert np.unique(whole[10:30]).tolist() == [99]
    assert np.unique(np.delete(whole, slice(10, 30), axis=0)).tolist() == [7]


def test_exact_allocates_nothing_and_stays_on_its_thread() -> None:
    """Buffers are made once; no product is large enough to be spread over threads."""
    frame = np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)
    resize = ExactResize(FrameShape(480, 640, 3), np.zeros((64, 64, 3), np.uint8))
    steps = [*resize._down_steps, *resize._across_steps]
    assert max(step.weights.size * step.source.shape[1] for step in steps) <= _PRODUCT_MAX
    growth = growth_of(lambda: resize.into_target(frame))
    assert growth.kept_bytes <= KEPT_BYTES
    # numpy converts by way of a small buffer: far less than a frame
    assert growth.peak_bytes < frame.nbytes // 8
