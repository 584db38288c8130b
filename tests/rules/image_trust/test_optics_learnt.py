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
    optics_learnt,
    optics_of,
    packed,
    unpacked,
)
from gonogo.tests.rules.image_trust.pictures import COLOUR
from gonogo.tests.rules.image_trust.test_learnt_file import LEARNT

if TYPE_CHECKING:
    from pathlib import Path

SIZE = FrameShape(90, 123, 1)
RNG = np.random.default_rng(3)
KNOWN = RNG.random(SIZE.shape) < 0.1
CELLS = cells_of(SIZE)
CLEAN = Clean(
    RNG.uniform(-1, 1, CELLS).astype(np.float32), RNG.uniform(0.1, 2, CELLS).astype(np.float32)
)


def test_optics_are_read_back_as_they_were() -> None:
    """Every pixel; the light to within a step, and no limit stricter than it was."""
    found = optics_of(optics_learnt(KNOWN, CLEAN), SIZE)
    assert found.known is not None
    assert found.clean is not None
    bits = np.unpackbits(found.known, axis=1, count=SIZE.width_px)
    np.testing.assert_array_equal(bits.astype(np.bool_), KNOWN)
    np.testing.assert_allclose(found.clean.mean, CLEAN.mean, atol=STEP)
    # by the half step that the mean may be off
    assert (found.clean.limit >= CLEAN.limit + STEP / 2 - 1e-6).all()
    np.testing.assert_allclose(found.clean.limit, CLEAN.limit, atol=2 * STEP)


def test_optics_without_a_check_have_none() -> None:
    """Each by itself."""
    assert optics_of(OpticsLearnt(), SIZE) == (None, None)
    one, other = optics_learnt(KNOWN, None), optics_learnt(None, CLEAN)
    assert optics_of(one, SIZE).clean is None
    assert optics_of(other, SIZE).known is None


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
    known = np.eye(*COLOUR.shape[:2], dtype=np.bool_)
    FILE.write(path, LEARNT.model_copy(update={"optics": optics_learnt(known, None)}))
    assert read_optics(path, "top", COLOUR).known is not None
    with pytest.raises(TrustFileError, match="learnt for view 'top'"):
        read_optics(path, "side", COLOUR)
    with pytest.raises(TrustFileError, match="160 x 120 px"):
        read_optics(path, "top", SIZE)
    dust = DustLearnt(mean=packed(np.zeros(3, np.uint8)), limit="")
    FILE.write(path, LEARNT.model_copy(update={"optics": OpticsLearnt(dust=dust)}))
    with pytest.raises(TrustFileError, match=r"optics: expected a picture.*learn it again"):
        read_optics(path, "top", COLOUR)


def test_optics_judge_no_part() -> None:
    """The PLC is told of the same judging with them and without."""
    optics = optics_learnt(np.ones(COLOUR.shape[:2], np.bool_), None)
    assert trusted(LEARNT.model_copy(update={"optics": optics})).digest == trusted(LEARNT).digest


def test_file_with_the_largest_optics_is_small_enough(tmp_path: Path) -> None:
    """Three pictures of the most letters that there may be."""
    text = "A" * MOST_TEXT
    optics = OpticsLearnt(known=text, dust=DustLearnt(mean=text, limit=text))
    path = tmp_path / "top.trust.json"
    FILE.write(path, LEARNT.model_copy(update={"optics": optics}))
    assert MAX_BYTES // 2 < path.stat().st_size < MAX_BYTES - 50_000
    assert FILE.read(path).optics == optics
