"""The first parts of a line, as an engine scores them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import CameraError, ImageFileError, ReviewError
from gonogo.base.images import list_images, read_at_own_size
from gonogo.base.log.logger import get_logger
from gonogo.base.picture_folder import left_out_words, no_pictures
from gonogo.build.goodparts import MIN_PARTS, Shrink
from gonogo.build.judging import Judge
from gonogo.engines.backends.model import open_model

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.build.goodparts import Progress
    from gonogo.build.review.engine import Computed

log = get_logger(__name__)

PARTS_MAX = 1000


class Picture(NamedTuple):
    """One picture: its name below the folder, its content, and the frame at the model's size."""

    name: str
    path: Path
    sha256: str
    frame: NDArray[np.uint8]


class Seen(NamedTuple):
    """A picture's name and content, and what the engine scores it."""

    name: str
    sha256: str
    score: float


def read_pictures(folder: Path, model: Path, progress: Progress) -> list[Picture]:
    """Every picture of a folder at the size of `model`; ReviewError for too few or too many.

    What cannot be read is refused, not skipped: it may be the bad part.
    """
    try:
        paths = list_images(folder)
    except CameraError as error:
        raise ReviewError(error.args[0]) from error
    if not MIN_PARTS <= len(paths) <= PARTS_MAX:
        raise ReviewError(
            f"{folder}: {len(paths)} pictures, expected {MIN_PARTS} to {PARTS_MAX}, best the first "
            "100 parts of the line"
        )
    contract = open_model(model)
    _, _, height_px, width_px = contract.image.shape
    small = Shrink((height_px, width_px), contract.fit)
    for line in left_out_words(no_pictures(folder)):
        log.warning("review_pictures_left_out", text="%(of)s: %(what)s", of=folder, what=line)
    found = []
    unread: list[ReviewError] = []
    for done, path in enumerate(paths):
        progress("reading pictures", done, len(paths))
        try:
            data, frame = read_picture(path)
        except ReviewError as error:
            unread.append(error)
            continue
        name = path.relative_to(folder).as_posix()
        found.append(Picture(name, path, hashlib.sha256(data).hexdigest(), small(frame)))
    progress("reading pictures", len(paths), len(paths))
    if unread:
        raise ReviewError("\n".join(str(each.args[0]) for each in unread))
    return found


def score_pictures(computed: Computed, pictures: list[Picture]) -> NDArray[np.float64]:
    """float64 scores (pictures,); ReviewError for one that is no number."""
    with Judge(computed.model, computed.backend, how=computed.how) as asked:
        scores = asked([one.frame for one in pictures]).scores
    broken = np.flatnonzero(~np.isfinite(scores))
    if len(broken):
        raise ReviewError(
            f"{pictures[broken[0]].name}: the engine scores it {scores[broken[0]]} in "
            f"{computed.backend}, "
            "expected a number; this engine cannot judge such a part"
        )
    return scores


def read_picture(path: Path) -> tuple[bytes, NDArray[np.uint8]]:
    """A file's content and its picture, uint8 (height, width, 3) at its own size; ReviewError."""
    try:
        frame = read_at_own_size(path)
        return path.read_bytes(), frame
    except (ImageFileError, OSError) as error:
        raise ReviewError(f"{path}: {error}; save it again, or take it out") from error
