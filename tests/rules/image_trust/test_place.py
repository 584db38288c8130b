"""Where a picture lies, against where good ones lie."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.rules.image_trust.place import Place


def profile(at: int, size: int = 200) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """A bright part of a tenth of the side on a sloping ground."""
    found = np.linspace(20, 30, size, dtype=np.float32)
    found[at : at + size // 10] = 180
    return found


@pytest.mark.parametrize("by", [-20, -19, -3, 0, 1, 20])
def test_place_tells_by_how_much_a_part_is_off(by: int) -> None:
    """In percent of the side, to the right or lower counted up, up to a tenth."""
    assert Place(profile(90)).shift_pct(profile(90 + by)) == pytest.approx(by / 2)


@pytest.mark.parametrize(("gain", "offset"), [(0.5, 0), (1.3, 20), (1.0, -15)])
def test_place_has_nothing_to_do_with_the_light(gain: float, offset: float) -> None:
    """Other checks look at that."""
    lit = (profile(95) * gain + offset).astype(np.float32)
    assert Place(profile(90)).shift_pct(lit) == pytest.approx(2.5)


@pytest.mark.parametrize("by", [-4, 0, 3])
def test_place_is_where_all_of_it_fits_and_not_where_most_is_bright(by: int) -> None:
    """A pattern that comes again, stronger to one side, fits its own place best in any light."""
    k = np.arange(240)
    pattern = np.asarray(100 + (1 + k / 20) * np.sin(2 * np.pi * k / 12), np.float32)
    found = Place(pattern[20:220]).shift_pct(pattern[20 - by : 220 - by] + np.float32(150))
    assert found == pytest.approx(by / 2)


def test_place_of_what_has_no_shape_is_a_number() -> None:
    """It tells nothing, and good pictures of that kind get no check from it."""
    flat = np.full(100, 7, np.float32)
    assert abs(Place(flat).shift_pct(flat)) <= 10
