"""Objects told from the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.base.errors import StationFileError
from gonogo.rules.segment import Blob, ChannelOf, Segmenter, SegmentSection
from gonogo.tests.rules import reference

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHAPE = (40, 60)


def scene(*boxes: tuple[int, int, int, int], level: int = 40) -> NDArray[np.uint8]:
    """Boxes (left, top, width, height) of one grey level on a light ground."""
    frame = np.full(SHAPE, 220, np.uint8)
    for left, top, width, height in boxes:
        frame[top : top + height, left : left + width] = level
    return frame


def segmenter(factor: int = 1, **keys: object) -> Segmenter:
    """Of grey frames."""
    return Segmenter("r", SegmentSection.model_validate(keys), SHAPE, factor)


def test_biggest_is_the_object_of_most_pixels() -> None:
    """With its box in the whole image, whatever else there is."""
    found = segmenter().biggest(scene((3, 4, 10, 8), (30, 20, 12, 9), (50, 2, 3, 3)))
    assert found is not None
    assert found[1:] == (30, 20, 12, 9, 108)


def test_biggest_is_none_where_nothing_is_big_enough() -> None:
    """Pixels of the frame count, not those of the halved image."""
    frame = scene((3, 4, 10, 8))
    assert segmenter(area_min_px=80).biggest(frame) is not None
    assert segmenter(area_min_px=81).biggest(frame) is None
    assert segmenter(2, area_min_px=320).biggest(frame) is not None
    assert segmenter(2, area_min_px=324).biggest(frame) is None


def test_areas_are_those_of_all_objects_that_are_big_enough() -> None:
    """Touching at a corner is touching."""
    frame = scene((3, 4, 10, 8), (13, 12, 10, 8), (40, 20, 9, 9), (50, 2, 3, 3))
    assert sorted(segmenter(area_min_px=10).areas(frame)) == [81, 160]
    expected = sorted(len(each) for each in reference.components(frame < 128))
    assert sorted(segmenter(area_min_px=1).areas(frame)) == expected


@pytest.mark.parametrize(("level", "told"), [(200, True), (201, False)])
def test_objects_need_a_contrast(level: int, *, told: bool) -> None:
    """Otsu splits anything, noise as well: below `contrast_min` nothing counts."""
    frame = scene((3, 4, 10, 8), level=level)
    assert (segmenter(contrast_min=20).biggest(frame) is not None) is told


def test_objects_are_on_the_side_that_was_said() -> None:
    """The ground is no object; an even frame has none on either side."""
    frame = 255 - scene((3, 4, 10, 8))
    dark, light = segmenter(threshold=128), segmenter(threshold=128, object_is="light")
    found = light.biggest(frame)
    assert found is not None
    assert found[1:] == (3, 4, 10, 8, 80)
    ground = dark.biggest(frame)
    assert ground is not None
    assert ground.area == 40 * 60 - 80
    for level in (0, 255):
        assert dark.biggest(np.full(SHAPE, level, np.uint8)) is None
        assert light.biggest(np.full(SHAPE, level, np.uint8)) is None


def test_mask_and_outline_are_those_of_one_object_alone() -> None:
    """A smaller one inside its box is not in it."""
    frame = scene((10, 10, 20, 3), (10, 10, 3, 20), (20, 20, 4, 4))
    finder = segmenter(area_min_px=1)
    found = finder.biggest(frame)
    assert found == Blob(found.label if found else 0, 10, 10, 20, 20, 20 * 3 + 17 * 3)
    mask = finder.mask(found)
    assert set(np.unique(mask)) == {0, 255}
    assert np.count_nonzero(mask) == found.area
    corners = finder.outline(found).reshape(-1, 2)
    assert corners.min() == 0
    assert corners.max() == 19


@pytest.mark.parametrize("channel", ["grey", "blue", "green", "red", "saturation"])
def test_channel_is_a_plane_of_the_image(channel: str) -> None:
    """As OpenCV has them; a grey image is its own only channel."""
    image = np.random.default_rng(1).integers(0, 256, (7, 9, 3), np.uint8)
    planes = dict(zip(("blue", "green", "red"), cv2.split(image), strict=True))
    planes["grey"] = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    planes["saturation"] = cv2.cvtColor(image, cv2.COLOR_BGR2HSV)[..., 1]
    of: ChannelOf = ChannelOf("r", channel, image.shape)  # type: ignore[arg-type]  # one of them
    np.testing.assert_array_equal(of(image), planes[channel])
    if channel == "grey":
        grey = ChannelOf("r", "grey", (7, 9))
        assert np.shares_memory(grey(image[..., 0]), image)
    else:
        with pytest.raises(StationFileError, match=f"expected 'grey' .* got '{channel}'"):
            ChannelOf("r", channel, (7, 9))  # type: ignore[arg-type]  # one of them
