"""Figures of a frame: what they count, and what they follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.console.show.figures import TILES, figures_of, histograms, sharpness

if TYPE_CHECKING:
    from numpy.typing import NDArray


def texture(blur_px: float = 0.0) -> NDArray[np.uint8]:
    """Blocks of random grey levels, in or out of focus."""
    blocks = np.random.default_rng(1).integers(60, 190, (24, 32), np.uint8)
    frame = np.kron(blocks, np.ones((10, 10), np.uint8))
    if blur_px:
        frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), blur_px), np.uint8)
    return frame


@pytest.mark.parametrize("channels", [1, 3])
def test_focus_falls_as_a_picture_is_blurred(channels: int) -> None:
    """Each step further out of focus is seen."""
    frames = [texture(blur_px) for blur_px in (0, 1, 2, 4, 8)]
    if channels > 1:
        frames = [np.stack([frame] * channels, axis=2) for frame in frames]
    found = [figures_of(frame).focus for frame in frames]
    assert found == sorted(found, reverse=True)
    assert found[0] > 2 * found[-1]


def test_focus_stays_when_the_light_changes() -> None:
    """Half the light has half the slopes, and the same focus."""
    frame = texture(1.0)
    dark = np.asarray(np.rint(frame / 2), np.uint8)
    assert figures_of(dark).focus == pytest.approx(figures_of(frame).focus, rel=0.02)
    assert figures_of(dark).mean == pytest.approx(figures_of(frame).mean / 2, abs=0.5)


def test_focus_of_a_blank_frame_is_none() -> None:
    """Nothing to be sharp: 0, and no division by nothing."""
    assert figures_of(np.full((48, 64), 128, np.uint8)) == (128.0, 0.0, 0.0, 0.0, 0.0)


def test_saturated_is_any_channel_and_black_is_all() -> None:
    """One red end is a colour that nobody knows; one dark channel is a colour."""
    frame = np.full((10, 10, 3), 100, np.uint8)
    frame[0, :, 2] = 255
    frame[1, :, 0] = 0
    frame[2:4] = 0
    found = figures_of(frame)
    assert (found.saturated_pct, found.black_pct) == (10.0, 20.0)


def test_contrast_runs_from_the_darkest_to_the_brightest_hundredth() -> None:
    """A few hot pixels make none."""
    frame = np.full((100, 100), 50, np.uint8)
    frame[:, 50:] = 180
    frame[0, :40] = 255
    assert figures_of(frame).contrast == 130.0


def test_sharpness_is_where_the_edges_are_steep() -> None:
    """The sharp half of a frame, tile by tile."""
    frame = texture(4.0)
    frame[:, :160] = texture()[:, :160]
    sharp = sharpness(frame)
    assert sharp.shape == TILES
    assert sharp.max() == 1.0
    assert sharp[:, :5].min() > sharp[:, 7:].max()


def test_histograms_count_each_channel() -> None:
    """Every pixel once in each."""
    frame = np.zeros((10, 10, 3), np.uint8)
    frame[..., 1] = 7
    frame[:3, :, 2] = 255
    counts = histograms(frame)
    assert counts.shape == (3, 256)
    assert (counts[0, 0], counts[1, 7], counts[2, 0], counts[2, 255]) == (100, 100, 70, 30)
    assert histograms(frame[..., 0]).tolist() == counts[:1].tolist()
