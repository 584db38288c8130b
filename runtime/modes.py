"""What the station can stand on: FULL, RULES_ONLY or SAFE, and the one function that changes it.

`mode_without` says what a mode means, for a part (gonogo.runtime.decide) and for the station.

Every input that can be lost has one row: the mode it forces, how many parts in a row
it takes, how it is found, how it is regained: one state, one time, one rule.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import NS_PER_MS, Mode, Reason
from gonogo.plc.handshake.state import Condition

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gonogo.base.words import Verdict

PROBE_EVERY_NS = 1000 * NS_PER_MS  # a lost camera is tried that often between two parts
REST_NS = 1000 * NS_PER_MS  # after too many overruns the line must have kept time this long


class Input(IntEnum):
    """What the line lives on."""

    ENGINE = 0
    CAMERA = 1
    TIME = 2
    TRIGGER = 3
    MASTER_PART = 4
    BOARD = 5


class Loss(NamedTuple):
    """What the loss of an input means."""

    mode: Mode
    parts: int  # in a row, until it counts as lost
    found: str
    regain: str


LOSSES: dict[Input, Loss] = {
    Input.ENGINE: Loss(
        Mode.RULES_ONLY,
        1,  # at once: waiting for it again would cost the next part its reserve
        "its process ends, or a part gets no trusted score by its engine deadline",
        "its process serves after its self-test, and scores a live frame in time between parts; "
        "lost again right after each return, it rests first (gonogo.runtime.engine_relapse)",
    ),
    Input.CAMERA: Loss(
        Mode.SAFE,
        3,  # one bad frame is a part, not a camera: it is rejected, and the next is looked at
        "a view brings no trusted frame by half of the budget",
        "a trial frame of every view is trusted, once a second between parts",
    ),
    Input.TIME: Loss(
        Mode.SAFE,
        10,  # the machine was busy for a moment; ten in a row is a line that cannot keep up
        "a part is decided after its deadline",
        "one second without another",
    ),
    Input.TRIGGER: Loss(
        Mode.SAFE,
        1,  # at once: whoever passes an eye that is gone is seen by nobody
        "the device of the station's own photo-eye cannot be read or opened",
        "it is open again; the first part after that is rejected",
    ),
    Input.MASTER_PART: Loss(
        Mode.SAFE,
        1,  # at once: a station that does not know good from bad must not go on
        "a part that is known to be good or bad gets the wrong answer, or is overdue",
        "that part gets a right answer; neither a restart nor an acknowledgement opens the gate",
    ),
    Input.BOARD: Loss(
        Mode.RULES_ONLY,
        1,  # at once: the engine is what heats the box
        "the process that watches the box says that it is too hot for its engine",
        "it says that the box is cooler again, by the hysteresis, or has said nothing for a "
        "minute; and then the engine comes back by its own rule, as if it had been lost",
    ),
}

_JUDGED_WITH = tuple(each for each in Input if each is not Input.MASTER_PART)


def mode_without(missing: Iterable[Input]) -> Mode:
    """What is left to judge by without these: the worst that any of them forces."""
    return max((LOSSES[each].mode for each in missing), default=Mode.FULL)


class Modes:
    """Follows verdicts and what the line finds between them; `judged`: any view has an engine."""

    def __init__(self, *, judged: bool) -> None:
        self.mode = Mode.FULL
        self.changes = 0
        self._judged = judged
        self._strikes = dict.fromkeys(Input, 0)
        self._lost = dict.fromkeys(Input, False)
        self._probed_ns = 0
        self._overran_ns = 0
        if judged:
            self._change(Input.ENGINE, lost=True)  # until it has proven itself

    def _change(self, what: Input, *, lost: bool) -> None:
        """The one function that changes the mode: the worst of what is lost."""
        self._strikes[what] = 0  # counted anew from here, in either direction
        self._lost[what] = lost
        if what is Input.BOARD:  # the engine rests with it, and has to prove itself after
            self._lost[Input.ENGINE] = True
        mode = mode_without(each for each, is_lost in self._lost.items() if is_lost)
        self.changes += mode is not self.mode
        self.mode = mode

    def _strike(self, what: Input, *, hit: bool) -> None:
        """Count parts in a row on which an input failed."""
        self._strikes[what] = self._strikes[what] + 1 if hit else 0
        if self._strikes[what] >= LOSSES[what].parts and not self._lost[what]:
            self._change(what, lost=True)

    # -- what the line finds -----------------------------------------------------------

    def inspected(self, verdict: Verdict, now_ns: int) -> None:
        """One part was inspected: which of the inputs it had to do without."""
        unseen = verdict.mode is LOSSES[Input.CAMERA].mode
        unscored = verdict.mode is LOSSES[Input.ENGINE].mode
        overran = verdict.reason is Reason.DEADLINE
        self._strike(Input.CAMERA, hit=unseen)
        self._strike(Input.TIME, hit=overran)
        if overran:
            self._overran_ns = now_ns
        if not unseen:  # a part without a frame was not shown to any engine: it says nothing of one
            self._strike(Input.ENGINE, hit=self._judged and unscored)

    def tick(self, now_ns: int, *, engine_ready: bool) -> None:
        """Between two parts."""
        if self._judged and not engine_ready and not self._lost[Input.ENGINE]:
            self._change(Input.ENGINE, lost=True)
        if self._lost[Input.TIME] and now_ns - self._overran_ns > REST_NS:
            self._change(Input.TIME, lost=False)

    def regained(self, what: Input) -> None:
        """A trial of that input went well; an engine that rests is not brought back by one."""
        if self._lost[what] and not (what is Input.ENGINE and self._lost[Input.BOARD]):
            self._change(what, lost=False)

    def stands(self, what: Input, *, ready: bool) -> None:
        """Between two parts: an input that is looked at itself, not by what became of a part."""
        if self._lost[what] is ready:
            self._change(what, lost=not ready)

    # -- what the line asks ------------------------------------------------------------

    @property
    def missing(self) -> Input | None:
        """The first of what is lost; a closed gate is no lack of anything to judge with."""
        return next((each for each in _JUDGED_WITH if self._lost[each]), None)

    @property
    def ask_engine(self) -> bool:
        """Whether a score would be trusted now."""
        return self._judged and not self._lost[Input.ENGINE]

    @property
    def try_engine(self) -> bool:
        """Whether the engine shall be tried on a live frame, between two parts."""
        return self._lost[Input.ENGINE] and not self._lost[Input.BOARD]

    def try_camera(self, now_ns: int) -> bool:
        """Whether the cameras shall be tried without a part, now."""
        if not self._lost[Input.CAMERA] or now_ns - self._probed_ns < PROBE_EVERY_NS:
            return False
        self._probed_ns = now_ns
        return True

    def condition(self) -> Condition:
        """For the PLC link, which shows it to the PLC."""
        return Condition(
            tested=True,
            camera_ok=not self._lost[Input.CAMERA],
            engine_ok=not self._lost[Input.ENGINE],
            degraded=self._lost[Input.ENGINE],
            in_time=not self._lost[Input.TIME],  # STOPPED without it: plc/handshake
            time_valid=True,
            trigger_ok=not self._lost[Input.TRIGGER],
            proven=not self._lost[Input.MASTER_PART],
        )
