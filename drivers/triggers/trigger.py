"""What starts a part: the PLC's PART_ID (plc_part_id.py), a photo-eye of our own, or a timer.

`wait` is the only place in which the line sleeps between parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from gonogo.base.holding import Holding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import Self

    from gonogo.base.words import TriggerEvent
    from gonogo.drivers.camera_section import CameraSection


class TriggerSection(Holding):
    """The part of `[trigger]` that the line asks for; a driver's own section adds its keys."""

    # each driver narrows it to a Literal, by which the catalogue tells the sections apart
    driver: str

    @property
    def named_by_plc(self) -> bool:
        """Whether the PLC names the parts: then it opens a mailbox that the PLC link fills."""
        return False

    def least_pitch_ms(self, pitch_ms: float) -> float:
        """The shortest time between two parts that are inspected; the belt says `pitch_ms`."""
        return pitch_ms

    @property
    def looks(self) -> bool:
        """Whether the first view's camera finds the parts: `find_problem` says whether it can."""
        return False

    def find_problem(self, camera: CameraSection) -> str:
        """What keeps the first view's camera from finding the parts; "" for nothing."""
        del camera
        return ""

    @property
    def early_ms(self) -> float:
        """How long before the part was at the photo-eye the time of its trigger may lie."""
        return 0.0

    @property
    def holds_device(self) -> bool:
        """Whether it holds a device that may go: then what it opens is a `DeviceTrigger`."""
        return False

    def of_station(self, name: str, pitch_ms: float, pitch_mm: float) -> Self:
        """The section as the line opens it: what was left out follows from the station."""
        del name, pitch_ms, pitch_mm
        return self

    def problem(self, budget_ms: float, pitch_ms: float) -> str:
        """What a station of that budget and pitch lacks, as `key: expected ...`; "" for nothing."""
        del budget_ms, pitch_ms
        return ""


class Trigger(Protocol):
    """One photo-eye."""

    def wait(self, until_ns: int) -> TriggerEvent | None:
        """The next part, or None when `until_ns` (absolute monotonic) passes without one."""
        ...

    def close(self) -> None:
        """Release the device; idempotent."""
        ...


class DeviceTrigger(Trigger, Protocol):
    """One whose device may go while the line goes on; asked between two parts, never waits."""

    @property
    def ready(self) -> bool:
        """Whether the next part would be seen."""
        ...

    @property
    def missed(self) -> int:
        """How many times so far a part was missed, or may have been."""
        ...

    def messages(self) -> Iterable[str]:
        """What there is to tell since the last call, for the log; seldom more than one a second."""
        ...
