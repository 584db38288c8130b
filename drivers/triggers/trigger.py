"""What starts a part: a timer of our own (timer.py) or the PLC's PART_ID (plc_trigger.py).

`wait` is the only place in which the line sleeps between parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gonogo.base.words import TriggerEvent


class Trigger(Protocol):
    """One photo-eye."""

    def wait(self, until_ns: int) -> TriggerEvent | None:
        """The next part, or None when `until_ns` (absolute monotonic) passes without one."""
        ...

    def close(self) -> None:
        """Release the device; idempotent."""
        ...
