"""Backends whose speeds and faults are scripted, with a clock that moves as they run.

Import as `gonogo.tests.engines.backends.scripted`. Nothing is computed, and nothing is waited for.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.catalogue import Catalogue, Entry
from gonogo.base.frame_shape import FrameShape
from gonogo.engines.backends.backend import Outputs, Shapes
from gonogo.engines.backends.choose import ModelFiles
from gonogo.engines.backends.contest import Tools
from gonogo.engines.backends.settle import Settling
from gonogo.ipc.engine_choices import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray

FRAME = FrameShape(4, 4, 1)
MS = 1_000_000
_HERE, _SECTION = "gonogo.tests.engines.backends.scripted", "gonogo.engines.section:EngineSection"


class Cpu:
    """What the catalogue holds of a backend that computes on threads."""


class Accelerator:
    """Of one that does not."""

    uses_threads = False


BACKENDS = Catalogue(
    "engine backend",
    "gonogo.tests.no_such_group",
    {
        # whose names shared memory knows
        **dict.fromkeys(("onnxruntime", "openvino"), Entry(_SECTION, f"{_HERE}:Cpu")),
        "one": Entry(_SECTION, f"{_HERE}:Cpu"),
        "two": Entry(_SECTION, f"{_HERE}:Cpu"),
        "chip": Entry(_SECTION, f"{_HERE}:Accelerator"),
        "absent": Entry(_SECTION, "gonogo.no_such_runtime:It", "absent"),
    },
)


class Fault(NamedTuple):
    """What a backend raises, and where: "open", "bind", "close", or the number of its run."""

    at: str | int
    error: Exception


class Box:
    """A box with a clock: `speeds_ms` by candidate, `faults` by backend; what was done on it."""

    def __init__(self, speeds_ms: Mapping[Candidate, float], **faults: Fault | None) -> None:
        self.speeds_ms, self.faults = speeds_ms, faults
        self.now_ns = 0
        self.next_run_also_ms = 0.0
        self.runs: list[Candidate] = []
        self.opened: list[Candidate] = []
        self.loaded = self.most_loaded = 0
        self.spread: list[int] = []
        self.calling: str = ""
        self.called: set[str] = set()
        self.deadlines_ns: list[int] = []

    # -- notes ---------------------------------------------------------------------------

    left_out: tuple[str, ...] = ()
    chosen: Candidate | None = None

    @contextmanager
    def watch(self, backend: str) -> Iterator[None]:
        """One call at a time is in progress."""
        assert not self.calling, "a call within a call"
        self.calling = backend
        self.called.add(backend)
        try:
            yield
        finally:
            self.calling = ""

    def told(self, backend: str) -> bool:
        """Whether it has been said that this one is called."""
        return self.calling == backend

    def choose(self, candidate: Candidate) -> None:
        """Remembered."""
        self.chosen = candidate

    # -- what a choice is made with ---------------------------------------------------------

    @property
    def tools(self) -> Tools:
        """Of this box."""
        return Tools(self.open, self.spread.append, lambda: self.now_ns)

    @property
    def settling(self) -> Settling:
        """With all of it."""
        return Settling(Notes(self), self.tools, BACKENDS)

    def open(self, name: str, _file: Path, _frame: FrameShape, threads: int) -> Scripted:
        """As open_backend."""
        candidate = Candidate(name, 0 if name == "chip" else threads)
        self.opened.append(candidate)
        return Scripted(self, candidate)


class Notes:
    """The notes of a box."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self.choose = box.choose
        self.calling = box.watch

    @property
    def left_out(self) -> tuple[str, ...]:
        """Those of the box."""
        return self._box.left_out

    @property
    def chosen(self) -> Candidate | None:
        """That of the box."""
        return self._box.chosen


class Scripted:
    """One that is loaded."""

    shapes = Shapes(0, 0, 0)

    def __init__(self, box: Box, candidate: Candidate) -> None:
        self._box, self._candidate = box, candidate
        self._runs = 0
        self._fail("open")
        box.loaded += 1
        box.most_loaded = max(box.most_loaded, box.loaded)

    def _fail(self, at: str | int) -> None:
        assert self._box.told(self._candidate.backend), "called, and nobody was told"
        fault = self._box.faults.get(self._candidate.backend)
        if fault is not None and fault.at == at:
            raise fault.error

    def bind(self, slot: int, _pixels: NDArray[np.uint8], _outputs: Outputs) -> None:
        """Nothing is written."""
        assert slot == 0
        self._fail("bind")

    def run(self, slot: int) -> None:
        """Never called where there is a deadline."""
        raise AssertionError(slot)

    def run_until(self, slot: int, deadline_ns: int) -> None:
        """The clock moves on by what is scripted."""
        assert slot == 0
        self._box.deadlines_ns.append(deadline_ns)
        self._runs += 1
        self._fail(self._runs)
        self._box.runs.append(self._candidate)
        took_ms = self._box.speeds_ms[self._candidate] + self._box.next_run_also_ms
        self._box.now_ns += round(took_ms * MS)
        self._box.next_run_also_ms = 0.0

    def close(self) -> None:
        """Unloaded."""
        self._box.loaded -= 1
        self._fail("close")


def engine(*proven: str) -> ModelFiles:
    """Proven in these."""
    return ModelFiles(Path("bolt.gng"), proven, dict.fromkeys(proven, Path("bolt.onnx")))
