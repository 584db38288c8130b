"""What good parts look like: the image files of template and golden rules, and matching them.

Both files are PNG images at the rule's own work size (rules/window.py), made on the
box from good images and sealed (rules/seal.py):

- template: (rows, columns, 3), a patch of the ROI; three equal channels, the median
  of the good parts.
- golden: (rows, columns, 3), the ROI without a margin of `search_px`; blue the darkest,
  green the median, red the brightest grey level of the good parts at each pixel.
"""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Literal, NamedTuple

import cv2
import numpy as np

from gonogo.base.errors import ImageFileError, StationFileError
from gonogo.rules.seal import AGAIN, read_sealed, seal, write_sealed
from gonogo.rules.segment import ChannelOf
from gonogo.rules.window import Window, place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.rules.presence_section import PresenceSection

FLAT = 2.0  # grey levels of standard deviation below which a patch shows no structure
SMALLEST = 4  # work pixels: a smaller patch fits anywhere
SUFFIXES = {".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff"}
Fit = Literal["exact", "resize"]


class Learnt(NamedTuple):
    """A template or golden image, uint8 (rows, columns, 3), and the SHA-256 of its file."""

    image: NDArray[np.uint8]
    digest: str


class Matcher:
    """Normalised cross-correlation of a patch over a grey image, flat places left out."""

    def __init__(self, patch: NDArray[np.uint8], shape: tuple[int, ...]) -> None:
        self._patch = np.ascontiguousarray(patch)
        rows, columns = shape[0] - patch.shape[0] + 1, shape[1] - patch.shape[1] + 1
        self._size = patch.shape[1::-1]
        self._score = np.empty((rows, columns), np.float32)
        self._mean = np.empty(shape[:2], np.float32)
        self._square = np.empty(shape[:2], np.float32)

    def best(self, grey: NDArray[np.uint8]) -> tuple[float, int, int]:
        """Highest correlation -1 .. 1 and its left and top; nan when everything is flat."""
        cv2.matchTemplate(grey, self._patch, cv2.TM_CCOEFF_NORMED, result=self._score)
        textured = self._variance(grey) > FLAT**2
        if not textured.any():
            return math.nan, 0, 0
        np.copyto(self._score, -1.0, where=~textured)
        _, score, _, (left, top) = cv2.minMaxLoc(self._score)
        return score, left, top

    def _variance(self, grey: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Variance of the grey levels under the patch at each of its places."""
        corner = (0, 0)
        cv2.boxFilter(grey, cv2.CV_32F, self._size, dst=self._mean, anchor=corner)
        cv2.sqrBoxFilter(grey, cv2.CV_32F, self._size, dst=self._square, anchor=corner)
        rows, columns = self._score.shape
        mean, square = self._mean[:rows, :columns], self._square[:rows, :columns]
        np.multiply(mean, mean, out=mean)
        return np.subtract(square, mean, out=square)


class TemplateMatch:
    """Best correlation with a learnt template, in percent; nan when the ROI is flat."""

    def __init__(self, name: str, learnt: NDArray[np.uint8], window: Window) -> None:
        rows, columns = window.shape[:2]
        if learnt.shape[0] > rows or learnt.shape[1] > columns:
            raise StationFileError(
                f"rule '{name}': image: expected at most {columns} x {rows} px (the roi at work "
                f"size), got {learnt.shape[1]} x {learnt.shape[0]} px; make it again with "
                f"gonogo prepare"
            )
        self._grey = ChannelOf(name, "grey", window.shape)
        self._matcher = Matcher(learnt[..., 1], window.shape)

    def __call__(self, image: NDArray[np.uint8]) -> float:
        """Correlation -100 to 100 percent; nan when the ROI is flat."""
        return 100.0 * self._matcher.best(self._grey(image))[0]


class GoldenMatch:
    """Part of the ROI outside the band of good parts, in percent, after alignment."""

    def __init__(
        self, name: str, learnt: NDArray[np.uint8], window: Window, search_px: int, tolerance: int
    ) -> None:
        rows, columns = inner_size(name, window, search_px)
        if learnt.shape[:2] != (rows, columns):
            raise StationFileError(
                f"rule '{name}': image: expected {columns} x {rows} px (the roi at work size less "
                f"search_px), got {learnt.shape[1]} x {learnt.shape[0]} px; make it again with "
                f"gonogo prepare"
            )
        self._grey = ChannelOf(name, "grey", window.shape)
        self._matcher = Matcher(learnt[..., 1], window.shape)
        band = learnt.astype(np.int32)
        self._low = np.clip(band[..., 0] - tolerance, 0, 255).astype(np.uint8)
        self._high = np.clip(band[..., 2] + tolerance, 0, 255).astype(np.uint8)
        self._inside = np.empty((rows, columns), np.uint8)

    def __call__(self, image: NDArray[np.uint8]) -> float:
        """Percent of pixels outside the band; nan when the ROI is flat."""
        grey = self._grey(image)
        score, left, top = self._matcher.best(grey)
        if not math.isfinite(score):
            return math.nan
        rows, columns = self._inside.shape
        moved = grey[top : top + rows, left : left + columns]
        cv2.inRange(moved, self._low, self._high, dst=self._inside)
        return 100.0 * (1.0 - cv2.countNonZero(self._inside) / self._inside.size)


def inner_size(name: str, window: Window, search_px: int) -> tuple[int, int]:
    """Rows and columns of the ROI at work size without the search margin."""
    margin = round(search_px / window.factor)
    rows, columns = (size - 2 * margin for size in window.shape[:2])
    if min(rows, columns) < SMALLEST:
        raise StationFileError(
            f"rule '{name}': search_px: expected less than half of the roi's shorter side, "
            f"got {search_px} px; make it smaller or the roi larger"
        )
    return rows, columns


def learn(section: PresenceSection, geometry: FrameShape, base: Path, fit: Fit = "exact") -> Path:
    """Make `section.image` from the good images in `section.learn_from`; both relative to `base`.

    The same good images give the same file. Errors: StationFileError where the
    section has no `image` or `learn_from`, ImageFileError for images of another size.
    """
    if section.image is None or section.learn_from is None:
        raise StationFileError(f"rule '{section.name}': needs image and learn_from to be learnt")
    window = Window(section.name, section.roi, geometry, section.work_px)
    grey = ChannelOf(section.name, "grey", window.shape)
    files = image_files(base / section.learn_from)
    frames = (load_frame(path, geometry, fit) for path in files)
    looks = [grey(window.take(frame)).copy() for frame in frames]
    if section.method == "template":
        learnt = build_template(looks, _patch_box(section, geometry, window))
    else:
        learnt = build_golden(looks, inner_size(section.name, window, section.search_px))
    _, png = cv2.imencode(".png", learnt)
    path = base / section.image
    write_sealed(path, png.tobytes(), purpose_of(section, geometry))
    return path


def build_template(
    looks: Sequence[NDArray[np.uint8]], box: tuple[int, int, int, int]
) -> NDArray[np.uint8]:
    """Median patch (rows, columns, 3) of good looks, each uint8 (h, w) grey at work size.

    `box` is left, top, columns, rows of the component in the first look; it is looked
    for in the others.
    """
    left, top, columns, rows = box
    first = looks[0][top : top + rows, left : left + columns]
    median = np.median(_aligned(looks, first), axis=0).astype(np.uint8)
    return np.repeat(median[..., None], 3, axis=2)


def build_golden(looks: Sequence[NDArray[np.uint8]], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Darkest, median and brightest grey level (rows, columns, 3) of aligned good looks.

    Aligned twice: to the first look, then to the median of that.
    """
    top, left = (looks[0].shape[0] - size[0]) // 2, (looks[0].shape[1] - size[1]) // 2
    first = looks[0][top : top + size[0], left : left + size[1]]
    median = np.median(_aligned(looks, first), axis=0).astype(np.uint8)
    stack = _aligned(looks, median)
    return np.stack([stack.min(0), np.median(stack, axis=0).astype(np.uint8), stack.max(0)], axis=2)


def _aligned(looks: Sequence[NDArray[np.uint8]], patch: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The best match of a patch in every look, (n, rows, columns); flat looks are left out."""
    matcher = Matcher(patch, looks[0].shape)
    rows, columns = patch.shape
    found = [(matcher.best(look), look) for look in looks]
    cut = [
        look[top : top + rows, left : left + columns]
        for (score, left, top), look in found
        if math.isfinite(score)
    ]
    if not cut:
        raise ImageFileError("good images: expected structure in the roi, all of them are flat")
    return np.stack(cut)


def _patch_box(
    section: PresenceSection, geometry: FrameShape, window: Window
) -> tuple[int, int, int, int]:
    """Left, top, columns, rows of `template_roi` in work pixels of the ROI."""
    part = place(section.name, section.template_roi, geometry)
    k, roi = window.factor, window.roi
    left, top = (part.x_px - roi.x_px) // k, (part.y_px - roi.y_px) // k
    columns, rows = part.width_px // k, part.height_px // k
    inside = min(left, top) >= 0
    inside &= left + columns <= window.shape[1] and top + rows <= window.shape[0]
    if not inside or min(columns, rows) < SMALLEST:
        raise StationFileError(
            f"rule '{section.name}': template_roi: expected inside the roi and at least "
            f"{SMALLEST * k} px wide and high, got {part.width_px} x {part.height_px} px "
            f"at x {part.x_px}, y {part.y_px}"
        )
    return left, top, columns, rows


def image_files(folder: Path) -> list[Path]:
    """The image files of a folder, sorted by name; StationFileError when there is none."""
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
    image = _decode(path, content, mode)
    rows, columns = image.shape[:2]
    if (rows, columns) == geometry.shape[:2]:
        return image
    if fit == "exact":
        raise ImageFileError(
            f"{path}: expected {geometry.width_px} x {geometry.height_px} px, "
            f"got {columns} x {rows} px; use images of this camera, or fit = 'resize'"
        )
    size = (geometry.width_px, geometry.height_px)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def read_learnt(section: PresenceSection, geometry: FrameShape, base: Path) -> Learnt:
    """The template or golden image of a rule, as it was learnt; StationFileError otherwise."""
    try:
        path = base / (section.image or "")
        content = read_sealed(path, purpose_of(section, geometry))
        image = _decode(path, content, cv2.IMREAD_COLOR)
        return Learnt(image, hashlib.sha256(content).hexdigest())
    except ImageFileError as error:
        raise StationFileError(f"rule '{section.name}': image: {error.args[0]}; {AGAIN}") from error


def purpose_of(section: PresenceSection, geometry: FrameShape) -> str:
    """What the pixels of a learnt image mean: another of any of these, and they mean another.

    Rule and file are of it: two rules that look at one place may have learnt two components.
    """
    roi, box = (
        "all" if each is None else f"{each.width_px}x{each.height_px}+{each.x_px}+{each.y_px}"
        for each in (section.roi, section.template_roi)
    )
    rest = f"part {box}" if section.method == "template" else f"search {section.search_px} px"
    rows, columns, channels = geometry
    file = "" if section.image is None else section.image.name
    return (
        f"rule '{section.name}' in {file}: {section.method} in roi {roi}, {rest}, "
        f"work {section.work_px} px, frames of {columns}x{rows}x{channels}"
    )


def adopt(section: PresenceSection, geometry: FrameShape, base: Path) -> None:
    """Seal an image that somebody else has made, as it is; StationFileError without one."""
    path = base / (section.image or "")
    try:
        seal(path, path.read_bytes(), purpose_of(section, geometry))
    except OSError as error:
        raise StationFileError(
            f"rule '{section.name}': image: {path}: cannot be read: {error.strerror}"
        ) from error


def _decode(path: Path, content: bytes, mode: int) -> NDArray[np.uint8]:
    data = np.frombuffer(content, np.uint8)
    image = cv2.imdecode(data, mode) if data.size else None
    if image is None:
        raise ImageFileError(f"{path}: expected an image file, got something else")
    return np.asarray(image, np.uint8)
