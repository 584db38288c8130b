"""Backends that break what every backend promises, one promise each: ONNX Runtime, made worse."""

# ruff: noqa: ARG002
# (a method that does less than it should leaves arguments unused)

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gonogo.base.errors import BackendError
from gonogo.engines.backends.fit import SQUEEZE
from gonogo.engines.backends.onnxruntime import OrtBackend
from gonogo.engines.backends.preprocess import Preprocesses
from gonogo.testing.backends import BackendContract

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.engines.backends.backend import Outputs

jitter = itertools.count()


class Remembering(OrtBackend):
    """Knows where the slots are, and what became of them."""

    def __init__(self, model: Path, geometry: FrameShape, threads: int) -> None:
        super().__init__(model, geometry, threads)
        self.bound: dict[int, tuple[NDArray[np.uint8], Outputs]] = {}

    def bind(self, slot: int, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """As it should be."""
        super().bind(slot, pixels, outputs)
        self.bound[slot] = pixels, outputs

    def run(self, slot: int) -> None:
        """As it should be, and then not."""
        super().run(slot)
        self.spoil(*self.bound[slot])

    def spoil(self, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """Nothing."""


class Offset(Remembering):
    """Its score is off by one."""

    def spoil(self, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """By one."""
        outputs.score[0] += 1


class Copying(Remembering):
    """Takes a picture when it is bound."""

    def bind(self, slot: int, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """And judges that for ever."""
        super().bind(slot, pixels.copy(), outputs)


class Crowded(Remembering):
    """Has one slot."""

    def bind(self, slot: int, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """Whatever it is called."""
        super().bind(0, pixels, outputs)

    def run(self, slot: int) -> None:
        """The one."""
        super().run(0)


class Faithful(Remembering):
    """Stays with its first binding."""

    def bind(self, slot: int, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """Once."""
        if slot not in self.bound:
            super().bind(slot, pixels, outputs)


class Scribbling(Remembering):
    """Works in the frame itself."""

    def spoil(self, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """And leaves it changed."""
        pixels[0] ^= 1


class Spilling(Remembering):
    """Writes behind its map."""

    def spoil(self, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """To the end of the area."""
        outputs.anomaly_map[-1] = 0


class FirstClass(Remembering):
    """Takes the first class for the worst."""

    def spoil(self, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """Blue is the last of the planes."""
        outputs.score[0] = pixels[..., 2].max()


class Averaging(Remembering):
    """Pools a large map by its mean."""

    def spoil(self, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """A quarter of a single hot cell."""
        outputs.anomaly_map[:] /= 4


class Hiding(Remembering):
    """What is no number is 0."""

    def spoil(self, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """The best score there is."""
        np.nan_to_num(outputs.score, copy=False)


class Jittery(Remembering):
    """Never says the same twice."""

    def spoil(self, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """By a little."""
        outputs.score[0] += 1e-9 * next(jitter)


class Coloured(Remembering):
    """Takes colour frames alone."""

    def bind(self, slot: int, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """Or an error."""
        if pixels.shape[2:] != (3,):
            raise BackendError("expected a colour frame")
        super().bind(slot, pixels, outputs)


class Squeezing(OrtBackend):
    """Brings every frame to its size in one way, whatever the model says."""

    def __init__(self, model: Path, geometry: FrameShape, threads: int) -> None:
        super().__init__(model, geometry, threads)
        self._preprocess = Preprocesses(self._contract._replace(fit=SQUEEZE))


class Lazy:
    """Loads nothing before it must."""

    def __init__(self, *_: object) -> None:
        pass

    def close(self) -> None:
        """There is nothing to unload."""


class Hoarding(Remembering):
    """Keeps what it has judged."""

    def __init__(self, model: Path, geometry: FrameShape, threads: int) -> None:
        super().__init__(model, geometry, threads)
        self.history: list[bytes] = []

    def spoil(self, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """And more of it each time."""
        self.history.append(pixels.tobytes())


class Once(Remembering):
    """Cannot be closed twice."""

    is_open = True

    def close(self) -> None:
        """Once."""
        if not self.is_open:
            raise RuntimeError("closed already")
        self.is_open = False


class RightBackend(BackendContract):
    """Passes."""

    name = "onnxruntime"
    opens: ClassVar[Callable[..., Any]] = Remembering

    def open(self, model: Path, frame: FrameShape) -> Any:  # noqa: ANN401 - any of these
        """Without the catalogue: they do not stand in it."""
        return type(self).opens(model, frame, 1)


class WrongName(RightBackend):
    """It is not in the catalogue."""

    name = "abacus"
    fails = frozenset({"test_backend_is_found_by_its_name"})


class WrongOffset(RightBackend):
    """Limits do not hold."""

    opens: ClassVar = Offset
    fails = frozenset({"test_backend_writes_score_map_and_embedding"})


class WrongCopying(RightBackend):
    """Every part is judged by the first frame."""

    opens: ClassVar = Copying
    fails = frozenset({"test_backend_reads_the_slot_anew_each_time"})


class WrongCrowded(RightBackend):
    """A part is judged by the frame of another."""

    opens: ClassVar = Crowded
    fails = frozenset({"test_backend_keeps_slots_apart"})


class WrongFaithful(RightBackend):
    """It writes into memory that it no longer has."""

    opens: ClassVar = Faithful
    fails = frozenset({"test_backend_takes_a_slot_bound_again"})


class WrongScribbling(RightBackend):
    """The rules see what it left."""

    opens: ClassVar = Scribbling
    fails = frozenset({"test_backend_leaves_the_frame_and_the_rest_of_the_area_alone"})


class WrongSpilling(RightBackend):
    """What stands beside the map is damaged."""

    opens: ClassVar = Spilling
    fails = frozenset({"test_backend_leaves_the_frame_and_the_rest_of_the_area_alone"})


class WrongFirstClass(RightBackend):
    """A flaw of another class passes."""

    opens: ClassVar = FirstClass
    fails = frozenset({"test_backend_takes_the_worst_class"})


class WrongAveraging(RightBackend):
    """A small flaw in a large map is lost."""

    opens: ClassVar = Averaging
    fails = frozenset({"test_backend_pools_a_large_map_by_its_worst"})


class WrongHiding(RightBackend):
    """A broken engine accepts everything."""

    opens: ClassVar = Hiding
    fails = frozenset({"test_backend_does_not_hide_a_score_that_is_no_number"})


class WrongJittery(RightBackend):
    """A part at the limit is good today and bad tomorrow."""

    opens: ClassVar = Jittery
    fails = frozenset({"test_backend_gives_the_same_score_every_time"})


class WrongColoured(RightBackend):
    """A station with a grey camera has no engine."""

    opens: ClassVar = Coloured
    fails = frozenset({"test_backend_takes_float_models_and_grey_frames"})


class WrongSqueezing(RightBackend):
    """A model that was trained on letterboxes sees parts that are drawn out."""

    opens: ClassVar = Squeezing
    fails = frozenset({"test_backend_brings_frames_to_its_size_as_the_model_says"})


class WrongLazy(RightBackend):
    """A bad model is found at the first part."""

    opens: ClassVar = Lazy
    fails = frozenset({"test_backend_refuses_a_bad_model"})


class WrongHoarding(RightBackend):
    """The engine grows with every part."""

    opens: ClassVar = Hoarding
    fails = frozenset({"test_backend_keeps_no_frames"})


class WrongOnce(RightBackend):
    """An engine that is unloaded to be sure ends with an error."""

    opens: ClassVar = Once
    fails = frozenset({"test_backend_closes_twice"})
