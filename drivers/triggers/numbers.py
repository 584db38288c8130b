"""Part ids for triggers that count the parts themselves."""

from __future__ import annotations

from gonogo.base.words import Reason, TriggerEvent, following

_LONG_AGO_NS = -(1 << 62)


class Numbers:
    """Gives each part its id; one that comes sooner than `pitch_ns` after another is refused."""

    def __init__(self, pitch_ns: int, last_part_id: int) -> None:
        self._pitch_ns = pitch_ns
        self._part_id = last_part_id
        self._last_ns = _LONG_AGO_NS
        self.early = 0

    def part(self, at_ns: int, reject: Reason) -> TriggerEvent:
        """The next part; `reject` where it is refused whatever its time is."""
        early = at_ns - self._last_ns < self._pitch_ns
        self.early += early
        # one that was refused is on the belt all the same: the next is measured from it
        self._last_ns = at_ns
        self._part_id = following(self._part_id)
        if reject is Reason.OK and early:
            reject = Reason.OVERRATE
        return TriggerEvent(self._part_id, at_ns, reject)
