"""Matching a learnt image in the ROI."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import StationFileError
from gonogo.base.frame_shape import FrameShape
from gonogo.rules.template import GoldenMatch, Matcher, TemplateMatch, inner_size
from gonogo.rules.window import Window
from gonogo.tests.rules import reference

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHAPE = FrameShape(40, 50, 1)
WINDOW = Window("p", None, SHAPE, 64)


def noise(seed: int, rows: int = 40, columns: int = 50) -> NDArray[np.uint8]:
    """Random grey levels."""
    return np.random.default_rng(seed).integers(0, 256, (rows, columns), np.uint8)


def learnt(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """As an image file holds it: three equal channels."""
    return np.repeat(grey[..., None], 3, axis=2)


@pytest.mark.parametrize("seed", range(3))
def test_matcher_finds_the_best_place_of_all(seed: int) -> None:
    """As computed place by place; left and top are those of the patch."""
    image, patch = noise(seed), noise(seed + 9)[:12, :9]
    score, left, top = Matcher(patch, image.shape).best(image)
    every = reference.correlation(image, patch)
    assert score == pytest.approx(every.max(), abs=1e-3)
    assert every[top, left] == every.max()


def test_matcher_leaves_out_what_is_flat() -> None:
    """A correlation with no structure is a number without a meaning: never the best one."""
    patch = noise(1)[:10, :10]
    image = np.full((40, 50), 128, np.uint8)
    matcher = Matcher(patch, image.shape)
    assert math.isnan(matcher.best(image)[0])
    image[20:30, 5:15] = patch
    score, left, top = matcher.best(image)
    assert score == pytest.approx(1.0, abs=1e-4)
    assert (left, top) == (5, 20)


def test_template_match_is_in_percent() -> None:
    """100 where the template stands, whole; nan in a flat ROI."""
    image = noise(2)
    match = TemplateMatch("p", learnt(image[5:20, 7:30]), WINDOW)
    assert match(image) == pytest.approx(100, abs=0.01)
    assert math.isnan(match(np.zeros_like(image)))


def test_golden_match_counts_pixels_outside_the_band() -> None:
    """After alignment; a grey level is outside only beyond the tolerance."""
    image = noise(3)
    image[10:30, 10:40] //= 2
    match = GoldenMatch("p", learnt(image[4:-4, 4:-4]), WINDOW, 4, 24)
    assert match(image) == 0
    rows, columns = inner_size("p", WINDOW, 4)
    for change, outside in ((24, 0), (25, 20)):
        changed = image.copy()
        changed[12:16, 12:17] += np.uint8(change)  # they are at most 127: nothing runs over
        assert match(changed) == pytest.approx(100 * outside / (rows * columns))
    assert math.isnan(match(np.zeros_like(image)))


def test_matches_refuse_an_image_of_another_size() -> None:
    """Learnt for another region: the message says which size was expected."""
    with pytest.raises(StationFileError, match=r"expected at most 50 x 40 px .* got 51 x 8 px"):
        TemplateMatch("p", learnt(noise(4, 8, 51)), WINDOW)
    with pytest.raises(StationFileError, match=r"expected 42 x 32 px .* got 50 x 40 px"):
        GoldenMatch("p", learnt(noise(4)), WINDOW, 4, 24)


def test_inner_size_leaves_a_margin_on_each_side() -> None:
    """In work pixels; a margin that leaves nothing is refused."""
    assert inner_size("p", WINDOW, 4) == (32, 42)
    assert inner_size("p", Window("p", None, SHAPE, 25), 4) == (16, 21)
    assert inner_size("p", WINDOW, 18) == (4, 14)
    with pytest.raises(StationFileError, match="search_px: expected less than half"):
        inner_size("p", WINDOW, 19)
