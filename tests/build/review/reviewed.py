"""Pictures of a line's first parts for tests, and an engine that scores how bright they are.

Import as `gonogo.tests.build.review.reviewed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

GOOD = (100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111)  # brightness: the score
BAD = (150, 160)


def save_pictures(folder: Path, levels: Sequence[int] = (*GOOD, *BAD)) -> Path:
    """A folder of grey pictures, named after their brightness."""
    folder.mkdir(parents=True, exist_ok=True)
    for level in levels:
        cv2.imwrite(str(folder / f"{level}.png"), np.full((16, 16, 3), level, np.uint8))
    return folder


def label(path: Path, labels: dict[str, str]) -> None:
    """Write a label into each row of a list, by the picture's name; good where none is told."""
    head, *rows = path.read_text().splitlines()
    told = [f"{labels.get(row.split(',')[1], 'good')}{row}" for row in rows]
    path.write_text("\n".join([head, *told]))
