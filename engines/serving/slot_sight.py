"""What an engine host sees of its slot; it reads, and writes nothing.

A station without `[engines]` has no slots: its host judges always, and holds what its plan says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.ipc.engine_slot import Phase

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gonogo.ipc.engine_slots import HostSlots


class SlotSight:
    """The slot of the place `place` as the loader and the line have set it at this moment.

    `load` is the number of the order that this host acts on: the last one at its start.
    """

    def __init__(self, slots: HostSlots | None, place: int) -> None:
        self._slots, self._place = slots, place
        self._slot = None if slots is None else slots.places[place]
        # read once, before the order itself: one that comes in between makes this host outdated
        self.load = 0 if self._slot is None else self._slot.load

    @property
    def judges(self) -> bool:
        """Whether parts are judged by this place; the line changes it between two parts."""
        # asked anew each time, and not kept: one word of shared memory, written by the line alone
        return self._slots is None or self._slots.active == self._place

    @property
    def raised(self) -> bool:
        """Whether the loader wants it in real time, though it does not judge yet."""
        # set by the loader before it asks the line to switch, taken back when the place is emptied
        return self._slot is not None and self._slot.raised

    @property
    def changed(self) -> bool:
        """Whether something else was ordered than what this host acts on."""
        return self._slot is not None and self._slot.load != self.load

    @property
    def phase(self) -> Phase:
        """How far a host is with the last order; before this one begins, the one that died."""
        return Phase.EMPTY if self._slot is None else self._slot.phase

    @property
    def ordered(self) -> bool:
        """Whether there is something to be loaded."""
        return self._slot is None or self._slot.ordered is not None

    @property
    def bundles(self) -> Mapping[str, Path]:
        """The file of each bundle that was ordered."""
        order = None if self._slot is None else self._slot.ordered
        return {} if order is None else order.bundles

    @property
    def unsigned(self) -> bool:
        """Whether nobody has signed a bundle of what the slot holds."""
        return self._slot is not None and self._slot.unsigned

    def close(self) -> None:
        """Drop the view, in a process that goes on without it."""
        if self._slots is not None:
            self._slots.close()
