"""Whose a frame of a triggered camera is, by when its light fell.

The camera's clock is known through its frames, as late as the least late of them was. So a frame is
a part's where its light did not fall before that part's trigger can have been; and where the part
before got none, only if a frame of that one could not be dated so late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import CameraError
from gonogo.base.words import NS_PER_MS
from gonogo.drivers.camera_section import LEAD_MS
from gonogo.drivers.cameras.clock import CameraClock

if TYPE_CHECKING:
    from gonogo.drivers.cameras.machine_section import MachineSection


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
        self._missed: _Missed | None = None

    def date(self, camera_ns: int, seen_ns: int) -> int:
        """When its light fell; ValueError where the camera's clock has gone back."""
        return self._clock.date(camera_ns, seen_ns) - self._back_ns

    def earliest_ns(self, began_ns: int) -> int:
        """No frame of that part can have been exposed before."""
        return began_ns - self._lead_ns

    def missed(self, part_id: int, began_ns: int) -> None:
        """Its frame has not come, and may come yet; of one that runs free none is a part's."""
        self._missed = None if self._free else _Missed(part_id, began_ns)

    def has_come(self) -> None:
        """What was missed lay there before the next part was asked for."""
        self._missed = None

    def claim(self, part_id: int, seen_ns: int, began_ns: int) -> None:
        """The frame that was dated last is this part's; CameraError where that is not certain."""
        missed = self._missed
        if missed is not None:
            # dated as late as that, a frame of the part that was missed would pass for this one's
            within_ns = self.earliest_ns(began_ns) - missed.began_ns - 1
            if not self._clock.dates_within(seen_ns, within_ns - self._ahead_ns):
                raise CameraError(
                    f"{self._name}: part {part_id}: a frame came, but part {missed.part_id} got "
                    "none in time, and no frame before says that this one is not so late: whose it "
                    "is nobody knows"
                )
        self._missed = None
        self._clock.own(seen_ns, seen_ns - began_ns)
