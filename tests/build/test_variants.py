"""Harmless variants and planted defects."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.build.variants import deface, nuisance
from gonogo.tests.build.parts import good_part


def _differs(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(first.astype(int) - second.astype(int)).max(axis=-1))


@settings(max_examples=40)
@given(
    height_px=st.integers(8, 90),
    width_px=st.integers(8, 90),
    seed=st.integers(0, 1000),
    colour=st.booleans(),
)
def test_variants_keep_shape_and_source(
    height_px: int, width_px: int, seed: int, *, colour: bool
) -> None:
    """Any geometry comes out as it went in, and the source is not written."""
    shape = (height_px, width_px, 3) if colour else (height_px, width_px)
    frame = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    before = frame.copy()
    for make in (nuisance, deface):
        made = make(frame, np.random.default_rng(seed))
        assert (made.shape, made.dtype) == (frame.shape, frame.dtype)
    assert np.array_equal(frame, before)


def test_nuisance_is_small() -> None:
    """A variant is brighter or darker by at most 6 percent, and moved by little."""
    frame = good_part(1)
    for seed in range(20):
        made = nuisance(frame, np.random.default_rng(seed))
        assert abs(made.mean() / frame.mean() - 1) < 0.09
        assert np.median(_differs(made, frame)) < 20


def test_deface_changes_one_place() -> None:
    """A defect is visible and leaves most of the part as it was."""
    frame = good_part(2)
    for seed in range(30):
        changed = _differs(deface(frame, np.random.default_rng(seed)), frame) > 0
        assert changed.mean() < 0.2
    seen = [_differs(deface(frame, np.random.default_rng(s)), frame).max() for s in range(30)]
    assert np.mean(np.array(seen) > 30) > 0.8


def test_variants_follow_from_the_seed() -> None:
    """The same seed gives the same pixels, another one others."""
    frame = good_part(3)
    for make in (nuisance, deface):
        one, same, other = (make(frame, np.random.default_rng(s)) for s in (1, 1, 2))
        assert np.array_equal(one, same)
        assert not np.array_equal(one, other)
