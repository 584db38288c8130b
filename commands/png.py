"""A picture into a file: the ending, the folder, and the writing itself, each with its error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from gonogo.base import atomic_file
from gonogo.base.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

ENDING = ".png"


def check_png(path: Path) -> None:
    """What would otherwise be found once the part has passed; OutputError."""
    if path.suffix.lower() != ENDING or path.is_dir():
        raise OutputError(f"--out {path}: expected the name of a file that ends in {ENDING}")
    if not path.absolute().parent.is_dir():
        raise OutputError(f"--out {path}: expected a folder that is there, got none; make it first")


def write_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    """A picture, whole or not at all; OutputError."""
    _, data = cv2.imencode(ENDING, pixels)
    try:
        atomic_file.replace(path, np.asarray(data).tobytes())
    except OSError as error:
        raise OutputError(
            f"--out {path}: cannot be written: {error.strerror}; expected a folder that takes "
            "files of this user"
        ) from error
