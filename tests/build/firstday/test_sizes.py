"""Of which size a new station's camera is, and which pictures it cannot have taken."""

from __future__ import annotations

import pytest

from gonogo.base.image_header import Header
from gonogo.build.firstday.sizes import FRAME_PX, SIDE_MOST_PX, misfits, size_of, usable

LANDSCAPE, PORTRAIT = (640, 480), (480, 640)


def header(side: tuple[int, int], bits: int = 8) -> Header:
    """Of a PNG."""
    return Header("PNG", *side, bits)


def test_pictures_of_one_size_are_taken_as_they_are() -> None:
    """Nothing is said, and nothing resized."""
    size = size_of([LANDSCAPE] * 9)
    assert (size.width_px, size.height_px, size.fit) == (640, 480, "exact")
    assert not size.notes
    assert not size.stretched


def test_sizes_of_one_shape_are_brought_to_the_most_common_one() -> None:
    """The same camera at another resolution: lengths still mean something."""
    size = size_of([LANDSCAPE] * 5 + [(1280, 960)] * 3, [(320, 240)])
    assert (size.width_px, size.height_px, size.fit, size.stretched) == (640, 480, "resize", False)
    assert "3 sizes of one shape (5 of 640x480, 3 of 1280x960, 1 of 320x240)" in size.notes[0]


@pytest.mark.parametrize("upright", [3, 9, 10])
def test_those_that_lie_on_their_side_are_left_out_by_name(upright: int) -> None:
    """Half of a folder may be turned: to stretch them would mend nothing."""
    size = size_of([LANDSCAPE] * 10 + [PORTRAIT] * upright)
    assert (size.width_px, size.height_px) == LANDSCAPE or upright == 10
    kept = (size.width_px, size.height_px)
    out = misfits(size, {"a.png": header(kept), "b.png": header(kept[::-1])})
    assert [each.name for each in out] == ["b.png"]
    assert "lies on its side" in out[0].why


def test_a_few_of_another_shape_are_left_out_by_name() -> None:
    """A screenshot among photographs."""
    size = size_of([LANDSCAPE] * 9 + [(500, 500)])
    (out,) = misfits(size, {"a.png": header((500, 500)), "b.png": None})
    assert str(out).startswith("a.png has another shape than most (500x500 px)")


def test_pictures_without_a_common_shape_are_stretched_and_it_is_said() -> None:
    """Cut-outs of many sizes: better a station than none, but no lengths."""
    sides = [(200 + 37 * k, 300 - 11 * k) for k in range(8)]
    size = size_of(sides)
    assert size.stretched
    assert "8 sizes and no common shape" in size.notes[0]
    assert not misfits(size, {"a.png": header((9, 900))})


def test_good_parts_say_what_the_camera_is_also_where_bad_ones_are_more() -> None:
    """Else all good pictures would be left out."""
    size = size_of([LANDSCAPE] * 5, [(400, 400)] * 50)
    assert (size.width_px, size.height_px) == LANDSCAPE


@pytest.mark.parametrize("side", [(4000, 3000), (9000, 100)])
def test_large_pictures_are_halved_until_a_station_can_take_them(side: tuple[int, int]) -> None:
    """Twelve megapixels a frame would be the time of the whole budget."""
    size = size_of([side] * 6)
    assert size.width_px * size.height_px <= FRAME_PX
    assert max(size.width_px, size.height_px) <= SIDE_MOST_PX
    assert size.fit == "resize"
    assert f"6 pictures of {side[0]}x{side[1]} px are brought to" in size.notes[0]


def test_what_the_reader_refuses_says_nothing_of_the_camera() -> None:
    """A hundred megapixels, or 16 bits: it is left out with that reason."""
    assert not usable(header((10_000, 10_000)))
    assert not usable(header(LANDSCAPE, bits=16))
