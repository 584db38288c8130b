"""The engine of one view for whoever looks at pictures: what it scores, and where it looked.

It is opened as it is; none is ever made here.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import GonogoError, ModelError
from gonogo.base.scores import ScoreLimits
from gonogo.config.view_limits import engines_of, limits_of
from gonogo.engines.backends.backend import sight_of
from gonogo.engines.backends.catalogue import open_backend
from gonogo.engines.backends.choose import result_arrays
from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.serving.source import Sources
from gonogo.ipc.map_place import MapPlace
from gonogo.launch.told import view_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection
    from gonogo.engines.backends.backend import Backend
    from gonogo.engines.serving.source import Source


class Scored(NamedTuple):
    """A score in the engine's own unit; its map, float32 (rows, columns), and where that lies."""

    score: float
    map: NDArray[np.float32] | None = None
    place: MapPlace | None = None


class Scorer:
    """Scores frames of the geometry of a view, uint8, in `backend`; `limits` are the station's."""

    def __init__(
        self, backend: str, opened: Backend, view: ViewSection, limits: ScoreLimits
    ) -> None:
        geometry = view.camera.geometry
        self.backend, self.limits = backend, limits
        self._opened, self._outputs = opened, result_arrays()
        self._pixels = np.empty(geometry.shape, np.uint8)
        self._sight = sight_of(opened, geometry)
        opened.bind(0, self._pixels, self._outputs)

    def __call__(self, frame: NDArray[np.uint8]) -> Scored:
        """One frame; the map is a copy."""
        np.copyto(self._pixels, frame)
        self._opened.run(0)
        score = float(self._outputs.score[0])
        rows, columns = self._opened.shapes[:2]
        if not rows or self._sight is None:
            return Scored(score)
        found = self._outputs.anomaly_map[: rows * columns].reshape(rows, columns).copy()
        return Scored(score, found, MapPlace(0, *self._sight.map_edges, *self._sight.cells))


@contextmanager
def scorer(station: Station, view: ViewSection) -> Iterator[Scorer | str]:
    """The engine of a view; or a sentence that says why there is none."""
    if view.engine is None:
        yield "the view has no engine: the rules judge alone"
        return
    if view.engine.model is not None and not view.engine.model.is_file():
        yield f"no engine yet at {view.engine.model}: gonogo prepare makes it; rules alone here"
        return
    try:
        chosen = engines_of(station)
        limits = limits_of(view.engine, chosen)
        plan = view_plan(0, view, view.engine)
        policy = None if station.engines is None else policy_of(station.engines)
        paths = {name: each.path for name, each in chosen.items()}
        sources = Sources([plan], paths, policy)
    except GonogoError as error:
        yield f"the engine is not asked: {error}"
        return
    with sources:
        opened = _opened(sources.of(plan), sources.backends(plan), view)
        if isinstance(opened, str) or limits is None:
            yield f"the engine is not asked: {opened}"
            return
        name, backend = opened
        try:
            yield Scorer(
                name, backend, view, ScoreLimits(limits.recheck_above, limits.reject_above)
            )
        finally:
            backend.close()


def _opened(source: Source, names: list[str], view: ViewSection) -> tuple[str, Backend] | str:
    """The first backend that opens it here; else why the last one does not."""
    why = ModelError("no backend for it is installed")
    for name in names:
        opened = _tried(source, name, view)
        if not isinstance(opened, GonogoError):
            return name, opened
        why = ModelError(str(opened.args[0]))
    return str(why)


def _tried(source: Source, name: str, view: ViewSection) -> Backend | GonogoError:
    try:
        return open_backend(name, source.model.file_of(name), view.camera.geometry, 1)
    except GonogoError as error:
        return error
