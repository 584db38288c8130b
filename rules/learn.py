"""What good parts look like: the images that template and golden rules learn, and judge by.

Both are PNG files at the rule's own work size (gonogo.rules.window), made on the box from
good images and sealed (gonogo.rules.seal):

- template: (rows, columns, 3), a patch of the ROI; three equal channels, the median
  of the good parts.
- golden: (rows, columns, 3), the ROI without a margin of `search_px`; blue the darkest,
  green the median, red the brightest grey level of the good parts at each pixel.
"""

from __future__ import annotations

import hashlib
import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import cv2
import numpy as np

from gonogo.base.errors import CameraError, ImageFileError, StationFileError
from gonogo.base.log.logger import get_logger
from gonogo.base.picture_folder import find_pictures, left_out_words, read_pictures
from gonogo.rules.seal import AGAIN, read_sealed, seal, seal_path, write_sealed
from gonogo.rules.segment import ChannelOf
from gonogo.rules.template import SMALLEST, Matcher, inner_size
from gonogo.rules.window import Window, place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.base.images import Fit
    from gonogo.rules.rule import Roi

log = get_logger(__name__)

PICTURES_MAX = 500  # of a folder, spread evenly: more make no other image


class Learnt(NamedTuple):
    """A template or golden image, uint8 (rows, columns, 3), and the SHA-256 of its file."""

    image: NDArray[np.uint8]
    digest: str


class ImageOf(NamedTuple):
    """Whose image it is, by the rule's name, where it lies, and what it is made from.

    Without `learn_from`, a folder of good images, somebody else makes it. `roi` and
    `work_px` are the rule's.
    """

    rule: str
    path: Path
    learn_from: Path | None
    roi: Roi | None
    work_px: int


class LearntImage(ABC):
    """An image that a rule judges by; paths are relative to the folder `base` of each call."""

    method: ClassVar[str]

    def __init__(self, of: ImageOf) -> None:
        self.of = of

    @abstractmethod
    def build(
        self, rois: Sequence[NDArray[np.uint8]], geometry: FrameShape, window: Window
    ) -> NDArray[np.uint8]:
        """The image (rows, columns, 3) from the ROIs of good parts, uint8 grey at work size."""

    @abstractmethod
    def _own_keys(self) -> str:
        """What else of the rule decides what its pixels mean."""

    def purpose(self, geometry: FrameShape) -> str:
        """What the pixels mean: another of any of these, and they mean another.

        Rule and file are of it: two rules that look at one place may have learnt two
        components.
        """
        rows, columns, channels = geometry
        return (
            f"rule '{self.of.rule}' in {self.of.path.name}: {self.method} in roi "
            f"{_box(self.of.roi)}, {self._own_keys()}, work {self.of.work_px} px, "
            f"frames of {columns}x{rows}x{channels}"
        )

    def learn(self, geometry: FrameShape, base: Path, fit: Fit = "exact") -> Path:
        """Make it from the good images, and seal it; the same images give the same file.

        What cannot be read is left out, and named in the log. StationFileError where it is made
        from nothing, or nothing can be read.
        """
        rule, path, learn_from, roi, work_px = self.of
        if learn_from is None:
            raise StationFileError(f"rule '{rule}': needs image and learn_from to be learnt")
        window = Window(rule, roi, geometry, work_px)
        grey = ChannelOf(rule, "grey", window.shape)
        # a copy of each: window and channel write all of them into the same buffers
        rois = [
            grey(window.take(frame)).copy()
            for frame in _good_frames(rule, base / learn_from, geometry, fit)
        ]
        # PNG loses nothing: each grey level is compared
        _, png = cv2.imencode(".png", self.build(rois, geometry, window))
        write_sealed(base / path, png.tobytes(), self.purpose(geometry))
        return base / path

    def adopt(self, geometry: FrameShape, base: Path) -> None:
        """Seal what somebody else has made, as it is; StationFileError without one."""
        path = base / self.of.path
        try:
            seal(path, path.read_bytes(), self.purpose(geometry))
        except OSError as error:
            raise StationFileError(
                f"rule '{self.of.rule}': image: {path}: cannot be read: {error.strerror}"
            ) from error

    def prepare(self, geometry: FrameShape, base: Path, fit: Fit, *, again: bool) -> None:
        """Make it where it is not there, or `again`; somebody else's is sealed only `again`."""
        path = base / self.of.path
        if self.of.learn_from is None:
            # never unasked: a seal says that a person wants this very image
            if again:
                self.adopt(geometry, base)
        elif again or not (path.exists() and seal_path(path).exists()):
            self.learn(geometry, base, fit)

    def read(self, geometry: FrameShape, base: Path) -> Learnt:
        """The image as it was learnt; StationFileError otherwise."""
        path = base / self.of.path
        try:
            # the bytes that were checked, not the file once more
            content = read_sealed(path, self.purpose(geometry))
            image = _decoded(path, content)
        except ImageFileError as error:
            why = f"rule '{self.of.rule}': image: {error.args[0]}; {AGAIN}"
            raise StationFileError(why) from error
        return Learnt(image, hashlib.sha256(content).hexdigest())


class TemplateImage(LearntImage):
    """A component as it looks on good parts; `part` is its place in the first good image."""

    method = "template"

    def __init__(self, of: ImageOf, part: Roi | None) -> None:
        super().__init__(of)
        self._part = part

    def build(
        self, rois: Sequence[NDArray[np.uint8]], geometry: FrameShape, window: Window
    ) -> NDArray[np.uint8]:
        """The median of the component, looked for in every ROI."""
        part = place(self.of.rule, self._part, geometry)
        return build_template(rois, _patch_box(self.of.rule, part, window))

    def _own_keys(self) -> str:
        return f"part {_box(self._part)}"


class GoldenImage(LearntImage):
    """The band of grey levels of good parts; the ROI may move by `search_px` each way."""

    method = "golden"

    def __init__(self, of: ImageOf, search_px: int) -> None:
        super().__init__(of)
        self._search_px = search_px

    def build(
        self, rois: Sequence[NDArray[np.uint8]], geometry: FrameShape, window: Window
    ) -> NDArray[np.uint8]:
        """Darkest, median and brightest grey level of the aligned ROIs."""
        del geometry  # all of the ROI, wherever it lies
        return build_golden(rois, inner_size(self.of.rule, window, self._search_px))

    def _own_keys(self) -> str:
        return f"search {self._search_px} px"


def _good_frames(
    rule: str, folder: Path, geometry: FrameShape, fit: Fit
) -> list[NDArray[np.uint8]]:
    """The pictures of good parts that can be read, 1 at least; the others are told in the log."""
    try:
        found = find_pictures(folder, PICTURES_MAX)
    except CameraError as error:
        raise StationFileError(f"rule '{rule}': learn_from: {error.args[0]}") from error
    left_out = list(found.left_out)
    frames = [each.frame for each in read_pictures(found, geometry, fit, left_out)]
    for line in left_out_words(left_out):
        of = f"rule '{rule}'"
        log.warning("good_pictures_left_out", text="%(of)s: %(what)s", of=of, what=line)
    if not frames:
        raise StationFileError(
            f"rule '{rule}': learn_from: expected pictures of good parts in {folder}, none can be "
            f"used; {'; '.join(left_out_words(left_out))}"
        )
    return frames


def _decoded(path: Path, content: bytes) -> NDArray[np.uint8]:
    """The pixels of a learnt image, of the bytes whose seal was checked; ImageFileError."""
    data = np.frombuffer(content, np.uint8)
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if image is None:
        raise ImageFileError(f"{path}: expected a learnt image, got something else")
    return np.asarray(image, np.uint8)


def _box(roi: Roi | None) -> str:
    return "all" if roi is None else f"{roi.width_px}x{roi.height_px}+{roi.x_px}+{roi.y_px}"


def build_template(
    rois: Sequence[NDArray[np.uint8]], box: tuple[int, int, int, int]
) -> NDArray[np.uint8]:
    """Median patch (rows, columns, 3) of good ROIs, each uint8 (h, w) grey at work size.

    `box` is left, top, columns, rows of the component in the first one; it is looked
    for in the others.
    """
    left, top, columns, rows = box
    first = rois[0][top : top + rows, left : left + columns]
    median = np.median(_aligned(rois, first), axis=0).astype(np.uint8)
    # three channels, as a golden image has them: both are read alike
    return np.repeat(median[..., None], 3, axis=2)


def build_golden(rois: Sequence[NDArray[np.uint8]], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Darkest, median and brightest grey level (rows, columns, 3) of aligned good ROIs.

    Aligned twice: to the first one, then to the median of that.
    """
    top, left = (rois[0].shape[0] - size[0]) // 2, (rois[0].shape[1] - size[1]) // 2
    first = rois[0][top : top + size[0], left : left + size[1]]
    median = np.median(_aligned(rois, first), axis=0).astype(np.uint8)
    # once more: the first part may lie oddly, and an edge that is off widens the band
    stack = _aligned(rois, median)
    return np.stack([stack.min(0), np.median(stack, axis=0).astype(np.uint8), stack.max(0)], axis=2)


def _aligned(rois: Sequence[NDArray[np.uint8]], patch: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The best match of a patch in every ROI, (n, rows, columns); flat ones are left out."""
    matcher = Matcher(patch, rois[0].shape)  # all are of one shape: the window's
    rows, columns = patch.shape
    found = [(matcher.best(roi), roi) for roi in rois]
    cut = [
        roi[top : top + rows, left : left + columns]
        for (score, left, top), roi in found
        if math.isfinite(score)
    ]
    if not cut:
        raise ImageFileError("good images: expected structure in the roi, all of them are flat")
    return np.stack(cut)


def _patch_box(rule: str, part: Roi, window: Window) -> tuple[int, int, int, int]:
    """Left, top, columns, rows of a part of the frame in work pixels of the ROI."""
    k, roi = window.factor, window.roi
    left, top = (part.x_px - roi.x_px) // k, (part.y_px - roi.y_px) // k
    columns, rows = part.width_px // k, part.height_px // k
    # in work pixels, after rounding: what is cut out must be there
    inside = min(left, top) >= 0
    inside &= left + columns <= window.shape[1] and top + rows <= window.shape[0]
    if not inside or min(columns, rows) < SMALLEST:
        raise StationFileError(
            f"rule '{rule}': template_roi: expected inside the roi and at least "
            f"{SMALLEST * k} px wide and high, got {part.width_px} x {part.height_px} px "
            f"at x {part.x_px}, y {part.y_px}"
        )
    return left, top, columns, rows
