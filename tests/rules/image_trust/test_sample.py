"""What is measured of a frame: on a few of its pixels what all of them would tell."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.frame_shape import FrameShape
from gonogo.proving.bench.image_reference import reference, sharpness
from gonogo.rules.image_trust.sample import Sampler, small_size, step_of
from gonogo.testing.memory import growth_of
from gonogo.tests.rules.image_trust.pictures import COLOUR, GREY, good

if TYPE_CHECKING:
    from numpy.typing import NDArray

EDGE_LEVELS = 20
LARGE = FrameShape(960, 1280, 3)


def plane(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What is measured of a frame."""
    return frame if frame.ndim == 2 else frame[:, :, 1]


@pytest.mark.parametrize("geometry", [GREY, COLOUR], ids=["grey", "colour"])
@pytest.mark.parametrize("light", [1.0, 1.7])
def test_sample_of_a_small_frame_is_what_all_its_pixels_tell(
    geometry: FrameShape, light: float
) -> None:
    """Nothing is left out there but every other row, where edges are looked at."""
    former, frame = good(1, geometry), good(2, geometry, light=light)
    sampler = Sampler(geometry, EDGE_LEVELS)
    sampler.take(former)
    found, told = sampler.take(frame), reference(frame, former, EDGE_LEVELS)
    assert found.light.tolist() == pytest.approx(told.light.tolist(), abs=1e-9)
    assert found.saturated_pct == pytest.approx(told.saturated_pct)
    assert found.across.tolist() == pytest.approx(told.across.tolist(), abs=1e-3)
    assert found.down.tolist() == pytest.approx(told.down.tolist(), abs=1e-3)
    assert found.seam == pytest.approx(told.seam, abs=1e-3)
    assert (found.repeat, found.stale) == pytest.approx((told.repeat, told.stale), abs=1e-3)
    steep, edges = sharpness(plane(frame)[::2], EDGE_LEVELS)
    assert found.sharpness_pct == pytest.approx(steep)
    assert found.edges == edges


def test_sample_of_a_large_frame_is_near_what_all_its_pixels_tell() -> None:
    """One pixel in 64, one row in 16, strips: the same within a few percent."""
    former, frame = good(1, LARGE), good(2, LARGE, light=1.6)
    frame[500:] = good(3, LARGE, light=1.3)[500:]
    sampler = Sampler(LARGE, EDGE_LEVELS)
    sampler.take(former)
    found, told = sampler.take(frame), reference(frame, former, EDGE_LEVELS)
    assert found.light.tolist() == pytest.approx(told.light.tolist(), abs=3.0)
    assert found.saturated_pct == pytest.approx(told.saturated_pct, abs=1.0)
    assert found.sharpness_pct == pytest.approx(told.sharpness_pct, abs=3.0)
    assert found.across.tolist() == pytest.approx(told.across[::8].tolist(), abs=6.0)
    assert found.seam == pytest.approx(told.seam, rel=0.2)
    assert found.seam > 5
    assert (found.repeat, found.stale) == pytest.approx((told.repeat, told.stale), rel=0.1)


@pytest.mark.parametrize(
    ("height", "width", "step", "size"),
    [(95, 400, 1, (95, 400)), (192, 999, 2, (96, 499)), (1080, 1920, 8, (135, 240)),
     (2048, 2448, 8, (256, 306)), (8, 8, 1, (8, 8))],
)  # fmt: skip
def test_sample_looks_at_small_frames_more_closely(
    height: int, width: int, step: int, size: tuple[int, int]
) -> None:
    """Every 8th pixel where there are many, every one where there are few."""
    geometry = FrameShape(height, width, 1)
    assert (step_of(geometry), small_size(geometry)) == (step, size)


@pytest.mark.parametrize("size", [(101, 133), (67, 1021), (211, 64)])
@pytest.mark.parametrize("channels", [1, 3])
def test_sample_takes_frames_of_any_size(size: tuple[int, int], channels: int) -> None:
    """Strips and steps need not go into its sides."""
    geometry = FrameShape(*size, channels)
    frame = good(1, geometry)
    frame[size[0] // 2 :] //= 2
    found = Sampler(geometry, EDGE_LEVELS).take(frame)
    assert found.seam > 5
    assert found.edges > 0


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_sample_sees_saturation_in_any_channel(channel: int) -> None:
    """A red lamp saturates red alone."""
    frame = np.full(COLOUR.shape, 251, np.uint8)
    frame[:60, :, channel] = 252
    assert Sampler(COLOUR, EDGE_LEVELS).take(frame).saturated_pct == pytest.approx(50.0)


def test_sample_compares_with_the_frame_before_and_with_what_lay_in_its_slot() -> None:
    """The least difference to either; the first frame of all has neither."""
    sampler = Sampler(GREY, EDGE_LEVELS, slots=3)
    frames = [np.full(GREY.shape, level, np.uint8) for level in (10, 50, 90, 14, 96)]
    samples = [sampler.take(frame, k % 3) for k, frame in enumerate(frames)]
    for found in ([each.repeat for each in samples], [each.stale for each in samples]):
        assert math.isinf(found[0])
        assert found[1:] == pytest.approx([40, 40, 4, 46])  # 14 after 90, on 10; 96 on 50


@pytest.mark.parametrize(("from_row", "stale"), [(60, 0.0), (112, 0.0), (114, None)])
def test_sample_sees_that_the_lowest_band_is_the_frame_before(
    from_row: int, stale: float | None
) -> None:
    """The lowest 16th of 120 rows are 7 of them: with a fresh row in it, it differs."""
    former, frame = good(1, GREY), good(2, GREY)
    frame[from_row:] = former[from_row:]
    sampler = Sampler(GREY, EDGE_LEVELS)
    sampler.take(former)
    found = sampler.take(frame).stale
    assert found == stale if stale is not None else found > 0


def test_sample_sees_that_the_topmost_band_is_the_frame_before() -> None:
    """A camera may write from below, or be overtaken."""
    former, frame = good(1, GREY), good(2, GREY)
    frame[:20] = former[:20]
    sampler = Sampler(GREY, EDGE_LEVELS)
    sampler.take(former)
    found = sampler.take(frame)
    assert found.stale == 0
    assert found.repeat > 0


def test_sample_has_the_light_at_its_percentiles_and_the_mean() -> None:
    """Of a hundred levels, as many pixels of each."""
    frame = np.tile(np.arange(100, dtype=np.uint8), (100, 1))
    found = Sampler(FrameShape(100, 100, 1), EDGE_LEVELS).take(frame)
    assert found.light.tolist() == pytest.approx([4, 24, 49, 74, 89, 96, 49.5])


def test_sample_looks_for_a_seam_in_12_strips_of_16_px() -> None:
    """What lies between them is not read."""
    frame = np.full((100, 480), 50, np.uint8)
    frame[50:].reshape(50, 12, 40)[:, :, 16:] = 200
    sampler = Sampler(FrameShape(100, 480, 1), EDGE_LEVELS)
    assert sampler.take(frame).seam == 0
    frame[50:].reshape(50, 12, 40)[:, :, 15] = 200
    assert sampler.take(frame).seam == pytest.approx(150 / 16 / 0.5)


def test_sample_of_a_frame_without_edges_has_no_sharpness() -> None:
    """None to measure."""
    flat = np.full(GREY.shape, 90, np.uint8)
    found = Sampler(GREY, EDGE_LEVELS).take(flat)
    assert (found.sharpness_pct, found.edges) == (0.0, 0)


def test_sample_counts_an_edge_from_its_level_on() -> None:
    """A rise of one level less is none."""
    frame = np.full(GREY.shape, 90, np.uint8)
    frame[:, 80:] = 90 + EDGE_LEVELS
    strong, weak = (Sampler(GREY, EDGE_LEVELS + more).take(frame) for more in (0, 1))
    assert (strong.sharpness_pct, strong.edges) == (100.0, 4 * 60)
    assert weak.edges == 0


def test_sample_that_is_kept_outlives_the_next_frame() -> None:
    """The sampler's own arrays do not."""
    sampler = Sampler(GREY, EDGE_LEVELS)
    frame = good(1, GREY)
    kept = sampler.take(frame).kept()
    sampler.take(np.zeros_like(frame))
    assert kept.across.tolist() == Sampler(GREY, EDGE_LEVELS).take(frame).across.tolist()
    assert kept.down.mean() > 0


@pytest.mark.parametrize("channels", [1, 3])
def test_sample_allocates_nothing_of_a_frame_s_size(channels: int) -> None:
    """All buffers are there from the start, and nothing grows."""
    geometry = FrameShape(480, 640, channels)
    frame, sampler = good(1, geometry), Sampler(geometry, EDGE_LEVELS, slots=4)
    slots = itertools.cycle(range(4))
    growth = growth_of(lambda: sampler.take(frame, next(slots)), few_bytes=20_000, runs=1000)
    assert growth.peak_bytes < geometry.nbytes / 4  # what comes and goes is small
    assert growth.kept_bytes < 20_000  # of a thousand: less than a number of each is kept
