"""All views of a part: claim a ring slot each, let the camera write it, trust it or not."""

from __future__ import annotations

import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, Protocol

from gonogo.base.errors import CameraError, FrameInvalid
from gonogo.base.ticks import sleep_until
from gonogo.base.words import Part, Reason, ViewCapture
from gonogo.ipc.frame_ring import HEAD, FrameRing, Slot, State
from gonogo.runtime.frame_trust import LEAD_NS, FrameTrust

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gonogo.drivers.cameras.camera import Camera
    from gonogo.rules.image_trust.learnt_file import Trusted
    from gonogo.rules.image_trust.limits import Finding

_STUCK = CameraError("the device still holds every slot of the frame ring")
KEPT_MESSAGES = 8  # between two parts; a camera that fails at every view says no more than that


class Holder(Protocol):
    """Who may still be reading a slot (the engine client)."""

    def holds(self, view: int, slot: int) -> bool:
        """Whether that slot must not be overwritten yet."""
        ...


class Device(Protocol):
    """A camera in another process, which may be at a slot still (gonogo.drivers.cameras.remote)."""

    @property
    def ready(self) -> bool:
        """Whether it could be asked for a frame."""
        ...

    def holds(self, slot: int) -> bool:
        """Whether the device may still write there."""
        ...


class View(NamedTuple):
    """One camera and its ring; `live`: no two of its frames can be alike to the bit.

    `device`: where the camera lives in another process, and may be at a slot after its `grab`.
    `needs_part`: it brings no frame without one. `delay_ns`: how long after the trigger the part
    is before this camera; `lead_ns`: how long before that its light may have fallen. `learnt`: what
    its good pictures are like, where it has learnt it.
    """

    name: str
    camera: Camera
    ring: FrameRing
    live: bool = False
    device: Device | None = None
    needs_part: bool = False
    lead_ns: int = LEAD_NS
    delay_ns: int = 0
    learnt: Trusted | None = None


class Acquisition:
    """Takes the frames of a part; a view without a trusted frame says why instead."""

    def __init__(self, views: Sequence[View], holder: Holder) -> None:
        self._views = tuple(views)
        self._holder = holder
        # one entry a view in all of these; written by the line's thread alone
        self._at = [0] * len(views)
        self._queued: list[Slot | None] = [None] * len(views)
        self._trust = [
            FrameTrust(v.ring, v.lead_ns, v.delay_ns, live=v.live, learnt=v.learnt) for v in views
        ]
        self._messages: deque[tuple[str, int, CameraError | Finding]] = deque(maxlen=KEPT_MESSAGES)
        self.faults = 0

    @property
    def count(self) -> int:
        """How many views there are."""
        return len(self._views)

    def capture(
        self, part: Part, seen: Callable[[ViewCapture], None] | None = None
    ) -> list[ViewCapture]:
        """One ViewCapture a view, with its frame where that can be trusted.

        `seen` is told of each view as soon as its frame is whole, so that an engine works
        on it while its pixels are looked at here and the next view is photographed.
        """
        return [self._look(index, part, seen) for index in range(len(self._views))]

    def probe(self, part: Part) -> bool:
        """Whether every view sees something again; for the time between two parts."""
        seen = [self._sees(index, part) for index in range(len(self._views))]
        return all(seen)  # each is tried, and none is left a picture behind

    def _sees(self, index: int, part: Part) -> bool:
        device = self._views[index].device
        if self._views[index].needs_part:  # it proves itself with the next one
            return device is None or device.ready
        return self._look(index, part).fault is Reason.OK

    def _look(
        self, index: int, part: Part, seen: Callable[[ViewCapture], None] | None = None
    ) -> ViewCapture:
        view = self._views[index]
        if view.needs_part and not part.serial:
            return ViewCapture(index, 0, time.monotonic_ns(), Reason.CAMERA)
        if view.delay_ns and part.serial:  # the engine has the views before it meanwhile
            sleep_until(part.trigger_ns + view.delay_ns)
        # the camera may have been writing into that one since before the trigger
        slot = self._queued[index] or self._claim(index)
        self._queued[index] = None
        if slot is None:
            self._messages.append((view.name, part.part_id, _STUCK))
            self.faults += 1
            return ViewCapture(index, 0, time.monotonic_ns(), Reason.CAMERA)
        fault, came = self._grab(index, slot, part)
        pixels = None if fault else slot.pixels
        # 0 where none came: what lies in the slot then is another part's
        stamp = slot.words[HEAD] if came else 0
        taken = ViewCapture(index, slot.index, time.monotonic_ns(), fault, pixels, stamp)
        if seen is not None:
            seen(taken)  # before we look at it: the engine's time is the longest of all
        # whatever is wrong with its time: what it shows is remembered, so that its copy is no news
        found = self._trust[index].of_pixels(part, slot) if came else None
        if found is not None and not fault:
            slot.condemn()  # whatever the engine makes of it is no score of this part any more
            if part.serial:  # not of a trial, once a second, while there is no light at all
                self._messages.append((view.name, part.part_id, found))
            taken = taken._replace(fault=Reason.FRAME, pixels=None)
        self.faults += taken.fault is not Reason.OK
        return taken

    def queue(self) -> None:
        """Between two parts: hand each camera the slot of its next frame."""
        for index, view in enumerate(self._views):
            if self._queued[index] is None:
                slot = self._claim(index)
                if slot is None:
                    continue
                slot.begin(0, 0, 0)  # whatever it held is gone from here on
                with suppress(CameraError):  # the next grab says so, of its part
                    view.camera.queue(slot.pixels)
                self._queued[index] = slot

    def _claim(self, index: int) -> Slot | None:
        """The next slot that nobody is at; None where a device that is stuck has all of them."""
        view = self._views[index]
        slots, device, read = view.ring.slots, view.device, None
        for _ in slots:
            self._at[index] = at = (self._at[index] + 1) % len(slots)
            if device is not None and device.holds(at):  # it would write over another part's frame
                continue
            if not self._holder.holds(index, at):
                return slots[at]
            read = read or slots[at]
        # an engine that reads what is overwritten judges no frame any more (its generation is
        # another one): better its score is lost than the part
        return read

    def _grab(self, index: int, slot: Slot, part: Part) -> tuple[Reason, bool]:
        """What is wrong, and whether a frame came."""
        view = self._views[index]
        slot.begin(part.part_id, part.serial, part.trigger_ns)  # whoever still reads it is told
        try:
            exposure = view.camera.grab(part.part_id, slot.pixels, part.camera_deadline_ns)
        except CameraError as error:
            return self._fault(slot, part, view.name, error), False
        fault = self._trust[index].of_time(part, exposure)
        state = State.FAULT if fault else State.READY
        slot.commit(state, exposure.frame_ns, exposure.counter, exposure.exposure_ns)
        return fault, True

    def _fault(self, slot: Slot, part: Part, view: str, error: CameraError) -> Reason:
        slot.commit(State.FAULT, time.monotonic_ns())
        self._messages.append((view, part.part_id, error))  # put into words later, not in the cycle
        return Reason.FRAME if isinstance(error, FrameInvalid) else Reason.CAMERA

    def messages(self) -> Iterator[str]:
        """What was wrong with frames since the last call; in words here, outside the cycle."""
        while self._messages:
            view, part_id, why = self._messages.popleft()
            yield f"view '{view}', part {part_id}: {why}"
        for each, trust in zip(self._views, self._trust, strict=True):
            if warning := trust.warning():
                yield f"view '{each.name}': {warning}"

    def close(self) -> None:
        """Release every camera."""
        for view in self._views:
            view.camera.close()
