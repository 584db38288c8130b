"""Images of good parts in a folder, read as the frames that a camera would have brought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from gonogo.base.errors import ImageFileError, StationFileError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape

SUFFIXES = {".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff"}
# as a camera section says it (gonogo.drivers.camera_section)
Fit = Literal["exact", "resize"]


def image_files(folder: Path) -> list[Path]:
    """The image files of a folder, sorted by name; StationFileError when there is none."""
    # this folder alone, none below it: values are told by their place in this list
    found = sorted(p for p in folder.glob("*") if p.suffix.lower() in SUFFIXES)
    if not found:
        raise StationFileError(f"{folder}: expected a folder of images of good parts, found none")
    return found


def load_frame(path: Path, geometry: FrameShape, fit: Fit = "exact") -> NDArray[np.uint8]:
    """An image file as a frame of `geometry`; `resize` brings it to size by area averaging."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ImageFileError(f"{path}: cannot be read: {error.strerror}") from error
    mode = cv2.IMREAD_GRAYSCALE if geometry.channels == 1 else cv2.IMREAD_COLOR
    image = decoded(path, content, mode)
    rows, columns = image.shape[:2]
    # untouched, to the bit: a resize to the same size may still filter
    if (rows, columns) == geometry.shape[:2]:
        return image
    if fit == "exact":
        raise ImageFileError(
            f"{path}: expected {geometry.width_px} x {geometry.height_px} px, "
            f"got {columns} x {rows} px; use images of this camera, or fit = 'resize'"
        )
    size = (geometry.width_px, geometry.height_px)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def decoded(path: Path, content: bytes, mode: int) -> NDArray[np.uint8]:
    """The pixels of an image file in a mode of OpenCV; ImageFileError names it by `path`."""
    # of bytes that were read already: a seal was checked on these very ones
    data = np.frombuffer(content, np.uint8)
    image = cv2.imdecode(data, mode) if data.size else None
    if image is None:
        raise ImageFileError(f"{path}: expected an image file, got something else")
    return np.asarray(image, np.uint8)
