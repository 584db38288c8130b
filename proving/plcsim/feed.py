"""Where parts come from: the PLC's own photo-eye, or the station's, which D15 tells of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from gonogo.proving.plcsim.plan import NS_PER_MS
from gonogo.proving.plcsim.wire import WORD

if TYPE_CHECKING:
    from gonogo.proving.plcsim.plan import Plan, Step

RUSH = 5  # times as fast as planned


class Moment(NamedTuple):
    """What a feed goes by in one scan.

    `number` is that of the next part, from 1; `last_part` D15, None before the first
    session since power-up, 0 while the image is invalid.
    """

    number: int
    permit: bool
    last_part: int | None
    now_ns: int


class Feed(Protocol):
    """Says at each scan whether a part has come."""

    def next_part(self, at: Moment) -> int | None:
        """The id of the part that has come in this scan, None for none."""
        ...

    def rush(self, now_ns: int) -> None:
        """Parts come faster for a while, where it is ours to say."""
        ...

    def power_up(self, *, ids_restart: bool) -> None:
        """The PLC's memory is lost; ids go on, or start again at the first."""
        ...


class PlcFeed:
    """The PLC triggers: parts at the pitch while there is a permit, with ids as scripted."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._pitch_ns = round(plan.pitch_ms * NS_PER_MS)
        self._scan_ns = round(plan.scan_ms * NS_PER_MS)
        self._script = {step.at_part: step for step in plan.script}
        self._next_id = plan.first_id
        self._rush_until_ns = 0  # what drives the belt: it outlives a reboot of the PLC
        self.power_up(ids_restart=False)

    def power_up(self, *, ids_restart: bool) -> None:
        """The next part may come at once."""
        self._next_ns = 0
        if ids_restart:
            self._next_id = self._plan.first_id

    def rush(self, now_ns: int) -> None:
        """For `rush_ms`, parts come `RUSH` times as fast as planned."""
        self._rush_until_ns = now_ns + round(self._plan.rush_ms * NS_PER_MS)
        # a part that is already planned would otherwise keep its distance
        self._next_ns = min(self._next_ns, now_ns + self._pitch_ns // RUSH)

    def next_part(self, at: Moment) -> int | None:
        """The id of a part at its place in the grid; none without a permit, or after the last."""
        held = at.permit or (self._plan.feed == "always" and at.number > 1)
        # the scan nearest to the grid: jitter must not shift a part by a whole scan
        due = at.now_ns >= self._next_ns - self._scan_ns // 2
        if at.number > self._plan.parts or not held or not due:
            return None
        step = self._script.get(at.number)
        self._next_ns = self._after(step, at.now_ns)
        return self._take_id(step)

    def _after(self, step: Step | None, now_ns: int) -> int:
        """When the part after this one is due."""
        if step is not None and step.do == "gap":
            return now_ns + round(step.for_ms * NS_PER_MS)
        pitch_ns = self._pitch_ns // (RUSH if now_ns < self._rush_until_ns else 1)
        # after a stall the grid starts anew: parts that were missed must not come as a burst
        late = now_ns - self._next_ns > 2 * self._scan_ns
        return (now_ns if late else self._next_ns) + pitch_ns

    def _take_id(self, step: Step | None) -> int:
        """The id of the part about to be triggered, as scripted; 0 is never an id."""
        # -1: the id before is the one of the part before
        by = {"skip_id": 1, "repeat_id": -1, "jump_id": step.by}.get(step.do, 0) if step else 0
        part_id = (self._next_id + by) & WORD or 1
        self._next_id = (part_id + 1) & WORD or 1
        return part_id


class DeviceFeed:
    """The station triggers: a change of D15 is a part, and the pitch is not ours to say."""

    def __init__(self) -> None:
        self.power_up(ids_restart=False)

    def power_up(self, *, ids_restart: bool) -> None:  # noqa: ARG002 - the station counts its ids
        """Forget which part was the last."""
        self._last_part: int | None = None

    def rush(self, now_ns: int) -> None:
        """Parts come as the station's own trigger says."""

    def next_part(self, at: Moment) -> int | None:
        """D15 where it has changed; what it shows when the first session begins is no part."""
        last, self._last_part = self._last_part, at.last_part
        fresh = last is not None and at.last_part not in {0, last}
        return at.last_part if fresh else None
