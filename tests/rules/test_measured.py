"""Rules on pictures: each picture read once, what cannot be told a nan in its place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import StationFileError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.picture_folder import Read
from gonogo.rules.dimension import DimensionRule, DimensionSection
from gonogo.rules.measured import measure, refuse_own_pictures
from gonogo.rules.presence_section import PresenceSection
from gonogo.rules.window import BoundRule

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SHAPE = FrameShape(40, 60, 1)
WIDTH = DimensionSection(kind="dimension", name="w", measure="width")


class Breaks(BoundRule):
    """A rule with a fault of its own."""

    unit = "px"

    def measure(self, pixels: NDArray[np.uint8]) -> float:
        """It never comes to an answer."""
        return 1.0 / (pixels.ndim - pixels.ndim)


def test_measure_has_a_row_a_rule_and_a_column_a_picture(tmp_path: Path) -> None:
    """A picture without a part, and a rule that raises, are nan."""
    pictures = []
    for name, width in (("a.png", 10), ("b.png", 20), ("c.png", 0)):
        frame = np.full(SHAPE.shape, 230, np.uint8)
        frame[10:30, 5 : 5 + width] = 20
        pictures.append(Read(tmp_path / name, frame))
    found = measure((DimensionRule(WIDTH, SHAPE, tmp_path), Breaks(WIDTH)), pictures)
    assert (found.names, found.pictures) == (("a.png", "b.png", "c.png"), 3)
    assert found.values[0, :2].tolist() == [10, 20]
    assert math.isnan(found.values[0, 2])
    assert np.isnan(found.values[1]).all()
    assert measure((), ()).pictures == 0


def test_refuse_own_pictures_of_a_golden_rule(tmp_path: Path) -> None:
    """A golden image measures 0 on what it was made from; limits of that would be worthless."""
    golden = PresenceSection(
        kind="presence", name="g", method="golden", image=tmp_path / "g.png", learn_from=tmp_path
    )
    with pytest.raises(StationFileError, match="need other good images"):
        refuse_own_pictures((WIDTH, golden), tmp_path)
    with pytest.raises(StationFileError, match="need other good images"):
        refuse_own_pictures((golden,), tmp_path / "below")
    with pytest.raises(StationFileError, match="need other good images"):
        refuse_own_pictures((golden,), tmp_path.parent)
    refuse_own_pictures((WIDTH, golden), tmp_path.with_name("others"))
