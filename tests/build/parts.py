"""Pictures of parts for tests: good ones that differ a little, and one with a defect.

Import as `gonogo.tests.build.parts`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

if TYPE_CHECKING:
    from numpy.typing import NDArray

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SIDE_PX = 120


def good_part(seed: int, side_px: int = SIDE_PX) -> NDArray[np.uint8]:
    """A plate with a hole, uint8 (side, side, 3), placed, lit and noisy as the seed says."""
    rng = np.random.default_rng(seed)
    frame = np.full((side_px, side_px, 3), 40, np.uint8)
    x, y = (side_px // 2 + rng.integers(-1, 2, 2)).tolist()
    cv2.circle(frame, (x, y), side_px * 2 // 5, (150, 170, 160), cv2.FILLED, cv2.LINE_AA)
    cv2.circle(frame, (x, y), side_px // 8, (60, 60, 60), cv2.FILLED, cv2.LINE_AA)
    lit = frame * rng.uniform(0.97, 1.03) + rng.normal(0, 2, frame.shape)
    return np.clip(lit, 0, 255).astype(np.uint8)


def bad_part(seed: int, side_px: int = SIDE_PX) -> NDArray[np.uint8]:
    """The same with a dark stroke across the plate."""
    frame = good_part(seed, side_px)
    start, end = (side_px // 3, side_px // 4), (side_px * 3 // 5, side_px // 3)
    cv2.line(frame, start, end, (10, 10, 30), max(2, side_px // 30), cv2.LINE_AA)
    return frame


def save_good(folder: Path, count: int, side_px: int = SIDE_PX) -> Path:
    """A folder of `count` good parts as PNG files."""
    folder.mkdir(parents=True, exist_ok=True)
    for k in range(count):
        cv2.imwrite(str(folder / f"good_{k:03}.png"), good_part(k, side_px))
    return folder


def quiet(_stage: str, _done: int, _total: int) -> None:
    """A progress callback that says nothing."""


def real(*names: str) -> list[Path]:
    """Paths under the shared data, or the test is skipped by the name of what is missing."""
    paths = [DATA / name for name in names]
    for path in paths:
        if not path.exists():
            pytest.skip(f"real parts are not here: {path.name}")
    return paths


def save_parts(folder: Path, good: int = 20, bad: int = 8) -> tuple[Path, Path]:
    """Folders of good and of bad parts."""
    for k in range(bad):
        (folder / "bad").mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / "bad" / f"bad_{k:03}.png"), bad_part(500 + k))
    return save_good(folder / "good", good), folder / "bad"
