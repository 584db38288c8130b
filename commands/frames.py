"""Where `gonogo look` and `gonogo calibrate` get a frame: of a running station, or the camera.

A running station has the camera. Its frame ring is mapped so that it can only be read, and the
stamps of a slot prove the copy of a frame whole; the line does not notice.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from gonogo.base.errors import ControlError, FrameTimeout, StationFileError
from gonogo.drivers.cameras.catalogue import open_camera
from gonogo.ipc.frame_ring import (
    COUNTER,
    FRAME_NS,
    PART_ID,
    SERIAL,
    STATE,
    FrameRing,
    Slot,
    State,
    slot_bytes,
)
from gonogo.ipc.station_lock import holder

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection

GRAB_S = 5.0  # far beyond any exposure, of a camera that needs no part
POLL_S = 0.05
_PART_IDS = 65535


class Frame(NamedTuple):
    """A frame of the caller's own, uint8 (height, width[, 3]), and where it is from."""

    pixels: NDArray[np.uint8]
    said: str


class Source(Protocol):
    """Frames of one view, one after the other."""

    def take(self, wait_s: float) -> Frame:
        """The next frame; CameraError, FrameTimeout after `wait_s` without a part."""
        ...

    def close(self) -> None:
        """Let go of camera or memory; idempotent."""
        ...


class CameraSource:
    """The camera itself, opened as the station file says."""

    def __init__(self, view: ViewSection, say: Callable[[str], None]) -> None:
        self._camera = open_camera(view.camera, view.name)
        self._name, self._say = view.name, say
        self._needs_part = view.camera.needs_part
        # one for all frames: a device may go on writing into it after a frame was given up
        self._pixels = np.zeros(view.camera.geometry.shape, np.uint8)
        self._part_id = 0

    def take(self, wait_s: float) -> Frame:
        """A new picture, taken now, or when a part passes."""
        if self._needs_part:
            self._say(f"view '{self._name}': its camera needs a part: waits {wait_s:g} s for one")
        self._part_id = self._part_id % _PART_IDS + 1
        span_s = wait_s if self._needs_part else GRAB_S
        self._camera.grab(self._part_id, self._pixels, time.monotonic_ns() + round(span_s * 1e9))
        return Frame(self._pixels.copy(), "taken now")

    def close(self) -> None:
        """Close the camera."""
        self._camera.close()


class RingSource:
    """The frames that the line of a running station takes, none of them disturbed.

    `anew`: those alone that it takes from now on, and does not refuse.
    """

    def __init__(
        self, station: Station, index: int, say: Callable[[str], None], *, anew: bool = False
    ) -> None:
        name, view = station.station.name, station.view[index]
        self._name, self._say = view.name, say
        geometry = view.camera.geometry
        self._ring = FrameRing.attach(name, index, geometry, read_only=True)
        wanted, found = slot_bytes(geometry) * station.station.frame_slots, self._ring.segment.size
        if found != wanted:
            self._ring.close()
            raise ControlError(
                f"station '{name}' runs with another station file: its frames of view "
                f"'{view.name}' take {found} bytes, expected {wanted}; give the file that it was "
                "started with"
            )
        self._anew = anew
        self._seen_ns = time.monotonic_ns() if anew else -1

    def take(self, wait_s: float) -> Frame:
        """The last whole frame at first, and then each time a newer one."""
        end_s, told = time.monotonic() + wait_s, False
        while (found := self._newest()) is None:
            if not self._ring.segment.named:
                raise ControlError(
                    f"view '{self._name}': the station was stopped, or started anew; look again"
                )
            if not told:
                self._say(f"view '{self._name}': waits {wait_s:g} s for the next part")
                told = True
            if time.monotonic() >= end_s:
                raise FrameTimeout(
                    f"view '{self._name}': the station runs, and took no frame within {wait_s:g} "
                    "s; do parts pass?"
                )
            time.sleep(POLL_S)
        return found

    def _newest(self) -> Frame | None:
        """The newest whole frame that was not taken yet."""
        slots = [slot for slot in self._ring.slots if slot.words[FRAME_NS] > self._seen_ns]
        for slot in sorted(slots, key=lambda slot: slot.words[FRAME_NS], reverse=True):
            found = _copied(slot, refused=not self._anew)
            if found is not None:
                self._seen_ns, frame = found
                return frame
        return None

    def close(self) -> None:
        """Unmap the ring."""
        self._ring.close()


def _copied(slot: Slot, *, refused: bool = True) -> tuple[int, Frame] | None:
    """When it was taken, and its copy; None where it holds no frame, or another one by now.

    `refused`: whether one that the line does not trust is a frame, too.
    """
    words, generation = slot.words, slot.generation
    state, frame_ns = words[STATE], words[FRAME_NS]
    # a look of the line without a part, when it tries its camera, has no serial
    what = f"part {words[PART_ID]}" if words[SERIAL] else "no part"
    # where none came there is no count
    in_doubt = refused and state == State.FAULT and words[COUNTER] != 0
    is_there = state == State.READY or in_doubt
    if generation < 0 or not is_there:
        return None
    pixels = slot.pixels.copy()
    if not slot.still(generation):  # written over meanwhile
        return None
    age_s = (time.monotonic_ns() - frame_ns) / 1e9
    said = f"{what} of the running station, {age_s:.1f} s ago"
    doubt = ", refused by the line" if state == State.FAULT else ""
    return frame_ns, Frame(pixels, said + doubt)


def open_source(
    station: Station, name: str, say: Callable[[str], None], *, anew: bool = False
) -> Source:
    """Frames of the named view; `say` is told what is waited for. StationFileError, CameraError.

    `anew`: none that was there before, nor one that the line of a running station refuses.
    """
    index = view_index(station, name)
    if holder(station.station.name) is not None:
        return RingSource(station, index, say, anew=anew)
    return CameraSource(station.view[index], say)


def view_index(station: Station, name: str) -> int:
    """Place of the named view; StationFileError names the views there are."""
    names = [view.name for view in station.view]
    if name not in names:
        raise StationFileError(f"view: expected one of {', '.join(names)}, got {name!r}")
    return names.index(name)
