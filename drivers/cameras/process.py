"""The camera process: opens the device of one view, and brings it frames until it is stopped.

Started as a row of the process table, with a `CameraPlan`. It outlives the line: one that is
started again finds its camera open. A device that fails ends the process, for nothing of a
vendor's library that has seen a device vanish can be trusted; the next one opens it anew, and
tries for ever. Meanwhile every part of its view is rejected, with the reason that is told here.
"""

from __future__ import annotations

import os
import select
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from gonogo.base.doorbell import open_bell, quiet, ring
from gonogo.base.errors import CameraError, FrameInvalid, FrameTimeout, GonogoError
from gonogo.base.log.logger import get_logger
from gonogo.base.realtime import RealtimeSection, settle, settle_threads
from gonogo.base.section import Section
from gonogo.drivers.camera_section import CameraSection
from gonogo.drivers.cameras.camera import (
    BindingCamera,
    BoundedCamera,
    DeviceCamera,
    RestingCamera,
)
from gonogo.drivers.cameras.catalogue import CAMERAS, open_camera
from gonogo.drivers.cameras.finder import NOBODY, Finder
from gonogo.drivers.triggers.by_camera.section import CameraTriggerSection
from gonogo.ipc import worker
from gonogo.ipc.camera_port import CameraDesk, CameraState, FrameReply, Light, Outcome, bells_of
from gonogo.ipc.frame_ring import FrameRing

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.drivers.cameras.camera import Camera, Exposure
    from gonogo.ipc.camera_port import FrameRequest

log = get_logger(__name__)

IDLE_S = 0.05
HAND_OVER_S = 0.01  # the line asks for the frame of a part that was found, if it is at no other
AGAIN_S = (0.2, 0.5, 1.0, 2.0)  # between two tries to open a device; the last one for ever


class CameraPlan(Section):
    """What the process of one view is told."""

    station: str
    view: int
    name: str
    camera: Annotated[CameraSection, CAMERAS]
    budget_ms: Annotated[float, Field(ge=0)]
    """How long after its trigger a part may still be judged by a frame in its slot."""
    finds: CameraTriggerSection | None = None
    """Where it finds the parts itself, and how."""
    realtime: RealtimeSection = RealtimeSection()


class Server:
    """Answers what the line asks of one camera; beats after each turn."""

    def __init__(
        self,
        plan: CameraPlan,
        process: worker.Worker,
        opens: Callable[[CameraSection, str], Camera] = open_camera,
    ) -> None:
        self._plan = plan
        self._process = process
        self._opens = opens
        self.ring = FrameRing.attach(plan.station, plan.view, plan.camera.geometry)
        self._desk = CameraDesk.attach(plan.station, plan.view)
        ask, done = bells_of(plan.view)
        self._ask_fd, self._done_fd = open_bell(plan.station, ask), open_bell(plan.station, done)
        self._desk.start()
        # by then whatever came before us is judged; the line asks for nothing before we are open
        self._judged_s = time.monotonic() + plan.budget_ms / 1000
        # the number of the last slot that was named ahead and is done with: what was named for the
        # process before us was for a part that has been there, and may be judged this very moment
        self._prepared = self._desk.prepared.number
        self._finder = (
            None if plan.finds is None else Finder(plan.finds, plan.station, plan.camera.geometry)
        )

    def open(self) -> Camera | None:
        """The device, however long it takes; None when we were asked to stop instead."""
        tries, told = 0, ""
        while not self._process.stop.asked:
            self._process.beat()
            try:
                return self._bound(self._opens(self._plan.camera, self._plan.name))
            except GonogoError as error:
                self._desk.say(CameraState.OPENING, _plain(error))
                if str(error) != told:  # once a reason: it may stay away for a week
                    told = str(error)
                    log.error("camera_not_opened", text="%(error)s; tried again", error=told)  # noqa: TRY400 - for a technician
            self._rest(AGAIN_S[min(tries, len(AGAIN_S) - 1)])
            tries += 1
        return None

    def _bound(self, camera: Camera) -> Camera:
        """It has the slots of the ring, where it wants to know them.

        It may write into each of them at once: not while a part is judged by a frame that came
        just before the process before us died.
        """
        # one that finds the parts writes into memory of its own
        if isinstance(camera, BindingCamera) and self._finder is None:
            self._rest(self._judged_s - time.monotonic())
            if self._process.stop.asked:
                return camera
            try:
                camera.bind([slot.pixels for slot in self.ring.slots])
            except GonogoError:
                camera.close()
                raise
        return camera

    def _rest(self, pause_s: float) -> None:
        """Beat meanwhile: a device that is away is no hung process."""
        end_s = time.monotonic() + pause_s
        while not self._process.stop.asked and time.monotonic() < end_s:
            self._process.beat()
            select.select([self._process.stop.fd], [], [], min(IDLE_S, pause_s))

    def serve(self, camera: Camera) -> None:
        """Until asked to stop; CameraError when the device has failed."""
        self._desk.offer(lights_of(self._plan.camera, camera))
        self._desk.say(CameraState.READY)
        log.info(
            "camera_open",
            text="view '%(view)s': %(driver)s is open",
            view=self._plan.name,
            driver=self._plan.camera.driver,
        )
        stop, rest_s = self._process.stop, IDLE_S
        while not stop.asked:
            self._process.beat()
            if self._ask_fd in select.select([self._ask_fd, stop.fd], [], [], rest_s)[0]:
                quiet(self._ask_fd)
            self._prepare(camera)
            request = self._desk.request
            if request is not None:
                self._answer(camera, request)
            elif isinstance(camera, RestingCamera):
                camera.rest()
            if self._finder is not None:
                # who was found is asked for at once, unless the line is at another part
                rest_s = HAND_OVER_S if self._finder.look(camera) else 0.0
            self._show_held(camera)

    def _prepare(self, camera: Camera) -> None:
        """Give the device the slot of the next frame, once."""
        number, slot = self._desk.prepared
        if number == self._prepared or self._finder is not None:
            return
        self._prepared = number
        self._desk.hold(slot)  # before the device has it
        camera.queue(self.ring.slots[slot].pixels)

    def _answer(self, camera: Camera, request: FrameRequest) -> None:
        self._desk.hold(request.slot, *self._kept(camera))
        reply, message, failed = self._grab(camera, request)
        self._show_held(camera)
        # what was named ahead until now was for this part: given to the device later, it would
        # write over the frame that is just being judged
        self._prepared = self._desk.prepared.number
        self._desk.answer(request.number, reply, message)
        ring(self._done_fd)
        if failed is not None:
            raise failed

    def _grab(
        self, camera: Camera, request: FrameRequest
    ) -> tuple[FrameReply, str, CameraError | None]:
        """One frame; a third value where the device itself has failed."""
        pixels = self.ring.slots[request.slot].pixels
        try:
            if self._finder is not None and request.part_id != NOBODY:
                exposure = self._finder.give(request, pixels)
            else:
                exposure = camera.grab(request.part_id, pixels, request.deadline_ns)
        except (FrameTimeout, FrameInvalid) as error:
            late = isinstance(error, FrameTimeout)
            return FrameReply(Outcome.TIMEOUT if late else Outcome.INVALID), _plain(error), None
        except CameraError as error:
            return FrameReply(Outcome.FAILED), _plain(error), error
        return _framed(exposure), "", None

    def _show_held(self, camera: Camera) -> None:
        """Slots that the device still has: nobody claims them before it gives them back."""
        self._desk.hold(*self._kept(camera))

    def _kept(self, camera: Camera) -> list[int]:
        if not isinstance(camera, DeviceCamera):
            return []
        return [slot.index for slot in self.ring.slots if camera.holds(slot.pixels)]

    def close(self, state: CameraState, why: str = "") -> None:
        """Say how we leave the device, and that no slot is held."""
        self._desk.hold()
        self._desk.say(state, why)


def lights_of(section: CameraSection, camera: Camera) -> dict[str, Light]:
    """Exposure and gain as the driver has set them, and between what they may be."""
    return {key: _light(float(getattr(section, key)), camera, key) for key in section.light_keys}


def _light(value: float, camera: Camera, key: str) -> Light:
    if isinstance(camera, BoundedCamera):
        with suppress(CameraError):  # some do not say, and bring frames all the same
            return Light(value, *(camera.bounds(key) or ()))
    return Light(value)


def _framed(exposure: Exposure) -> FrameReply:
    return FrameReply(Outcome.FRAME, exposure.counter, exposure.exposure_ns, exposure.frame_ns)


def _plain(error: GonogoError) -> str:
    """Without its number, which the line puts before it again."""
    return str(error.args[0]) if error.args else type(error).__name__


def main(argument: str, row: int) -> int:
    """Open, serve; EXIT_AGAIN when the device has failed."""
    plan = CameraPlan.model_validate_json(argument)
    process = worker.begin(f"camera {plan.name}", plan.station, row)
    server = Server(plan, process)
    camera = server.open()
    if camera is None:
        return 0
    for refusal in settle(plan.realtime, below=1):
        log.info("realtime_refused", text="running without: %(what)s", what=refusal)
    # those of the vendor's library, which receive
    for unlike in settle_threads(plan.realtime, below=1):
        log.warning(
            "camera_frames_late",
            text="view '%(view)s': frames may come late while this box is busy: %(why)s",
            view=plan.name,
            why=unlike,
        )
    try:
        server.serve(camera)
    except CameraError as error:
        log.error("camera_failed", text="%(error)s; opened anew", error=error)  # noqa: TRY400 - for a technician
        server.close(CameraState.OPENING, _plain(error))
        # not closed: that may block for seconds, and all of it ends with us; nor let go of one by
        # one, for a thread of the library may still write into the ring
        os._exit(worker.EXIT_AGAIN)
    camera.close()
    server.close(CameraState.DOWN)
    return 0


if __name__ == "__main__":
    told = worker.told(sys.argv)
    sys.exit(main(told.argument, told.row))
