"""Reading one image file so that what comes out can be trusted, or a message that says why not.

The one reader of the product, for cameras of files, rules, limits, teaching and building alike: a
file has the same pixels everywhere. Used at start and by commands only, never in the cycle.

What becomes of the odd ones:

    grey file, colour expected   the grey is repeated in all three channels
    colour file, grey expected   ITU-R BT.601 luma (OpenCV's COLOR_BGR2GRAY)
    alpha, every pixel opaque    the alpha channel is dropped
    alpha, some transparent      refused: the colour under a transparent pixel is arbitrary
    palette                      its colours
    1, 2 or 4 bits, grey         brought to 0 .. 255
    16 bits, CMYK, > 64 MP       refused from the header, before anything is decoded
    animated, several pages      refused: nobody knows which of them shows the part
    EXIF orientation             ignored: the pixels stay as the sensor delivered them
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from gonogo.base.errors import CameraError, ImageFileError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.image_header import AS_STORED, HeaderError, parse_header

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gonogo.base.image_header import Header

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")
MASKS_FOLDER = "ground_truth"  # MVTec AD layout: defect masks, which are no images of parts
MAX_PX = 64_000_000
MAX_FILE_BYTES = 1 << 29  # 512 MiB: read as a whole, it must fit beside all else
BITS = 8
OPAQUE = 255
_WITH_ALPHA = 4

Fit = Literal["exact", "resize"]


def list_images(folder: Path) -> list[Path]:
    """Every image file below `folder` by its ending, sorted by path; CameraError when none.

    Hidden files and folders and MVTec AD's `ground_truth` masks are left out; links to
    folders are not followed. "img10" sorts before "img2": pad numbers with zeros.
    """
    if not folder.is_dir():
        raise CameraError(
            f"folder {folder} of images: no such folder; give the path of a folder with part images"
        )
    found = [Path(root) / name for root, names in _walk(folder) for name in names]
    if not found:
        raise CameraError(
            f"folder {folder} of images: no file that ends in {' '.join(ENDINGS)}; "
            "put part images there, or below it in folders named good, scratch, ..."
        )
    return sorted(found, key=lambda path: path.relative_to(folder).parts)


def other_files(folder: Path) -> list[Path]:
    """Files beside these images that are none by their ending, sorted; hidden ones left out."""
    others = [Path(root) / name for root, names in _walk(folder, image=False) for name in names]
    return sorted(others)


def _walk(folder: Path, *, image: bool = True) -> list[tuple[str, list[str]]]:
    found = []
    for root, folders, names in os.walk(folder):
        # in place: that is how os.walk is told where not to go
        folders[:] = [name for name in folders if name != MASKS_FOLDER and name[0] != "."]
        seen = [name for name in names if name[0] != "."]
        found.append((root, [n for n in seen if (Path(n).suffix.lower() in ENDINGS) is image]))
    return found


def read_image(path: Path, geometry: FrameShape, fit: Fit) -> NDArray[np.uint8]:
    """Decode an image file to `geometry.shape`, uint8, C-contiguous, blue-green-red or grey.

    `fit` "exact" refuses another size in px; "resize" stretches each axis on its own
    (area average when it shrinks), so that a dimension rule measures the stretched part.
    Raises ImageFileError, whose message names the file and what to do.
    """
    return _read(path, lambda _: geometry, fit)


def read_at_own_size(path: Path) -> NDArray[np.uint8]:
    """Decode an image file to uint8 (height, width, 3), as large as it is; ImageFileError.

    Grey files come in three equal planes.
    """
    return _read(path, lambda header: FrameShape(header.height_px, header.width_px, 3), "exact")


def header_of(path: Path) -> Header | None:
    """What an image file says of itself; None where it is no image."""
    try:
        return parse_header(_read_bytes(path))
    except (HeaderError, ImageFileError):
        return None


def _read(path: Path, geometry_of: Callable[[Header], FrameShape], fit: Fit) -> NDArray[np.uint8]:
    data = _read_bytes(path)
    try:
        header = parse_header(data)
        geometry = geometry_of(header)
        _check(header, geometry, fit)
        image = _opaque(_decode(data, header))
    except HeaderError as error:
        raise ImageFileError(f"image {path} {error}") from error
    return np.ascontiguousarray(_channels(_resize(image, geometry), geometry))


def _read_bytes(path: Path) -> bytes:
    try:
        status = path.stat()
        # a named pipe would never end, and a device is no picture
        if not stat.S_ISREG(status.st_mode):
            raise ImageFileError(f"image {path} is not a plain file; give an image file")
        # before it is read: a file may be larger than the memory
        if status.st_size > MAX_FILE_BYTES:
            raise ImageFileError(
                f"image {path} has {status.st_size} bytes, expected at most {MAX_FILE_BYTES}; "
                "give single part images"
            )
        return path.read_bytes()
    except OSError as error:
        raise ImageFileError(
            f"image {path} cannot be read: {error.strerror}; check the path, the rights "
            "and the medium"
        ) from error


def _check(header: Header, geometry: FrameShape, fit: Fit) -> None:
    width_px, height_px = header.width_px, header.height_px
    # before it is decoded: a small file may unpack to gigabytes
    if width_px * height_px > MAX_PX:
        raise HeaderError(
            f"has {width_px}x{height_px} px, expected at most {MAX_PX // 1_000_000} megapixels; "
            "make it smaller"
        )
    if header.bits > BITS:
        raise HeaderError(f"has {header.bits} bits a channel, expected 8; save it with 8 bits")
    if fit == "exact" and (width_px, height_px) != (geometry.width_px, geometry.height_px):
        raise HeaderError(
            f"is of the wrong size: expected {geometry.width_px}x{geometry.height_px} px, "
            f'got {width_px}x{height_px} px; correct width_px and height_px, or set fit = "resize"'
        )


def _decode(data: bytes, header: Header) -> NDArray[np.uint8]:
    """uint8 (h, w[, 3 or 4]) with the pixels as stored: UNCHANGED applies no orientation."""
    try:
        image = cv2.imdecode(_as_stored(data, header), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise HeaderError(f"cannot be decoded ({error.err}); save it again as PNG") from error
    size = (header.height_px, header.width_px)
    # OpenCV answers most files that it cannot read with None, and no error
    if image is None or image.shape[:2] != size or image.dtype != np.uint8:
        raise HeaderError(f"is a {header.kind} that cannot be decoded; save it again as PNG")
    return np.asarray(image, np.uint8)


def _as_stored(data: bytes, header: Header) -> NDArray[np.uint8]:
    """The bytes of a file; of a TIFF that asks to be turned, those of one that does not."""
    raw = np.frombuffer(data, np.uint8)
    if not header.turned_at:
        return raw
    # a whole number of 16 bits, in the order of the file (TIFF 6.0, section 8)
    stored = bytearray(data)
    at = header.turned_at
    stored[at : at + 2] = AS_STORED.to_bytes(2, "little" if data.startswith(b"II") else "big")
    return np.frombuffer(stored, np.uint8)


def _opaque(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if image.ndim != 3 or image.shape[2] != _WITH_ALPHA:  # noqa: PLR2004 - (h, w, channels)
        return image
    if int(image[:, :, 3].min()) != OPAQUE:
        raise HeaderError("has transparent pixels (alpha channel); save it without transparency")
    return image[:, :, :3]


def _resize(image: NDArray[np.uint8], geometry: FrameShape) -> NDArray[np.uint8]:
    height_px, width_px = image.shape[:2]
    if (height_px, width_px) == (geometry.height_px, geometry.width_px):
        return image
    shrinks = geometry.width_px < width_px and geometry.height_px < height_px
    # an average over what falls into a pixel; to enlarge, it would make blocks
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    size = (geometry.width_px, geometry.height_px)
    return np.asarray(cv2.resize(image, size, interpolation=how), np.uint8)


def _channels(image: NDArray[np.uint8], geometry: FrameShape) -> NDArray[np.uint8]:
    flat = image.reshape(image.shape[:2]) if image.shape[2:] == (1,) else image
    if flat.ndim == len(geometry.shape):
        return flat
    code = cv2.COLOR_BGR2GRAY if geometry.channels == 1 else cv2.COLOR_GRAY2BGR
    return np.asarray(cv2.cvtColor(flat, code), np.uint8)
