"""A camera behind a pipeline of GStreamer: each frame is held against what was ordered.

For the process of a camera alone (gonogo.drivers.cameras.process). It runs free and is never
stopped between two parts; what was exposed before its part was asked for is passed over.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import numpy as np

from gonogo.base.errors import CameraError, FrameInvalid, FrameTimeout
from gonogo.base.log.logger import get_logger
from gonogo.base.words import NS_PER_MS
from gonogo.drivers.cameras.asked import refuse
from gonogo.drivers.cameras.camera import Exposure
from gonogo.drivers.cameras.copying import taken_ms
from gonogo.drivers.cameras.free_run import Light, Stamps, Wait
from gonogo.drivers.cameras.gstreamer.binding import binding
from gonogo.drivers.cameras.gstreamer.pipeline import Pipeline
from gonogo.drivers.cameras.gstreamer.section import START_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.drivers.cameras.gstreamer.binding import Binding
    from gonogo.drivers.cameras.gstreamer.pipeline import Frame
    from gonogo.drivers.cameras.gstreamer.section import GstreamerSection

log = get_logger(__name__)

_NS_PER_S, _NS_PER_US = 1_000_000_000, 1000


class GstreamerCamera:
    """Open once its first frame was what was ordered; each step that fails undoes those before."""

    def __init__(self, section: GstreamerSection, view: str, gst: Binding | None = None) -> None:
        self._name = f"view '{view}': gstreamer"
        self._shape = section.geometry.shape
        self._counter = 0
        self._closed = False
        with contextlib.ExitStack() as undo:
            self._pipeline = Pipeline(
                gst or binding(), self._name, section.pipeline, section.geometry
            )
            undo.callback(self._pipeline.close)
            until_ns = time.monotonic_ns() + round(START_S * _NS_PER_S)
            self._pipeline.play(until_ns)
            self._try(until_ns)
            self._light = _light(self._name, section, self._pipeline.rate_hz)
            self._stamps = Stamps(self._name)
            took_ms = taken_ms(_flat, section.geometry.nbytes, self._shape)
            log.info(
                "camera_frame_copied",
                text="%(view)s: each frame is copied into its slot, %(took_ms).1f ms",
                view=self._name,
                took_ms=took_ms,
            )
            self._undo = undo.pop_all()

    def _try(self, until_ns: int) -> None:
        """Its first frame: CameraError where it is another than was ordered, or none comes."""
        frame = self._pipeline.take(until_ns)
        if frame is None:
            raise CameraError(f"{self._name}: pipeline: no frame within {START_S:g} s")
        fault = frame.fault
        self._pipeline.give_back(frame)
        if fault:
            raise CameraError(f"{self._name}: its first frame: {fault}")

    def queue(self, pixels: NDArray[np.uint8]) -> None:
        """A pipeline writes into memory of its own."""

    def rest(self) -> None:
        """Elements may say something with each frame: nobody else takes it off the bus."""
        self._pipeline.refuse_failed()

    def grab(self, part_id: int, pixels: NDArray[np.uint8], deadline_ns: int) -> Exposure:
        """The first frame whose light began to fall after the call: never one from before."""
        self._refuse(pixels)
        asked_ns = time.monotonic_ns()
        if asked_ns >= deadline_ns:
            raise FrameTimeout(f"{self._name}: part {part_id}: no time left for a frame")
        wait, passed = Wait(self._light, asked_ns, deadline_ns), ""
        while True:
            frame = wait.next(self._pipeline.take)
            if frame is None:
                raise self._none(part_id, passed)
            began_ns = self._began_ns(wait, frame)
            if began_ns is not None and began_ns >= asked_ns:
                break
            self._pipeline.give_back(frame)
            passed = _passed(began_ns, asked_ns)
        self._bring(part_id, frame, pixels)
        frame_ns = time.monotonic_ns()
        if frame_ns >= deadline_ns:
            raise FrameTimeout(f"{self._name}: part {part_id}: its frame came too late")
        self._counter += 1
        return Exposure(self._counter, began_ns, frame_ns)

    def _began_ns(self, wait: Wait, frame: Frame) -> int | None:
        """When its light began to fall, at the earliest; None: nobody knows.

        What a frame went through since, and for how long, only its stamp says.
        """
        stamp_ns = self._stamps.believed(frame.stamp_ns, frame.seen_ns)
        return None if stamp_ns is None else wait.began_ns(stamp_ns)

    def _bring(self, part_id: int, frame: Frame, pixels: NDArray[np.uint8]) -> None:
        fault = frame.fault or self._pipeline.copy(frame, pixels)
        self._pipeline.give_back(frame)
        if fault:
            raise FrameInvalid(f"{self._name}: part {part_id}: its frame: {fault}")

    def _none(self, part_id: int, passed: str) -> CameraError:
        """What to say of a part without a frame, or with such alone that cannot be its own."""
        about = f"{self._name}: part {part_id}"
        if passed:
            return FrameInvalid(f"{about}: its frame: {passed}")
        return FrameTimeout(f"{about}: no frame; is the camera's rate high enough for the budget?")

    def _refuse(self, pixels: NDArray[np.uint8]) -> None:
        refuse(self._name, pixels, self._shape, closed=self._closed)

    def close(self) -> None:
        """Stop the pipeline, which may wait for its device; idempotent."""
        if not self._closed:
            self._closed = True
            self._undo.close()


def _passed(began_ns: int | None, asked_ns: int) -> str:
    if began_ns is None:
        return "no stamp that can be believed (do-timestamp=true at its source makes one)"
    before_ms = (asked_ns - began_ns) / NS_PER_MS
    return f"may have been exposed {before_ms:.1f} ms before its part was asked for"


def _flat(raw: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
    np.copyto(out.reshape(-1), raw)


def _light(name: str, section: GstreamerSection, rate_hz: float) -> Light:
    """How long its light may lie before a frame's stamp."""
    exposure_ns = round(section.exposure_us * _NS_PER_US)
    if section.readout_ms is not None:
        return Light(exposure_ns, round(section.readout_ms * NS_PER_MS))
    if not rate_hz:
        raise CameraError(
            f"{name}: pipeline: it does not say how many frames a second come: expected "
            "readout_ms, the longest from the end of an exposure until its frame's stamp"
        )
    return Light(exposure_ns, round(_NS_PER_S / rate_hz))
