"""The cheap engine of the simulation."""

from __future__ import annotations

import cv2
import numpy as np

from gonogo.proving.drift.eyes import CHANNELS, Eyes, taught


def frames(count: int) -> list[np.ndarray]:
    """A bright plate, with noise, uint8 (96, 96, 3)."""
    rng = np.random.default_rng(6)
    plate = np.full((96, 96, 3), 60, np.uint8)
    cv2.rectangle(plate, (20, 20), (76, 76), (150, 160, 170), cv2.FILLED)
    return [
        np.clip(plate + rng.normal(0, 2, plate.shape), 0, 255).astype(np.uint8)
        for _ in range(count)
    ]


def eyes() -> Eyes:
    """Taught from thirty of them."""
    return taught(frames(30))


def test_eyes_score_a_scratch_above_good_parts() -> None:
    """Which is what an engine is for."""
    found, (good, bad) = eyes(), frames(2)
    cv2.line(bad, (30, 30), (60, 50), (240, 240, 240), 2)
    assert found.see(bad).score > 2 * found.see(good).score


def test_eyes_give_an_embedding_that_moves_with_the_light() -> None:
    """Four quarters of each channel, in spreads of good parts."""
    found, (plain, other) = eyes(), frames(2)
    near, far = found.see(plain).embedding, found.see((other * 0.9).astype(np.uint8)).embedding
    assert near.shape == (4 * CHANNELS,)
    assert np.abs(far).max() > 3 * np.abs(near).max()
