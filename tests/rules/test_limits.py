"""Limits learnt from good parts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.errors import StationFileError
from gonogo.base.frame_shape import FrameShape
from gonogo.rules.dimension import DimensionSection
from gonogo.rules.limits import measure_folder, propose, propose_for, student_t
from gonogo.rules.presence_section import PresenceSection

if TYPE_CHECKING:
    from pathlib import Path

WIDTH = DimensionSection(kind="dimension", name="w", measure="width")
METAL = PresenceSection(kind="presence", name="m", method="intensity", window_px=8)
VALUES = st.lists(st.floats(-1e6, 1e6), min_size=5, max_size=60)


@pytest.mark.parametrize(
    ("probability", "freedom", "expected"),
    [(0.975, 4, 2.776), (0.995, 10, 3.169), (0.9995, 13, 4.221), (0.9995, 29, 3.659)],
)
def test_student_t_gives_the_tabled_quantiles(
    probability: float, freedom: int, expected: float
) -> None:
    """The quantiles are those of any table of Student's t."""
    assert student_t(probability, freedom) == pytest.approx(expected, abs=6e-4)


def test_propose_rejects_good_parts_as_often_as_asked() -> None:
    """Over many draws, the share of new good parts outside is the one asked for."""
    rng = np.random.default_rng(5)
    outside = []
    for _ in range(400):
        found = propose(list(rng.normal(100, 1, 20)), parts=50)
        new = rng.normal(100, 1, 40)
        outside.append(np.mean((new < found.low) | (new > found.high)))
    assert 0.010 < float(np.mean(outside)) <= 0.023


@given(VALUES)
def test_propose_never_rejects_what_it_was_learnt_from(values: list[float]) -> None:
    """Every good part lies inside its own limits, in order around the centre."""
    found = propose(values)
    assert found.low <= min(values) <= max(values) <= found.high
    assert found.low <= found.centre <= found.high


@given(VALUES, st.floats(-1000, 1000), st.floats(0.01, 100))
def test_propose_for_contrast_stays_above_black(
    values: list[float], shift: float, scale: float
) -> None:
    """The low limit of a contrast is above -100 %, as no contrast can be lower."""
    ratios = [abs(v) % 300 - 90 + shift % 1 * scale % 5 for v in values]
    found = propose_for(METAL, ratios)
    assert -100 <= found.low <= min(ratios) + 1e-6
    assert found.high >= max(ratios) - 1e-6


def test_propose_gives_equal_parts_some_room() -> None:
    """Parts that all measure the same get at least the resolution as room."""
    found = propose([250.0] * 10, "px")
    assert found.low < 249
    assert found.high > 251
    assert propose([0.0] * 30, "%").high == pytest.approx(0.067, abs=0.001)


def test_propose_names_the_suspects() -> None:
    """A value far from all others is named, so that its image can be looked at."""
    values = [10.0, 10.1, 9.9, 10.05, 9.95, 14.0, 10.02]
    assert propose(values).suspects == (5,)


def test_propose_counts_parts_that_could_not_be_measured() -> None:
    """Blind parts are counted, and too few measured ones are refused."""
    found = propose([1.0, 2.0, math.nan, 1.5, 1.2, 1.1])
    assert (found.measured, found.unmeasured) == (5, 1)
    with pytest.raises(StationFileError, match=r"at least 5 good parts .* got 4 of 6"):
        propose([1.0, 2.0, math.nan, 1.5, 1.2, math.nan])


def test_measure_folder_measures_each_image_in_order(tmp_path: Path) -> None:
    """The values follow the file names; an image without a part is nan."""
    geometry = FrameShape(40, 60, 1)
    for name, width in (("b.png", 20), ("a.png", 10), ("c.png", 0)):
        frame = np.full(geometry.shape, 230, np.uint8)
        frame[10:30, 5 : 5 + width] = 20
        (tmp_path / name).write_bytes(cv2.imencode(".png", frame)[1].tobytes())
    values = measure_folder(WIDTH, geometry, tmp_path, tmp_path)
    assert values[:2] == [10, 20]
    assert math.isnan(values[2])


def test_measure_folder_refuses_a_golden_rule_on_its_own_images(tmp_path: Path) -> None:
    """A golden image measures 0 on what it was made from; limits of that would be worthless."""
    golden = PresenceSection(
        kind="presence", name="g", method="golden", image=tmp_path / "g.png", learn_from=tmp_path
    )
    with pytest.raises(StationFileError, match="need other good images"):
        measure_folder(golden, FrameShape(40, 60, 1), tmp_path, tmp_path)
