"""The cycle: one part, one call per stage. Nothing here waits for anything but the next stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.log.logger import get_logger
from gonogo.base.words import NS_PER_MS, FaultBit, Reason, Verdict
from gonogo.ipc.journal_records import StageTimes
from gonogo.runtime.board_heat import BoardHeat
from gonogo.runtime.changeover import Changeover
from gonogo.runtime.decide import decide
from gonogo.runtime.engine_keepalive import KeepAlive
from gonogo.runtime.engine_relapse import Relapse, silent
from gonogo.runtime.engine_shadow import Seen
from gonogo.runtime.engine_switch import Trial
from gonogo.runtime.master_trial import Standing
from gonogo.runtime.modes import Input, Modes
from gonogo.runtime.own_eye import OwnEye
from gonogo.runtime.part_book import PartBook
from gonogo.runtime.status import LineStatus, show_asked_faults

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.base.words import Part, TriggerEvent, ViewCapture
    from gonogo.ipc.worker import Worker
    from gonogo.runtime.budget import Budget
    from gonogo.runtime.judging import Judging
    from gonogo.runtime.stages import Stages

log = get_logger(__name__)

WARM_UPS = 3  # the first rule that touches a frame pays for code and caches
TRY_S = 0.002
IDLE_NS = 5 * NS_PER_MS  # one wait for a part; stop, heartbeat and a lost engine are seen between


class Line:
    """Judges one part after the other."""

    def __init__(
        self,
        stages: Stages,
        budget: Budget,
        judging: Judging,
        changeover: Changeover | None = None,
        *,
        own_eye: bool = False,
    ) -> None:
        (self.trigger, self.acquisition, self.engine_switch, self.plc, self.journal,
         self.heartbeat, self.board, self.master_part, self.clock, device,
         heat) = stages  # fmt: skip
        self.eye = OwnEye(device, self.plc) if device is not None else None
        self.budget = budget
        self.own_eye = own_eye  # the trigger is ours, and the PLC must be told of each part
        policy = judging.policy
        self.modes = Modes(judged=any(limit is not None for limit in policy.limits))
        self.heat = heat or BoardHeat(None, 0)
        self.modes.stands(Input.BOARD, ready=not self.heat.hot)  # as the line before has left it
        self.relapse = Relapse()
        self.changeover = changeover or Changeover.without(judging)
        self.judge_by(judging)
        self.engine_switch.trust.believe(policy)
        self.standing = Standing(self.modes, self.changeover, self.engine_switch, self.plc)
        self.captures: Sequence[ViewCapture] = ()  # of the last part
        self.keep_alive = KeepAlive()
        self.book = PartBook(stages, budget)
        self.book.catch_up()
        self.status = LineStatus(stages, policy)
        self.bounces = 0
        self.last_part_id = 0
        self.clears = 0

    def judge_by(self, judging: Judging) -> None:
        """The one writer of the judging in force; between two parts, from the next one on."""
        self.judging = judging
        self.rules, self.policy = judging.rules, judging.policy
        self.engines = self.engine_switch.clients[judging.slot]
        self.expected = (self.acquisition.count, len(judging.rules.names))  # of every cycle
        self.journal.recipe = judging.recipe

    def warm_up(self) -> None:
        """Look, check and score without a part, so that the first one is as fast as any other."""
        for _ in range(WARM_UPS):
            self.captures = self.acquisition.capture(self.budget.probe(self.clock.monotonic_ns()))
            self.rules.check([each.pixels for each in self.captures])
        until_ns = self.clock.monotonic_ns() + 2 * self.budget.budget_ns
        while self.modes.try_engine and self.clock.monotonic_ns() < until_ns:
            self._regain(self.clock.monotonic_ns())
            self.clock.sleep(TRY_S)

    def run(self, process: Worker) -> None:
        """Cycle until asked to stop; the part in hand is always finished."""
        acknowledged = process.acknowledged
        while not process.stop.asked:
            event = self.trigger.wait(self.clock.monotonic_ns() + IDLE_NS)
            if event is not None:
                self.triggered(event)
            else:
                self.rest()  # not right after a part: its verdict is on the wire then
            self.status.warnings = process.warnings()
            self.settle()
            # last: a turn that hangs anywhere above is a heart that stands still
            if not self.plc.hung:
                process.beat()
            # a clear at the PLC reaches what the supervisor has latched, and the other way round
            if self.plc.clears != self.clears:
                self.clears = self.plc.clears
                process.acknowledge()
            if process.acknowledged != acknowledged:
                acknowledged = process.acknowledged
                self.plc.clear()
                self.relapse.forgive()

    def triggered(self, event: TriggerEvent) -> None:
        """A photo-eye that bounces sees a part twice: never two results for one id."""
        if self.own_eye and event.part_id == self.last_part_id:
            self.bounces += 1
            return
        self.last_part_id = event.part_id
        self.take(event)

    def take(self, event: TriggerEvent) -> Verdict:
        """Judge the part of a trigger, unless it must not or cannot be judged in time."""
        part = self.book.begin(event)  # from here on it has a row, whatever becomes of us
        if self.own_eye:
            self.plc.seen(part.part_id, part.trigger_ns)
        if event.reject is not Reason.OK:
            return self.book.refuse(part, event.reject)
        if self.changeover.changing:  # rules of one recipe, an engine of the other: judged by none
            return self.book.refuse(part, Reason.RECIPE)
        if self.clock.monotonic_ns() >= part.camera_deadline_ns:
            return self.book.refuse(part, Reason.OVERRATE)
        if self.master_part.closed and not self.master_part.in_hand:
            return self.book.refuse(part, Reason.MASTER_PART)
        verdict = self.cycle(part)
        self.master_part.conclude(part)
        return verdict

    def cycle(self, part: Part) -> Verdict:
        """From the trigger to the PLC: every stage ends before its own deadline or is left out."""
        self.engines.begin(part)
        ask = self.engines.ask if self.modes.ask_engine else None
        captures = self.acquisition.capture(part, ask)  # into the ring; asked by index
        frame_ns = self.clock.monotonic_ns()
        frames = [each.pixels for each in captures]
        checks = self.rules.check(frames, part.part_id)  # here, meanwhile
        rules_ns = self.clock.monotonic_ns()
        scores = self.engines.collect(part.engine_deadline_ns)  # or nothing: rules only
        engine_ns = self.clock.monotonic_ns()
        late = engine_ns >= part.deadline_ns
        verdict = decide(captures, checks, scores, self.policy, late=late)  # pure
        verdict = self.master_part.told(verdict, checks)  # as it is, but of a known bad part
        decided_ns = self.clock.monotonic_ns()
        self.budget.decided(part.serial, decided_ns)
        self.plc.report(part, verdict)  # handed to the link, never blocks
        stamps = StageTimes(frame_ns, rules_ns, engine_ns, decided_ns, self.clock.monotonic_ns())
        self.journal.append(part, verdict, stamps, captures, scores, checks)
        self.heartbeat.beat(part, stamps, captures, checks, self.expected)  # only here
        self.modes.inspected(verdict, stamps.reported_ns)
        if ask is not None:
            who = self.judging.slot, self.engines.host.epoch
            self.relapse.judged(who, silent(verdict, scores), stamps.reported_ns)
        self.captures = captures
        if not self.heat.hot:  # that it was not asked says nothing of an engine on probation
            self.engine_switch.after_part(Seen(part, captures, checks), verdict)
        self.keep_alive.judged(stamps.reported_ns)
        return verdict

    def rest(self) -> None:
        """No part comes just now: what is done between two parts and may take a moment."""
        self.acquisition.queue()
        now_ns = self.clock.monotonic_ns()
        if not self.heat.hot:
            self.engine_switch.judge_in_shadow(self.judging, now_ns)
        if self.modes.ask_engine:
            self.keep_alive.ask_if_due(self.engines, self.captures, now_ns)

    def settle(self) -> None:
        """Between two parts: tell the link we live, record what became of verdicts."""
        now_ns = self.clock.monotonic_ns()
        self.heartbeat.idle(now_ns)
        self.plc.alive(now_ns)
        self.heat.look(now_ns)
        self.modes.stands(Input.BOARD, ready=not self.heat.hot)
        self._regain(now_ns)
        self._change_recipe(now_ns)
        self.master_part.look(now_ns, self.judging, self.standing)
        self.modes.stands(Input.MASTER_PART, ready=not self.master_part.closed)
        show_asked_faults(self.board, self.plc)
        own = FaultBit.ENGINE * self.engines.pace.tight | FaultBit.TEMPERATURE * self.heat.silent
        self.status.tell(self.modes, self.judging, self.changeover, own)
        self.book.hear()
        for message in self.acquisition.messages():
            log.warning("frame_refused", text="%(words)s", words=message)

    def finish(self) -> None:
        """Stopped in order: take leave of the PLC, and record what became of the last verdicts."""
        self.master_part.finish()
        self.plc.close()
        self.book.hear()

    def _change_recipe(self, now_ns: int) -> None:
        """Where the PLC wants another one and it can be had.

        After `_regain`: FULL is a proof of the new engine only once the loss of the old is seen.
        """
        changing = self.changeover.changing
        proven = self.modes.missing is None
        found = self.changeover.advance(
            self.judging.recipe, self.plc.recipe_wanted, self.engines, now_ns, proven=proven
        )
        another = None if found is None else found._replace(slot=self.judging.slot)
        if self.changeover.changing != changing:
            self.engine_switch.trust.believe(self.changeover.policy(another or self.judging))
        if another is not None:
            self.judge_by(self.engine_switch.trust.adopt(another))

    def _regain(self, now_ns: int) -> None:
        """What was lost comes back by its own rule alone: see runtime/modes.py.

        Limits of an engine that has begun anew first: else its scores are a stranger's.
        """
        trial = Trial(self.captures, self.budget.budget_ns, now_ns)
        changing = self.changeover.changing != 0
        self.judge_by(self.engine_switch.carry_out(self.judging, trial, changing=changing))
        self.modes.tick(now_ns, engine_ready=self.engines.host.ready)
        if self.eye is not None:
            self.eye.look(self.modes, now_ns)
        if self.modes.try_camera(now_ns) and self.acquisition.probe(self.budget.probe(now_ns)):
            self.modes.regained(Input.CAMERA)
        who = self.judging.slot, self.engines.host.epoch
        if not self.modes.try_engine or not self.relapse.may_try(who, now_ns):
            return
        between = self.engines.between
        well = between.try_out(self.captures, now_ns, self.budget.budget_ns)
        if between.over and self.relapse.tried(well=well):
            self.modes.regained(Input.ENGINE)
