"""Every way tried on a few pictures, in one session of the bare export.

A race first: all of them on one picture, fewer and fewer on more, by the distance from the tool's
own score. Where no way scores as the tool does, number for number, it may have another unit: then
all of them are tried on some pictures, by their ranks. The nearest ones are held against more. What
comes out the same at the model's size is tried once: of square pictures every fit is a squeeze.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import onnx
import onnxruntime as ort

from gonogo.build.exports.float_input import with_float_input
from gonogo.build.reference.likeness import likeness
from gonogo.build.reference.ways import geometries, pixel_ways

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from gonogo.build.goodparts import Progress
    from gonogo.build.reference.likeness import Likeness
    from gonogo.build.reference.pictures import Scored
    from gonogo.build.reference.ways import Geometry, Pixels

    Unit = Callable[[NDArray[np.float64]], NDArray[np.float64]]

PICTURES = 24  # at most, for the nearest ways
FIRST, FIRST_MIN = 8, 4
NEAREST = 12
EXACTLY = 4  # of which are tried with an exact resize as well
RACE = ((1, 64), (2, 32), (4, 16), (FIRST, NEAREST))  # pictures, and how many ways go on
RACE_LARGEST = 0.15  # of the range of the tool's scores
FIRST_S = 30.0  # what all of them may take about; a slow model has fewer pictures
_QUIET = 4
_WHAT = "trying how pictures are prepared"


class Way(NamedTuple):
    """One way from a picture to the model's input."""

    geometry: Geometry
    pixels: Pixels

    @property
    def options(self) -> str:
        """What to type for it."""
        return f"{self.geometry.options} {self.pixels.options}".strip()


class Tried(NamedTuple):
    """A way, and how like the tool's its scores were."""

    way: Way
    likeness: Likeness


class Bare:
    """An export of ours without preprocessing, in a session: it takes what it is given.

    `model`: ONNX bytes whose input is uint8, which is made float32. `white`: what it takes a value
    of 1 for. `unit`: from its scores to those of the table.
    """

    def __init__(self, model: bytes, white: float = 1.0, unit: Unit = np.asarray) -> None:
        self._white, self._unit = np.float32(white), unit
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
        (found,) = self._session.run(["score"], {self._image.name: planes * self._white})
        return float(self._unit(np.array([np.max(found)], np.float64))[0])


def try_all(bare: Bare, scored: Scored, progress: Progress, *, takes_bytes: bool) -> list[Tried]:
    """Every way, the nearest one first; the nearest ones of at most PICTURES pictures."""
    pixels = pixel_ways(bare.channels, takes_bytes=takes_bytes)
    few = _spread(scored, FIRST)
    # of any prefix some score high and some low
    few = taken(few, sorted(range(len(few.frames)), key=_scattered))
    field = _Field(bare, few, progress)
    ways = [Way(geometry, each) for geometry in field.distinct() for each in pixels]
    near = list(field.race(ways) or field.nearest(ways, _affordable(bare, len(ways))))
    near += [
        way._replace(geometry=way.geometry.exactly)
        for way in near[:EXACTLY]
        if way.geometry.fit.filter == "antialias"
    ]
    return field.held_against(near, _spread(scored, PICTURES))


class _Field:
    """What each way scored of the pictures so far: no picture is scored twice by one way."""

    def __init__(self, bare: Bare, few: Scored, progress: Progress) -> None:
        self._bare, self._few, self._progress = bare, few, progress
        self._smalls: dict[Geometry, list[NDArray[np.uint8]]] = {}
        self._said: dict[Way, list[float]] = {}
        self._runs, self._expected = 0, (NEAREST + EXACTLY) * PICTURES

    def distinct(self) -> list[Geometry]:
        """Geometries that make other pictures of these than those before."""
        known = set()
        for geometry in geometries(self._bare.size_px):
            smalls = geometry.smalls(self._few.frames)
            made = hash(b"".join(small.tobytes() for small in smalls))
            if made not in known:
                known.add(made)
                self._smalls[geometry] = smalls
        return list(self._smalls)

    def race(self, ways: Sequence[Way]) -> Sequence[Way]:
        """Those that score as the tool does, number for number; none where no way does.

        Of one picture by all of them, of more by fewer and fewer: most are far off at once.
        """
        left, before = ways, 0
        for count, kept in RACE:
            self._expected += len(left) * (count - before)
            left = sorted(left, key=partial(self._farthest, count=count))[:kept]
            before = count
        best = likeness(self._few.scores, self._scores(left[0], FIRST))
        # looser than what agrees: of so few pictures of a steep model one may be far off
        return left if best.largest <= RACE_LARGEST else ()

    def nearest(self, ways: Sequence[Way], count: int) -> list[Way]:
        """By ranks and by all else, of the first so many pictures."""
        self._expected += sum(max(0, count - len(self._said[way])) for way in ways)
        tool = self._few.scores[:count]
        tried = [Tried(way, likeness(tool, self._scores(way, count))) for way in ways]
        return [each.way for each in _sorted(tried)[:NEAREST]]

    def held_against(self, ways: Sequence[Way], more: Scored) -> list[Tried]:
        """Those that came nearest, of more pictures."""
        found = []
        for way in ways:
            said = [self._score(way, small) for small in way.geometry.smalls(more.frames)]
            found.append(Tried(way, likeness(more.scores, np.array(said))))
        self._progress(_WHAT, self._expected, self._expected)
        return _sorted(found)

    def _farthest(self, way: Way, count: int) -> float:
        """From the tool's scores, of the first so many; infinite for what is no number."""
        away = np.abs(self._scores(way, count) - self._few.scores[:count])
        return float(np.nan_to_num(away.max(), nan=np.inf))

    def _scores(self, way: Way, count: int) -> NDArray[np.float64]:
        """Of the first so many pictures."""
        said = self._said.setdefault(way, [])
        said += [self._score(way, small) for small in self._smalls[way.geometry][len(said) : count]]
        return np.array(said[:count])

    def _score(self, way: Way, small: NDArray[np.uint8]) -> float:
        self._progress(_WHAT, self._runs, self._expected)
        self._runs += 1
        return self._bare.score(way.pixels.planes(small, self._bare.channels))


def _sorted(tried: Sequence[Tried]) -> list[Tried]:
    # equal ones stay as they are: plain ways come first
    return sorted(tried, key=lambda each: each.likeness.distance)


def _scattered(place: int) -> int:
    """Where a place of 0 .. 7 comes in an order that jumps about, from the middle on."""
    return int(f"{place ^ FIRST // 2:03b}"[::-1], 2)


def _affordable(bare: Bare, ways: int) -> int:
    """How many pictures each way is tried on: fewer of a slow model."""
    blank = np.zeros((1, bare.channels, *bare.size_px), np.float32)
    start_s = time.perf_counter()
    bare.score(blank)
    took_s = time.perf_counter() - start_s
    return max(FIRST_MIN, min(FIRST, int(FIRST_S / (took_s * ways + 1e-9))))


def _spread(scored: Scored, count: int) -> Scored:
    """So many of them, from the lowest score to the highest."""
    return taken(scored, places(len(scored.frames), count))


def places(length: int, count: int) -> list[int]:
    """So many of a row, from its first to its last."""
    return sorted(set(np.linspace(0, length - 1, count).round().astype(int).tolist()))


def taken(scored: Scored, chosen: list[int]) -> Scored:
    """Those in these places."""
    return scored._replace(frames=[scored.frames[k] for k in chosen], scores=scored.scores[chosen])
