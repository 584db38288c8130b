"""Whose a frame of a triggered camera is, by when its light fell.

The camera's clock is known through its frames, as late as the least late of them was. So a frame is
a part's where its light did not fall before that part's trigger can have been; and where the part
before got none, only if a frame of that one could not be dated so late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import CameraError, FrameInvalid
from gonogo.base.words import NS_PER_MS
from gonogo.drivers.camera_section import LEAD_MS
from gonogo.drivers.cameras.clock import CameraClock

if TYPE_CHECKING:
    from gonogo.drivers.cameras.machine_section import MachineSection


LATE_NS = 500 * NS_PER_MS  # of a network that is busy, beyond what a frame takes


class _Missed(NamedTuple):
    """A part without a frame, and when that was asked for, or triggered by us."""

    part_id: int
    began_ns: int


class Whose:
    """`began_ns` is when a part's frame was asked for, or triggered by us; all in our time."""

    def __init__(self, section: MachineSection, name: str, *, ticks: bool) -> None:
        self._name, self._clock = name, CameraClock(ticks=ticks)
        self._free = section.trigger == "free-run"
        # of one that runs free the stamp may be that of the frame's end
        self._back_ns = round(section.late_ms * NS_PER_MS) if self._free else 0
        # how long before it is asked for a part's trigger may have been
        ahead_ms = section.trigger_lead_ms if section.trigger == "hardware" else 0.0
        self._ahead_ns = round(ahead_ms * NS_PER_MS)
        slack_ns = 0 if self._free else round(LEAD_MS * NS_PER_MS)
        self._lead_ns = self._ahead_ns + slack_ns
        self.latest_ns = round(section.late_ms * NS_PER_MS) + LATE_NS
        """No frame comes later than that after its trigger."""
        self._ours = section.trigger == "software"
        self._missed: _Missed | None = None  # the last of those whose frames may come yet
        self._pending = 0  # so many of them
        self._doubt = False  # of a camera that we trigger: who came last may have been another's

    def date(self, camera_ns: int, seen_ns: int) -> int:
        """When its light fell; ValueError where the camera's clock has gone back."""
        return self._clock.date(camera_ns, seen_ns) - self._back_ns

    def earliest_ns(self, began_ns: int) -> int:
        """No frame of that part can have been exposed before."""
        return began_ns - self._lead_ns

    def missed(self, part_id: int, began_ns: int) -> None:
        """Its frame has not come, and may come yet; of one that runs free none is a part's."""
        if not self._free:
            self._missed, self._pending = _Missed(part_id, began_ns), self._pending + 1

    def has_come(self) -> None:
        """A frame lay there before the next part was asked for: the oldest of those."""
        self._pending = max(0, self._pending - 1)
        if not self._pending:
            self._missed = None

    def came_broken(self, part_id: int, began_ns: int) -> None:
        """Whose it was nobody knows: where others may come yet, so may this part's."""
        if self._missed is not None:
            self._missed = _Missed(part_id, began_ns)

    def wait_out(self, part_id: int, asked_ns: int) -> None:
        """FrameInvalid while frames of parts in doubt may come: the next trigger waits for them."""
        missed = self._missed
        if self._doubt and missed is not None and asked_ns - missed.began_ns <= self.latest_ns:
            raise FrameInvalid(
                f"{self._name}: part {part_id}: not triggered: the frame of part {missed.part_id} "
                "may come yet"
            )
        self._doubt = False

    def claim(self, part_id: int, seen_ns: int, began_ns: int) -> None:
        """The frame that was dated last is this part's.

        Where that is not certain: FrameInvalid, if the camera is triggered by us, and is not until
        what is under way has come; CameraError of any other, which has to be opened anew.
        """
        missed = self._missed
        if missed is not None and self._doubtful(missed, seen_ns, began_ns):
            self._doubt, self._missed = self._ours, _Missed(part_id, began_ns)
            raise (FrameInvalid if self._ours else CameraError)(
                f"{self._name}: part {part_id}: a frame came, but part {missed.part_id} got none "
                "in time, and no frame before says that this one is not so late: whose it is "
                "nobody knows"
            )
        self._missed, self._pending = None, 0
        self._clock.own(seen_ns, seen_ns - began_ns)

    def _doubtful(self, missed: _Missed, seen_ns: int, began_ns: int) -> bool:
        if began_ns - missed.began_ns > self.latest_ns:
            return False
        # dated as late as that, a frame of the part that was missed would pass for this one's
        within_ns = self.earliest_ns(began_ns) - missed.began_ns - 1
        return not self._clock.dates_within(seen_ns, within_ns - self._ahead_ns)
