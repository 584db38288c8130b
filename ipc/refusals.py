"""Parts that the PLC link refused by itself, until each has its row: in the journal's segment.

The link tells the PLC at once that such a part was not inspected; the loop, busy with the
part before, enters it in the journal only when it hears what became of that. Should the line
end in between, its successor finds here which parts are still to be told.

words     3 k  part id of refusal k, 0: none   3 k + 1  trigger, monotonic ns   3 k + 2  reason
"""

from __future__ import annotations

from gonogo.base.words import Reason, TriggerEvent

SLOTS = 15  # more than can be on their way to the PLC at one time
SLOT_WORDS = 3
WORDS = SLOTS * SLOT_WORDS


class Refusals:
    """`add` belongs to the link's thread, the rest to the loop's."""

    def __init__(self, words: memoryview[int]) -> None:
        self._words = words
        self._added = 0

    def add(self, pulse: TriggerEvent) -> None:
        """The link refuses a part."""
        # counted by this thread alone: the loop only clears slots, so nobody needs a lock
        at = SLOT_WORDS * (self._added % SLOTS)
        self._words[at + 1] = pulse.at_ns
        self._words[at + 2] = pulse.reject or Reason.OVERRATE
        # last: from here on the loop sees it, and the rest is there
        self._words[at] = pulse.part_id
        self._added += 1

    def open(self) -> list[TriggerEvent]:
        """Refused parts that have no row yet, oldest first."""
        slots = [self._words[at : at + SLOT_WORDS] for at in range(0, WORDS, SLOT_WORDS)]
        found = [
            TriggerEvent(part_id, at_ns, Reason(why)) for part_id, at_ns, why in slots if part_id
        ]
        return sorted(found, key=lambda pulse: pulse.at_ns)

    def find(self, part_id: int) -> TriggerEvent | None:
        """The oldest of that id, if there is one."""
        return next((pulse for pulse in self.open() if pulse.part_id == part_id), None)

    def settle(self, pulse: TriggerEvent) -> None:
        """It has its row."""
        for at in range(0, WORDS, SLOT_WORDS):
            # by its time as well: ids come again, when they wrap or the PLC counts anew
            if (self._words[at], self._words[at + 1]) == (pulse.part_id, pulse.at_ns):
                self._words[at] = 0

    def close(self) -> None:
        """Drop this process's view."""
        self._words.release()
