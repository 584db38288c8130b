"""Good images in, frames at the model's size out: the good ones, their variants, defaced ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.base.errors import CameraError, ImageFileError, TeachError
from gonogo.base.images import list_images, read_at_own_size, read_image
from gonogo.base.log.logger import get_logger
from gonogo.base.picture_folder import (
    LeftOut,
    by_reason,
    left_out_words,
    no_pictures,
    reason,
    spread,
)
from gonogo.build.drop import without
from gonogo.build.variants import deface, nuisance
from gonogo.engines.backends.fit import SQUEEZE
from gonogo.engines.backends.placing import Sight
from gonogo.engines.backends.preprocess import Preprocess, geometry_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.base.images import Fit as SizeFit
    from gonogo.engines.backends.fit import Fit

    Progress = Callable[[str, int, int], None]

log = get_logger(__name__)

# of fewer, a spread is no more than chance
MIN_PARTS = 5
# of a folder: teaching is a matter of a minute or so
MAX_PARTS = 100
# of all parts together: the fewer parts, the more variants of each
VARIANTS_WANTED = 120
VARIANTS_MAX = 8
DEFACED_MAX = 4
_REASONS = 5
_COLOURS = 3
# fixed: the same images make the same engine
_SEED = 57


class GoodImages(NamedTuple):
    """Images of good parts, or their paths: uint8 (height, width[, 3]) blue-green-red, any size.

    Paths are read at `geometry` by `size`, as a camera that replays them would deliver them, or
    at their own size when it is None. `kept`: somebody has looked, and the odd ones are good.
    """

    images: Sequence[NDArray[np.uint8] | Path]
    geometry: FrameShape | None = None
    kept: bool = False
    size: SizeFit = "resize"


class GoodParts(NamedTuple):
    """Frames at the model's size, uint8 (height, width, 3) blue-green-red.

    `variants` and `defaced` come from the good images in the same order:
    `per_part` variants of each, and as many defaced frames, but at most DEFACED_MAX.
    """

    good: list[NDArray[np.uint8]]
    variants: list[NDArray[np.uint8]]
    defaced: list[NDArray[np.uint8]]
    per_part: int
    skipped: list[LeftOut]
    names: list[str]  # of the good ones, as a person knows them

    @property
    def side_px(self) -> int:
        """Height and width of every frame."""
        return len(self.good[0])

    @property
    def note(self) -> str:
        """What was left out, for the card; empty when nothing was."""
        if not self.skipped:
            return ""
        return f"{len(self.skipped)} files skipped: {'; '.join(by_reason(self.skipped)[:_REASONS])}"


def folder_images(folder: Path, drop: Sequence[Path] = ()) -> list[Path]:
    """The images to use of a folder: all, or at most MAX_PARTS spread evenly over it.

    Without those of `drop`; BuildError for one that is not there.
    """
    try:
        paths = list_images(folder)
    except CameraError as error:
        raise TeachError(f"good parts: {error}") from error
    (paths,) = without(drop, paths)
    paths, more = spread(paths, MAX_PARTS)
    for line in left_out_words([*no_pictures(folder), *more]):
        log.warning("good_pictures_left_out", text="%(of)s: %(what)s", of=folder, what=line)
    return paths


def collect(
    good: GoodImages, size_px: tuple[int, int], progress: Progress, fit: Fit = SQUEEZE
) -> GoodParts:
    """Bring the good images to `size_px` (height, width) by `fit`; TeachError when of no use.

    Files that cannot be read are named and skipped.
    """
    # by how many were given: what cannot be read is known only later
    wanted = good.images
    per_part = min(VARIANTS_MAX, max(1, -(-VARIANTS_WANTED // max(1, len(wanted)))))
    parts = GoodParts([], [], [], per_part, [], [])
    rng = np.random.default_rng(_SEED)
    shrink = Shrink(size_px, fit)
    for done, image in enumerate(wanted):
        progress("reading good parts", done, len(wanted))
        frame = _frame(image, good, parts.skipped)
        if frame is not None:
            parts.names.append(image.name if isinstance(image, Path) else f"part {done + 1}")
            parts.good.append(shrink(frame))
            parts.variants.extend(shrink(nuisance(frame, rng)) for _ in range(per_part))
            defaced = min(per_part, DEFACED_MAX)
            parts.defaced.extend(shrink(shrink.deface(frame, rng)) for _ in range(defaced))
    progress("reading good parts", len(wanted), len(wanted))
    _check(parts)
    return parts


class Shrink:
    """Frames of any geometry to one size, in the very way that the engine has."""

    def __init__(self, size_px: tuple[int, int], fit: Fit = SQUEEZE) -> None:
        self._size_px, self._fit = size_px, fit
        self._known: dict[tuple[int, ...], Preprocess] = {}

    def __call__(self, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A new uint8 array (height, width, 3)."""
        # one for each shape, for it holds buffers
        known = self._known.get(frame.shape)
        if known is None:
            known = Preprocess(geometry_of(frame), _COLOURS, *self._size_px, self._fit)
            self._known[frame.shape] = known
        small = known.resize(frame)
        # a copy in either case: `resize` writes the same buffer for the next frame
        if small.ndim == _COLOURS:
            return np.array(small, np.uint8)
        return np.asarray(cv2.cvtColor(small, cv2.COLOR_GRAY2BGR), np.uint8)

    def sight(self, geometry: FrameShape) -> Sight:
        """What the engine sees of such frames."""
        return Sight(geometry, self._size_px, self._fit)

    def deface(self, frame: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        """The part with one planted defect, where the engine looks: elsewhere it would be none."""
        box = self.sight(geometry_of(frame)).seen
        rows = slice(round(box.top), max(round(box.bottom), round(box.top) + 1))
        columns = slice(round(box.left), max(round(box.right), round(box.left) + 1))
        defaced = frame.copy()
        defaced[rows, columns] = deface(frame[rows, columns], rng)
        return np.asarray(defaced, np.uint8)


def _frame(
    image: NDArray[np.uint8] | Path, good: GoodImages, skipped: list[LeftOut]
) -> NDArray[np.uint8] | None:
    if not isinstance(image, Path):
        return image
    try:
        # as the camera will bring it, so that the engine is taught what it will see
        if good.geometry is not None:
            return read_image(image, good.geometry, good.size)
        return read_at_own_size(image)
    except ImageFileError as error:
        # one broken file must not stop the day; the card names it
        skipped.append(LeftOut(image.name, reason(image, error)))
        return None


def _check(parts: GoodParts) -> None:
    if len(parts.good) < MIN_PARTS:
        raise TeachError(
            f"{len(parts.good)} usable images of good parts ({parts.note or 'none skipped'}), "
            f"expected at least {MIN_PARTS}, better 30; photograph more good parts"
        )
    if all_same(parts.good):
        raise TeachError(
            f"all {len(parts.good)} images of good parts are the same, expected photographs of "
            "different parts; how much good parts differ cannot be learned from copies"
        )


def all_same(frames: Sequence[NDArray[np.uint8]]) -> bool:
    """Whether every frame equals the first, pixel for pixel."""
    return all(np.array_equal(frames[0], frame) for frame in frames[1:])
