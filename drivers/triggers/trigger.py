"""What starts a part: a timer of our own (timer.py) or the PLC's PART_ID (plc_part_id.py).

`wait` is the only place in which the line sleeps between parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from gonogo.base.section import Section

if TYPE_CHECKING:
    from gonogo.base.words import TriggerEvent


class TriggerSection(Section):
    """The part of `[trigger]` that the line asks for; a driver's own section adds its keys."""

    # each driver narrows it to a Literal, by which the catalogue tells the sections apart
    driver: str

    @property
    def named_by_plc(self) -> bool:
        """Whether the PLC names the parts: then it opens a mailbox that the PLC link fills."""
        return False

    def least_pitch_ms(self, pitch_ms: float) -> float:
        """The shortest time between two parts, where the belt says `pitch_ms`."""
        return pitch_ms


class Trigger(Protocol):
    """One photo-eye."""

    def wait(self, until_ns: int) -> TriggerEvent | None:
        """The next part, or None when `until_ns` (absolute monotonic) passes without one."""
        ...

    def close(self) -> None:
        """Release the device; idempotent."""
        ...
