"""Drawn plates, for a first day without photographs: good ones differ a little.

Import as `gonogo.tests.build.firstday.plates`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SIZE_PX = (160, 120)  # width and height
PLATE_BGR, RING_BGR, GROUND = (60, 150, 60), (40, 40, 200), 225


def plate(
    seed: int, *, wide_px: int = 90, hole: bool = True, size_px: tuple[int, int] = SIZE_PX
) -> NDArray[np.uint8]:
    """A green plate with a red mark and a hole on light ground, uint8 (height, width, 3)."""
    rng = np.random.default_rng(seed)
    width, height = size_px
    frame = np.full((height, width, 3), GROUND, np.uint8)
    x, y = width // 2 + int(rng.integers(-2, 3)), height // 2 + int(rng.integers(-2, 3))
    half = (wide_px + int(rng.integers(-1, 2))) // 2
    cv2.rectangle(frame, (x - half, y - 30), (x + half, y + 30), PLATE_BGR, cv2.FILLED)
    cv2.circle(frame, (x - 25, y), 9, RING_BGR, cv2.FILLED)
    if hole:
        cv2.circle(frame, (x + 20, y), 8, (GROUND,) * 3, cv2.FILLED)
    lit = frame * rng.uniform(0.98, 1.02) + rng.normal(0, 1.5, frame.shape)
    return np.clip(lit, 0, 255).astype(np.uint8)


def save(folder: Path, frames: list[NDArray[np.uint8]], prefix: str = "p") -> Path:
    """A folder of PNG files, p00.png and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, frame in enumerate(frames):
        cv2.imwrite(str(folder / f"{prefix}{number:02}.png"), frame)
    return folder


def good_plates(folder: Path, count: int = 12) -> Path:
    """Whole ones."""
    return save(folder, [plate(seed) for seed in range(count)])


def bad_plates(folder: Path, count: int = 4) -> Path:
    """Half of them too short, half without their hole."""
    short = [plate(100 + k, wide_px=70) for k in range(count // 2)]
    return save(folder, short + [plate(200 + k, hole=False) for k in range(count - len(short))])
