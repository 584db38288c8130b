"""What the slow checks have learnt is read back as it was, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import TrustFileError
from gonogo.base.frame_shape import FrameShape
from gonogo.rules.image_trust.dust import Clean, cells_of
from gonogo.rules.image_trust.learnt_file import FILE, MAX_BYTES, read_optics, trusted
from gonogo.rules.image_trust.optics_learnt import (
    MOST_TEXT,
    STEP,
    DustLearnt,
    OpticsLearnt,
    StuckLearnt,
    as_read,
    optics_learnt,
    optics_of,
    packed,
    unpacked,
)
from gonogo.rules.image_trust.stuck import Usual, tiles_of
from gonogo.tests.rules.image_trust.pictures import COLOUR
from gonogo.tests.rules.image_trust.test_learnt_file import LEARNT

if TYPE_CHECKING:
    from pathlib import Path

SIZE = FrameShape(90, 123, 1)
RNG = np.random.default_rng(3)
USUAL = Usual(
    RNG.integers(0, 256, (90, 16), dtype=np.uint8),
    RNG.integers(0, 256, tiles_of(SIZE), dtype=np.uint8),
)
CLEAN = Clean(*(RNG.uniform(low, 1, cells_of(SIZE)).astype(np.float32) for low in (-1.0, 0.1, 0.0)))
NOTHING = Usual(np.zeros((120, 20), np.uint8), np.zeros(tiles_of(COLOUR), np.uint8))


def test_optics_are_read_back_as_they_were() -> None:
    """Every pixel; the light to within a step, and no limit stricter than it was."""
    usual, clean = optics_of(optics_learnt(USUAL, CLEAN), SIZE)
    assert usual is not None
    assert clean is not None
    np.testing.assert_array_equal(usual.bits, USUAL.bits)
    np.testing.assert_array_equal(usual.ranges, USUAL.ranges)
    np.testing.assert_allclose(clean.mean, CLEAN.mean, atol=STEP)
    np.testing.assert_allclose(clean.spread, CLEAN.spread, atol=STEP)
    # by the half step that the mean may be off
    assert (clean.limit >= CLEAN.limit + STEP / 2 - 1e-6).all()
    np.testing.assert_allclose(clean.limit, CLEAN.limit, atol=2 * STEP)
    for one, other in zip(clean, as_read(CLEAN), strict=True):
        np.testing.assert_array_equal(one, other)


def test_optics_without_a_check_have_none() -> None:
    """Each by itself."""
    assert optics_of(OpticsLearnt(), SIZE) == (None, None)
    one, other = optics_learnt(USUAL, None), optics_learnt(None, CLEAN)
    assert optics_of(one, SIZE).clean is None
    assert optics_of(other, SIZE).usual is None


@pytest.mark.parametrize(
    "text", ["?", "AAAA", packed(np.zeros(100, np.uint8)), packed(np.zeros(10**8, np.uint8))]
)
def test_optics_of_another_size_are_refused(text: str) -> None:
    """Also what is no picture, and what would take all memory."""
    with pytest.raises(ValueError, match="expected a"):
        unpacked(text, np.dtype(np.uint8), (10, 11))
    assert unpacked(packed(np.zeros(110, np.uint8)), np.dtype(np.uint8), (10, 11)).shape == (10, 11)


def test_optics_that_take_too_much_room_are_refused() -> None:
    """Noise does not get smaller."""
    noise = RNG.integers(0, 256, MOST_TEXT, dtype=np.uint8)
    with pytest.raises(ValueError, match="at most 300000 letters, got 40"):
        packed(noise)


def test_optics_of_the_file_are_read_by_view_and_shape(tmp_path: Path) -> None:
    """As all else in it; a file of before has none."""
    path = tmp_path / "top.trust.json"
    FILE.write(path, LEARNT)
    assert read_optics(path, "top", COLOUR) == (None, None)
    FILE.write(path, LEARNT.model_copy(update={"optics": optics_learnt(NOTHING, None)}))
    assert read_optics(path, "top", COLOUR).usual is not None
    with pytest.raises(TrustFileError, match="learnt for view 'top'"):
        read_optics(path, "side", COLOUR)
    with pytest.raises(TrustFileError, match="160 x 120 px"):
        read_optics(path, "top", SIZE)
    dust = DustLearnt(mean=packed(np.zeros(3, np.uint8)), limit="", spread="")
    FILE.write(path, LEARNT.model_copy(update={"optics": OpticsLearnt(dust=dust)}))
    with pytest.raises(TrustFileError, match=r"optics: expected a picture.*learn it again"):
        read_optics(path, "top", COLOUR)


def test_optics_judge_no_part() -> None:
    """The PLC is told of the same judging with them and without."""
    optics = optics_learnt(NOTHING, None)
    assert trusted(LEARNT.model_copy(update={"optics": optics})).digest == trusted(LEARNT).digest


def test_file_with_the_largest_optics_is_small_enough(tmp_path: Path) -> None:
    """All that stood out as much as there may be, and noise for the rest; with long profiles."""
    large = FrameShape(8000, 8000, 1)
    tiles, cells = (
        packed(RNG.integers(0, 256, size, dtype=np.uint8))
        for size in (tiles_of(large), cells_of(large))
    )
    stuck = StuckLearnt(bits="A" * MOST_TEXT, ranges=tiles)
    optics = OpticsLearnt(stuck=stuck, dust=DustLearnt(mean=cells, limit=cells, spread=cells))
    profile = tuple(200.12 for _ in range(1000))
    size = {"height_px": 8000, "width_px": 8000, "channels": 1}
    path = tmp_path / "top.trust.json"
    more = size | {"across": profile, "down": profile, "optics": optics}
    FILE.write(path, LEARNT.model_copy(update=more))
    assert MAX_BYTES // 2 < path.stat().st_size < MAX_BYTES
    assert FILE.read(path).optics == optics
