"""What a model says of frames, in one backend: opened once, asked as often as wanted.

Frames are shared out among as many sessions as there are cores, each on one thread: what a
session says of a frame does not depend on how many there are. Another one is opened once the frames
that are left take longer than that.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.frame_shape import FrameShape
from gonogo.engines.backends.backend import Outputs
from gonogo.engines.backends.catalogue import open_backend
from gonogo.ipc.frame_ring import EMBED_MAX, MAP_MAX

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from typing_extensions import Self

    from gonogo.engines.backends.backend import Backend

    Frames = Sequence[NDArray[np.uint8]]
    Open = Callable[[Path, FrameShape, int], Backend]

WORKERS_MAX = 4
LARGE_BYTES = 64 << 20  # each session holds the weights: of such a model there is one
FIRST = 4  # frames that tell how long one takes
CHUNK = 16  # frames of a worker between two words of how far it is


class Judged(NamedTuple):
    """What one model said of some frames: float64 scores (n,) and maps, float32 embeddings.

    Maps and embeddings are flat, (n, cells) and (n, length); empty where it has none.
    """

    scores: NDArray[np.float64]
    maps: NDArray[np.float64]
    embeddings: NDArray[np.float32]


def silent(_done: int, _total: int) -> None:
    """Nobody watches."""


class Judge:
    """A model file in a backend; `with` closes it. ModelError, MissingExtra where it cannot run.

    `how`: how it is opened; left out, as a station does. Sessions on one thread at the most: one
    for each core that this process has.
    """

    def __init__(
        self, model: Path, backend: str, threads: int = 1, how: Open | None = None
    ) -> None:
        self._model, self._name, self._threads = model, backend, threads
        self._how = how
        cores = min(WORKERS_MAX, len(os.sched_getaffinity(0))) if threads == 1 else 1
        self._workers_max = cores if model.stat().st_size < LARGE_BYTES else 1
        self._workers: list[_Worker] = []
        self._opening_s = 0.0  # what the first one took
        self._stop = Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # also where a frame fails: a session holds memory and threads
        while self._workers:
            self._workers.pop().backend.close()

    def __call__(self, frames: Frames, told: Callable[[int, int], None] = silent) -> Judged:
        """All that it says of frames of one size, uint8 (height, width, 3), in their order."""
        if not self._workers:
            began_s = time.monotonic()
            self._open(frames[0])
            self._opening_s = time.monotonic() - began_s
        said = _room(self._workers[0].backend, len(frames))
        start, frame_s = 0, 0.0
        while start < len(frames):
            told(start, len(frames))
            self._grow(frames[0], (len(frames) - start) * frame_s)
            # of the first session first a few, to see how long they take
            step = CHUNK * len(self._workers) if frame_s else FIRST
            places = range(start, min(start + step, len(frames)))
            began_s = time.monotonic()
            self._share(said, frames, places)
            frame_s = (time.monotonic() - began_s) * len(self._workers) / len(places)
            start = places.stop
        told(len(frames), len(frames))
        return said

    def _grow(self, frame: NDArray[np.uint8], left_s: float) -> None:
        """As many sessions as pay for what one alone would still do for `left_s`."""
        while len(self._workers) < self._workers_max:
            count = len(self._workers)
            # what another one takes off: from a share of 1 / count to one of 1 / (count + 1)
            if left_s / count - left_s / (count + 1) < self._opening_s:
                return
            self._open(frame)

    def _open(self, frame: NDArray[np.uint8]) -> None:
        height_px, width_px, channels = frame.shape
        geometry = FrameShape(height_px, width_px, channels)
        backend = (
            open_backend(self._name, self._model, geometry, self._threads)
            if self._how is None
            else self._how(self._model, geometry, self._threads)
        )
        # held before it is bound: what fails then is closed with the rest
        self._workers.append(_Worker(backend, np.empty_like(frame)))
        self._workers[-1].bind()

    def _share(self, said: Judged, frames: Frames, places: range) -> None:
        if len(self._workers) == 1:
            self._workers[0].judge(said, frames, places, self._stop)
            return
        parts = [places[k :: len(self._workers)] for k in range(len(self._workers))]
        with ThreadPoolExecutor(len(parts)) as pool:
            try:
                doing = [
                    pool.submit(worker.judge, said, frames, part, self._stop)
                    for worker, part in zip(self._workers, parts, strict=True)
                ]
                for one in doing:
                    one.result()
            except BaseException:
                self._stop.set()  # Ctrl-C as well: the others end with the frame that they are at
                raise


class _Worker:
    """One session, bound once and filled anew, as a slot of the frame ring is."""

    def __init__(self, backend: Backend, pixels: NDArray[np.uint8]) -> None:
        self.backend = backend
        self._pixels = pixels
        self._score, self._reals = np.zeros(1), np.zeros(MAP_MAX + EMBED_MAX, np.float32)

    def bind(self) -> None:
        """Once, before the first frame."""
        outputs = Outputs(self._score, self._reals[:MAP_MAX], self._reals[MAP_MAX:])
        self.backend.bind(0, self._pixels, outputs)

    def judge(self, said: Judged, frames: Frames, places: range, stop: Event) -> None:
        """Frames at these places, into the same places of `said`."""
        for k in places:
            if stop.is_set():
                return
            np.copyto(self._pixels, frames[k])
            self.backend.run(0)
            # copied out: the backend writes the next frame's into the same arrays
            said.scores[k] = self._score[0]
            said.maps[k] = self._reals[: said.maps.shape[1]]
            said.embeddings[k] = self._reals[MAP_MAX:][: said.embeddings.shape[1]]


def _room(backend: Backend, count: int) -> Judged:
    shapes = backend.shapes
    return Judged(
        np.empty(count),
        np.empty((count, shapes.map_rows * shapes.map_columns)),
        np.empty((count, shapes.embedding), np.float32),
    )


def joined(parts: Sequence[Judged]) -> Judged:
    """What was said of several lists of frames, one after another."""
    return Judged(*(np.concatenate(kind) for kind in zip(*parts, strict=True)))
