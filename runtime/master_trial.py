"""A part that is known to be good or bad, from the request to the answer, and the gate behind it.

    asked for -> kept on the disk -> armed -> the next part that comes -> right, wrong or void

It is armed once the belt is empty: while parts keep coming, nobody could say which is the one. It
is judged as every part is. A wrong answer closes the gate before the PLC hears of the part, and
only a right one of the same kind opens it. What is not armed here is an ordinary part: a line that
takes over for one that died takes none for the one that was asked for.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.log.logger import get_logger
from gonogo.base.words import NS_PER_MS, MasterAnswer, MasterPart, Reason
from gonogo.ipc.journal_records import ORDINARY, Mastered
from gonogo.ipc.master_part import Gate, Phase, Request, Why, said
from gonogo.runtime.master_due import NS_PER_S, DueParts
from gonogo.runtime.master_part import Finder, Outcome, as_told, outcome
from gonogo.runtime.modes import Input

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.base.words import Part, RuleResult, TriggerEvent, Verdict
    from gonogo.config.master_part import MasterPartSection
    from gonogo.ipc.journal_line import LineJournal
    from gonogo.ipc.master_part import LineMasterPart
    from gonogo.plc.link.link import PlcLink
    from gonogo.runtime.changeover import Changeover
    from gonogo.runtime.engine_switch import EngineSwitch
    from gonogo.runtime.judging import Judging
    from gonogo.runtime.modes import Modes

log = get_logger(__name__)

KEPT_NS = 12 * NS_PER_S  # records polls every 5 s at least
LEAST_QUIET_NS, MOST_QUIET_NS = NS_PER_S // 2, 5 * NS_PER_S  # without a part
LATE_NS = 1 * NS_PER_S  # a part that came in time may wait for its turn
_CLOSED = "; no part passes until a right answer"
_PHASES = {
    MasterAnswer.RIGHT: Phase.RIGHT,
    MasterAnswer.WRONG: Phase.WRONG,
    MasterAnswer.VOID: Phase.VOID,
}
_LOST = {
    Input.ENGINE: Why.ENGINE,
    Input.CAMERA: Why.CAMERA,
    Input.TIME: Why.TIME,
    Input.TRIGGER: Why.TRIGGER,
}
_NONE = Outcome(MasterAnswer.NONE)


def quiet_ns(pitch_ms: float) -> int:
    """How long no part may have come before one is waited for: as long as two of them take."""
    return min(max(round(2 * pitch_ms * NS_PER_MS), LEAST_QUIET_NS), MOST_QUIET_NS)


class Standing(NamedTuple):
    """What a station must stand on for a trial: asked only when somebody wants one."""

    modes: Modes
    changeover: Changeover
    engines: EngineSwitch
    plc: PlcLink

    @property
    def unfit(self) -> Why:
        """Why no trial can be had now; NONE where it can. A gate that is closed is no reason."""
        lost = self.modes.missing
        if lost is not None:
            return _LOST[lost]
        if self.changeover.changing:
            return Why.RECIPE
        if self.engines.exchanging:
            return Why.SWAP
        return Why.NONE if self.plc.enabled else Why.NOT_ENABLED


class MasterTrial:
    """Of the line's thread alone; `in_hand`: what the part in hand is known to be."""

    def __init__(
        self,
        memory: LineMasterPart,
        journal: LineJournal,
        section: MasterPartSection,
        quiet_ns: int = LEAST_QUIET_NS,
        now_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._memory, self._journal, self._section = memory, journal, section
        self._quiet_ns, self._now_ns = quiet_ns, now_ns
        # when a part came last; whether one has just come to the line before us, nobody here knows
        self._last_ns = now_ns()
        self._judging: Judging | None = None
        self._finder, self._checksum = Finder(), 0
        self._due = DueParts(memory, section)
        self._armed: Request | None = None
        self._outcome, self._reason = _NONE, Reason.OK
        self._news = ""
        self.in_hand = MasterPart.NONE
        self.finish()  # of the line before: whatever it had armed, nobody here waits for it

    @property
    def closed(self) -> bool:
        """Whether no part may pass."""
        return self._memory.closed

    # -- one part ----------------------------------------------------------------------

    def meet(self, event: TriggerEvent) -> None:
        """A part comes, and gets its row next: whether it is the one that was asked for.

        One that was there before is not, however long it has waited.
        """
        armed, memory = self._armed, self._memory
        # one that waited for this line to begin came no later than that
        self._last_ns = max(self._last_ns, event.at_ns)
        if armed is None or not memory.armed_ns <= event.at_ns <= memory.until_ns:
            return
        self.in_hand = armed.part
        self._journal.master = Mastered(armed.part, MasterAnswer.NONE).word
        memory.say(armed.number, Phase.IN_HAND)

    def told(self, verdict: Verdict, checks: Sequence[RuleResult] = ()) -> Verdict:
        """What the PLC is told of the part in hand: of most parts the verdict as it is."""
        part = self.in_hand
        if part is MasterPart.NONE:
            return verdict
        self._outcome = outcome(part, verdict, checks, self._finder)
        self._reason = verdict.reason
        answer = self._outcome.answer
        if answer is MasterAnswer.WRONG:  # first: killed after this, the line after us finds it
            self._memory.places[part].close_gate(Gate.WRONG, self._now_ns())
        self._journal.master = Mastered(part, answer).word
        return as_told(part, verdict)

    def conclude(self, part: Part) -> None:
        """It has its row: the answer counts."""
        known, armed = self.in_hand, self._armed
        if known is MasterPart.NONE or armed is None:
            return
        self.in_hand, self._armed = MasterPart.NONE, None
        self._journal.master = ORDINARY.word
        memory, (answer, why) = self._memory, self._outcome
        if answer is MasterAnswer.RIGHT:
            self._due.passed(known, self._now_ns(), self._checksum)
        memory.judged(part.serial, self._reason)
        memory.say(armed.number, _PHASES[answer], why)
        self._news = f"known {known.name.lower()} part: {answer.name.lower()}"
        if why is not Why.NONE:
            self._news += f": {said(why, self._reason)}"

    # -- between two parts -------------------------------------------------------------

    def look(self, now_ns: int, judging: Judging, standing: Standing) -> None:
        """Take requests and let them lapse; see what is due."""
        if judging is not self._judging:  # rarely: to sum a policy up takes longer than the rest
            self._judging, self._checksum = judging, judging.policy.word
            self._finder = Finder.of(self._section.bad_reason, judging.rules.names)
        if self._news:  # not in the cycle
            log.warning(
                "master_part_answered",
                text="%(news)s%(closed)s",
                news=self._news,
                closed=_CLOSED if self.closed else "",
            )
            self._news = ""
        request = self._memory.request
        if request.number and not request.ended:
            self._follow(request, now_ns, standing)
        # a line that has just begun may not know yet by which limits its engine goes
        known = standing.modes.missing is None
        self._due.look(now_ns, self._checksum if known else None)

    def finish(self) -> None:
        """The line begins, or ends in order: what is under way comes to nothing."""
        request = self._memory.request
        if request.number and not request.ended:
            self._end(request, Phase.VOID, Why.LINE_ENDED)

    def _follow(self, request: Request, now_ns: int, standing: Standing) -> None:
        """One step of a request that has no answer yet."""
        memory, number = self._memory, request.number
        if memory.taken_back == number:
            self._end(request, Phase.TAKEN_BACK)
        elif request.phase is Phase.ARMED:
            if now_ns > memory.until_ns + LATE_NS:
                self._end(request, Phase.LAPSED)
        elif (why := self._unfit(request, standing)) is not Why.NONE:
            self._end(request, Phase.REFUSED, why)
        elif request.phase is Phase.NEW:
            memory.until_ns = now_ns + KEPT_NS
            memory.say(number, Phase.KEEPING)
        elif memory.kept >= number and now_ns - self._last_ns >= self._quiet_ns:
            self._arm(request, now_ns)
        elif now_ns > memory.until_ns:
            why = Why.NOT_KEPT if memory.kept < number else Why.NOT_QUIET
            self._end(request, Phase.REFUSED, why)

    def _unfit(self, request: Request, standing: Standing) -> Why:
        if request.part is MasterPart.BAD and self._finder.missing:
            return Why.NO_RULE
        return standing.unfit

    def _arm(self, request: Request, now_ns: int) -> None:
        memory, within_s = self._memory, self._section.within_s
        # no part has come since: the stamp of the next one may be as early as a poll of the PLC
        memory.armed_ns = now_ns - self._quiet_ns
        memory.until_ns = now_ns + round(within_s * NS_PER_S)
        memory.say(request.number, Phase.ARMED)
        self._armed = request
        name = request.part.name.lower()
        log.info(
            "master_part_awaited",
            text="the next part within %(within_s)g s is taken for the known %(known)s one",
            within_s=within_s,
            known=name,
        )

    def _end(self, request: Request, phase: Phase, why: Why = Why.NONE) -> None:
        self._armed = None
        self._memory.say(request.number, phase, why)
        name, words = request.part.name.lower(), said(why, Reason.OK)
        ended = phase.name.lower().replace("_", " ")
        log.info(
            "master_part_over",
            text="known %(known)s part: %(ended)s%(words)s",
            known=name,
            ended=ended,
            words=words and f": {words}",
        )
