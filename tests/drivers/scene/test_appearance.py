"""What synthetic parts look like follows from seed and index, with an exact share of defects."""

from __future__ import annotations

import math
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from gonogo.drivers.scene.appearance import (
    GOOD_BASE,
    SIZE_DEFECT,
    SIZE_SPREAD,
    Appearance,
    appearance,
)
from gonogo.drivers.scene.section import Defect, SyntheticSection


def looks(**options: object) -> list[Appearance]:
    """Every appearance of a pool."""
    base = {"driver": "synthetic", "width_px": 640, "height_px": 480}
    section = SyntheticSection.model_validate({**base, **options})
    return [appearance(section, index) for index in range(section.pool)]


@given(st.integers(0, 2**63 - 1), st.integers(1, 60), st.floats(0, 100))
def test_appearance_keeps_the_share_of_defects(seed: int, pool: int, defect_pct: float) -> None:
    """The share is exact, rounded up, and the kinds differ by one at most."""
    found = Counter(look.defect for look in looks(seed=seed, pool=pool, defect_pct=defect_pct))
    good = found.pop(None, 0)
    assert pool - good == math.ceil(pool * defect_pct / 100)
    counts = [found[defect] for defect in Defect]
    assert max(counts) - min(counts) <= 1


@given(st.integers(0, 2**63 - 1))
def test_appearance_stays_inside_its_jitter(seed: int) -> None:
    """No part lies further off, turned further, or lit otherwise than the section allows."""
    for look in looks(seed=seed, pool=20, jitter_px=5, jitter_deg=2, jitter_light_pct=10):
        assert max(abs(look.dx_px), abs(look.dy_px)) <= 5
        assert abs(look.turn_deg) <= 2
        assert abs(look.light - 1) <= 0.1 + 1e-12
        off = abs(look.diameter - 1)
        limits = SIZE_DEFECT if look.defect is Defect.WRONG_SIZE else (0.0, SIZE_SPREAD)
        assert limits[0] - 1e-12 <= off <= limits[1] + 1e-12


def test_appearance_is_a_pure_function() -> None:
    """The same section gives the same parts; another seed gives others."""
    assert looks(seed=5) == looks(seed=5)
    assert looks(seed=5) != looks(seed=6)


def test_appearance_has_only_the_defects_asked_for() -> None:
    """A station that trains on scratches gets nothing else; only_good gets none."""
    assert {look.defect for look in looks(defects=["scratch"])} == {None, Defect.SCRATCH}
    assert {look.defect for look in looks(defect_pct=100, only_good=True)} == {None}


def test_appearance_beyond_the_pool_is_good() -> None:
    """Parts for teaching have no defect, even where every part of the pool has one."""
    section = SyntheticSection(driver="synthetic", width_px=64, height_px=64, defect_pct=100)
    assert {appearance(section, GOOD_BASE + k).defect for k in range(50)} == {None}
