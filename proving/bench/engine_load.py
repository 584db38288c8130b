"""The load of an engine alone, as its process does it at a start: no station, no memory of one.

A program of its own that begins as cold as a station does (gonogo.proving.bench.cold_start): it
imports the runtimes, chooses among them by measure where the station file leaves that open, opens
the engine and lets it score. Nothing is proven on golden frames here, and one frame is bound, not a
ring of them.
"""

from __future__ import annotations

import sys
import time
from typing import NamedTuple

import cv2

from gonogo.base.frame_shape import FrameShape
from gonogo.base.realtime import beside_the_line, cores_beside_the_line
from gonogo.engines.backends.candidates import Wanted
from gonogo.engines.backends.catalogue import open_backend
from gonogo.engines.backends.choose import noise, result_arrays
from gonogo.engines.backends.settle import settle_backend
from gonogo.engines.serving.hostplan import HostPlan
from gonogo.engines.serving.source import Sources

RUNS = 3  # the first ones take longer, and the engine process waits for these, too


class Loaded(NamedTuple):
    """When, in monotonic ns: this program began to import no more, had chosen, and had a score."""

    imported_ns: int
    chosen_ns: int
    warm_ns: int
    backend: str

    def in_words(self) -> str:
        """A line for whoever started it."""
        return " ".join(map(str, self))

    @classmethod
    def of(cls, line: str) -> Loaded:
        """From that line; ValueError where it is none."""
        imported, chosen, warm, backend = line.split(maxsplit=3)
        return cls(int(imported), int(chosen), int(warm), backend.strip())


def load(plan: HostPlan) -> Loaded:
    """The engine of the first view; GonogoError where it cannot be had."""
    imported_ns = time.monotonic_ns()
    view = plan.views[0]
    geometry = FrameShape(view.height_px, view.width_px, view.channels)
    wanted = Wanted(view.backend, view.threads, cores_beside_the_line(plan.realtime))
    with Sources(plan.views, {}, None) as sources:
        source = sources.of(view)
        with beside_the_line(plan.realtime):  # as it will run
            candidate = settle_backend(wanted, source.model, geometry).candidate
        chosen_ns = time.monotonic_ns()
        file = source.model.file_of(candidate.backend)
        backend = open_backend(candidate.backend, file, geometry, candidate.computes_on)
    cv2.setNumThreads(candidate.computes_on)
    pixels, outputs = noise(geometry), result_arrays()  # they live as long as the backend does
    backend.bind(0, pixels, outputs)
    for _ in range(RUNS):
        backend.run(0)
    warm_ns = time.monotonic_ns()
    backend.close()
    return Loaded(imported_ns, chosen_ns, warm_ns, str(candidate))


if __name__ == "__main__":
    cv2.setNumThreads(1)
    print(load(HostPlan.model_validate_json(sys.argv[1])).in_words())  # noqa: T201 - to whoever started it
