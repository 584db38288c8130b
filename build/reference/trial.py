"""Every way tried on a few pictures, in one session of the bare export.

All of them first on the fewest pictures that tell much, then the nearest ones on more. What comes
out the same at the model's size is tried once: of square pictures every fit is a squeeze.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import onnx
import onnxruntime as ort

from gonogo.build.exports.float_input import with_float_input
from gonogo.build.reference.likeness import likeness
from gonogo.build.reference.ways import geometries, pixel_ways

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gonogo.build.goodparts import Progress
    from gonogo.build.reference.likeness import Likeness
    from gonogo.build.reference.pictures import Scored
    from gonogo.build.reference.ways import Geometry, Pixels

PICTURES = 24  # at most, for the nearest ways
FIRST, FIRST_MIN = 8, 4  # for all of them
NEAREST = 24
FIRST_S = 60.0  # what all of them may take about; a slow model has fewer pictures
_QUIET = 4
_WHAT = "trying how pictures are prepared"


class Way(NamedTuple):
    """One way from a picture to the model's input."""

    geometry: Geometry
    pixels: Pixels

    def options(self, *, takes_bytes: bool) -> str:
        """What to type for it."""
        said = self.pixels.options
        if takes_bytes:
            said = said.replace("--input 0..255", "").strip()
        return f"{self.geometry.options} {said}".strip()


class Tried(NamedTuple):
    """A way, and how like the tool's its scores were."""

    way: Way
    likeness: Likeness


class Bare:
    """An export of ours without preprocessing, in a session: it takes what it is given.

    `model`: ONNX bytes whose input is uint8, which is made float32.
    """

    def __init__(self, model: bytes) -> None:
        settings = ort.SessionOptions()
        settings.log_severity_level = _QUIET
        changed = with_float_input(onnx.load_model_from_string(model))
        self._session = ort.InferenceSession(
            changed.SerializeToString(), settings, providers=["CPUExecutionProvider"]
        )
        self._image = self._session.get_inputs()[0]

    @property
    def channels(self) -> int:
        """Planes of its input."""
        return int(self._image.shape[1])

    @property
    def size_px(self) -> tuple[int, int]:
        """Height and width of its input."""
        return int(self._image.shape[2]), int(self._image.shape[3])

    def score(self, planes: NDArray[np.float32]) -> float:
        """Of one image (1, planes, height, width) of values as the export wants them."""
        (found,) = self._session.run(["score"], {self._image.name: planes})
        return float(np.max(found))


def try_all(bare: Bare, scored: Scored, progress: Progress, *, takes_bytes: bool) -> list[Tried]:
    """Every way, the nearest one first; the nearest ones of at most PICTURES pictures."""
    pixels = pixel_ways(bare.channels, takes_bytes=takes_bytes)
    few = _spread(scored, _affordable(bare, scored, len(pixels)))
    ways = [
        (Way(geometry, each), smalls)
        for geometry, smalls in _distinct(bare, few)
        for each in pixels
    ]
    first = []
    for done, (way, smalls) in enumerate(ways):
        progress(_WHAT, done, len(ways) + NEAREST)
        first.append(Tried(way, _of(bare, way, smalls, few.scores)))
    more, found = _spread(scored, PICTURES), []
    # sorted() leaves equal ones as they are: plain ways come first
    for done, tried in enumerate(sorted(first, key=lambda each: each.likeness.distance)[:NEAREST]):
        progress(_WHAT, len(ways) + done, len(ways) + NEAREST)
        smalls = tried.way.geometry.smalls(more.frames)
        found.append(Tried(tried.way, _of(bare, tried.way, smalls, more.scores)))
    progress(_WHAT, len(ways) + NEAREST, len(ways) + NEAREST)
    return sorted(found, key=lambda each: each.likeness.distance)


def _of(
    bare: Bare, way: Way, smalls: Sequence[NDArray[np.uint8]], tool: NDArray[np.float64]
) -> Likeness:
    planes = (way.pixels.planes(small, bare.channels) for small in smalls)
    return likeness(tool, np.array([bare.score(each) for each in planes]))


def _distinct(bare: Bare, few: Scored) -> Iterator[tuple[Geometry, list[NDArray[np.uint8]]]]:
    """Geometries that make other pictures of these than those before."""
    known = set()
    for geometry in geometries(bare.size_px):
        smalls = geometry.smalls(few.frames)
        made = hash(b"".join(small.tobytes() for small in smalls))
        if made not in known:
            known.add(made)
            yield geometry, smalls


def _affordable(bare: Bare, scored: Scored, pixels: int) -> int:
    """How many pictures each way is tried on first: fewer of a slow model."""
    blank = np.zeros((1, bare.channels, *bare.size_px), np.float32)
    bare.score(blank)  # the first one takes longer
    start_s = time.perf_counter()
    bare.score(blank)
    took_s = time.perf_counter() - start_s
    ways = len(list(geometries(bare.size_px))) * pixels
    return max(FIRST_MIN, min(FIRST, int(FIRST_S / (took_s * ways + 1e-9)), len(scored.frames)))


def _spread(scored: Scored, count: int) -> Scored:
    """So many of them, from the lowest score to the highest."""
    places = np.unique(np.linspace(0, len(scored.frames) - 1, count).round().astype(int))
    return scored._replace(frames=[scored.frames[k] for k in places], scores=scored.scores[places])
