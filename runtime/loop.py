"""The cycle: one part, one call per stage. Nothing here waits for anything but the next stage."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import NS_PER_MS, FaultBit, Mode, Reason, TriggerEvent, not_inspected
from gonogo.ipc.journal_records import StageTimes
from gonogo.plc.handshake.state import NOT_TAKEN
from gonogo.runtime.changeover import Changeover, Judges
from gonogo.runtime.decide import Policy, decide
from gonogo.runtime.engine_keepalive import KeepAlive
from gonogo.runtime.engine_switch import EngineSwitch
from gonogo.runtime.modes import Input, Modes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.base.words import Part, Verdict, ViewCapture
    from gonogo.drivers.triggers.trigger import Trigger
    from gonogo.ipc.fault_table import FaultBoard
    from gonogo.ipc.heartbeat import Heartbeat
    from gonogo.ipc.journal import Journal
    from gonogo.ipc.journal_records import DeliveryEntry
    from gonogo.ipc.worker import Worker
    from gonogo.plc.link.link import PlcLink
    from gonogo.rules.ruleset import RuleSet
    from gonogo.runtime.acquire import Acquisition
    from gonogo.runtime.budget import Budget
    from gonogo.runtime.engine_client import EngineClient

log = logging.getLogger(__name__)

WARM_UPS = 3
TRY_S = 0.002
IDLE_NS = 5 * NS_PER_MS  # one wait for a part; stop, heartbeat and a lost engine are seen between


class Stages(NamedTuple):
    """The devices and processes of a line, in the order a part meets them."""

    trigger: Trigger
    acquisition: Acquisition
    engines: EngineClient
    rules: RuleSet
    plc: PlcLink
    journal: Journal
    heartbeat: Heartbeat


class Line:
    """Judges one part after the other."""

    def __init__(
        self,
        stages: Stages,
        budget: Budget,
        policy: Policy,
        board: FaultBoard,
        changeover: Changeover | None = None,
        places: EngineSwitch | None = None,
        *,
        own_eye: bool = False,
    ) -> None:
        (self.trigger, self.acquisition, self.engines, self.rules, self.plc, self.journal,
         self.heartbeat) = stages  # fmt: skip
        self.budget = budget
        self.policy = policy
        self.board = board
        self.own_eye = own_eye  # the trigger is ours, and the PLC must be told of each part
        self.modes = Modes(judged=any(limit is not None for limit in policy.limits))
        self.looks: Sequence[ViewCapture] = ()  # of the last part
        self.expected = (self.acquisition.count, len(self.rules.names))  # of every cycle
        self.changeover = changeover or Changeover.without(Judges(self.rules, policy))
        self.journal.recipe = self.changeover.active
        self.places = places or EngineSwitch([self.engines])
        self.places.believe(policy)
        self.warmth = KeepAlive()
        self.serial, _ = self.heartbeat.take_over()
        self.serial = max(self.serial, self.journal.take_over())
        for pulse in self.journal.refusals.open():
            self._enter(pulse)
        self.bounces = 0
        self.clears = 0
        self.warnings = self.warned = 0  # FaultBits: of all processes, as told to the PLC
        self.last_part_id = 0
        self.summed, self.checksum = policy, policy.word  # D8 of the map, of this policy

    def warm_up(self) -> None:
        """Look, check and score without a part, so that the first one is as fast as any other."""
        for _ in range(WARM_UPS):
            self.looks, frames = self.acquisition.look(self.budget.probe(time.monotonic_ns()))
            self.rules.check(frames)
        until_ns = time.monotonic_ns() + 2 * self.budget.budget_ns
        while self.modes.try_engine and time.monotonic_ns() < until_ns:
            self._try_engine(time.monotonic_ns())
            time.sleep(TRY_S)

    def run(self, process: Worker) -> None:
        """Cycle until asked to stop; the part in hand is always finished."""
        acknowledged = process.acknowledged
        while not process.stop.asked:
            pulse = self.trigger.wait(time.monotonic_ns() + IDLE_NS)
            if pulse is not None:
                self.pulse(pulse)
            else:
                self.rest()  # not right after a part: its verdict is on the wire then
            self.warnings = process.warnings()
            self.settle()
            process.beat()
            if self.plc.clears != self.clears:
                self.clears = self.plc.clears
                process.acknowledge()
            if process.acknowledged != acknowledged:
                acknowledged = process.acknowledged
                self.plc.clear()

    def pulse(self, pulse: TriggerEvent) -> None:
        """A photo-eye that bounces sees a part twice: never two results for one id."""
        if self.own_eye and pulse.part_id == self.last_part_id:
            self.bounces += 1
            return
        self.last_part_id = pulse.part_id
        self.take(pulse)

    def take(self, pulse: TriggerEvent) -> Verdict:
        """Judge the part of a pulse, unless it must not or cannot be judged in time."""
        part = self._begin(pulse)
        if self.own_eye:
            self.plc.seen(part.part_id, part.trigger_ns)
        if pulse.reject is not Reason.OK:
            return self.refuse(part, pulse.reject)
        if self.changeover.changing:
            return self.refuse(part, Reason.RECIPE)
        if time.monotonic_ns() >= part.camera_deadline_ns:
            return self.refuse(part, Reason.OVERRATE)
        return self.cycle(part)

    def cycle(self, part: Part) -> Verdict:
        """From the trigger to the PLC: every stage ends before its own deadline or is left out."""
        self.engines.begin(part)
        ask = self.engines.ask if self.modes.ask_engine else None
        looks, frames = self.acquisition.look(part, ask)  # into the ring; asked by index
        frame_ns = time.monotonic_ns()
        checks = self.rules.check(frames)  # here, meanwhile
        rules_ns = time.monotonic_ns()
        scores = self.engines.collect(part.engine_deadline_ns)  # or nothing: rules only
        engine_ns = time.monotonic_ns()
        late = engine_ns >= part.deadline_ns
        verdict = decide(looks, checks, scores, self.policy, late=late)  # pure
        decided_ns = time.monotonic_ns()
        self.budget.decided(part.serial, decided_ns)
        self.plc.report(part, verdict)  # handed to the link, never blocks
        stamps = StageTimes(frame_ns, rules_ns, engine_ns, decided_ns, time.monotonic_ns())
        self.journal.append(part, verdict, stamps, looks, scores, checks)
        self.heartbeat.beat(part, stamps, looks, checks, self.expected)  # only here
        self.modes.note(verdict, stamps.reported_ns)
        self.looks = looks
        self.places.note(part, looks, checks, verdict)
        self.warmth.note(stamps.reported_ns)
        return verdict

    def refuse(self, part: Part, reason: Reason) -> Verdict:
        """A part that is not inspected at all is still reported and recorded."""
        verdict = not_inspected(reason)
        self.plc.report(part, verdict)
        self._record_refused(part, verdict)
        return verdict

    def rest(self) -> None:
        """No part comes just now: what is done between two parts and may take a moment."""
        self.acquisition.queue()
        now_ns = time.monotonic_ns()
        self.places.idle(self, now_ns)
        if self.modes.ask_engine:
            self.warmth.turn(self.engines, self.looks, now_ns)

    def settle(self) -> None:
        """Between two parts: tell the link we live, record what became of verdicts."""
        now_ns = time.monotonic_ns()
        self.heartbeat.idle(now_ns)
        self.plc.alive(now_ns)
        self.places.turn(self, now_ns)
        self._regain(now_ns)
        self.changeover.turn(self, self.plc.recipe_wanted, now_ns)
        self._show_faults()
        self._tell()
        self._hear()
        for message in self.acquisition.messages():
            log.warning("%s", message)

    def _regain(self, now_ns: int) -> None:
        """What was lost comes back by its own rule alone: see runtime/modes.py."""
        self.modes.tick(now_ns, engine_ready=self.engines.ready)
        if self.modes.try_camera(now_ns) and self.acquisition.probe(self.budget.probe(now_ns)):
            self.modes.regained(Input.CAMERA)
        if self.modes.try_engine:
            self._try_engine(now_ns)

    def _show_faults(self) -> None:
        """Those that somebody has asked for with the maintenance key, and that the link shows."""
        if self.board.show_once("plc-reset"):
            self.plc.break_off()
        if self.board.show_once("trigger-lost"):
            self.plc.miss_one()

    def _tell(self) -> None:
        """The PLC and the supervisor are told what the line stands on."""
        if self.policy is not self.summed:  # rarely, and never in a cycle
            self.summed, self.checksum = self.policy, self.policy.word
        condition = self.modes.condition()._replace(faults=self._warn(), checksum=self.checksum)
        self.plc.condition = self.changeover.on(condition)
        self.heartbeat.show(self.modes.mode, self.plc.session, self.plc.faults)

    def finish(self) -> None:
        """Stopped in order: take leave of the PLC, and record what became of the last verdicts."""
        self.plc.close()
        self._hear()

    @property
    def whole(self) -> bool:
        """Whether the mode is FULL."""
        return self.modes.mode is Mode.FULL

    def adopt(self, recipe: int, judges: Judges) -> None:
        """Another recipe is in force from the next part on."""
        self.rules, self.policy = judges
        self.expected = (self.acquisition.count, len(self.rules.names))
        self.journal.recipe = recipe
        self.places.adopt(self)

    def believe(self, policy: Policy) -> None:
        """Trust the scores of these engines alone, whose limits may come into force."""
        self.places.believe(policy)

    def _warn(self) -> int:
        """What the PLC is warned of while parts are judged as ever; one line at each change."""
        hot = FaultBit.ENGINE * self.engines.pace.tight  # its scores still come in time
        warned = self.warnings | hot
        if warned != self.warned:
            names = ", ".join(bit.name.lower() for bit in FaultBit if warned & bit and bit.name)
            log.warning("warning to the PLC: %s", names or "none any more")
            self.warned = warned
        return warned

    def _try_engine(self, now_ns: int) -> None:
        """Back to trusting the engine only after it scored live frames in time."""
        if self.engines.try_out(self.looks, now_ns, self.budget.budget_ns):
            self.modes.regained(Input.ENGINE)

    def _hear(self) -> None:
        for delivery in self.plc.deliveries():
            self._deliver(delivery)

    def _deliver(self, delivery: DeliveryEntry) -> None:
        if delivery.serial == NOT_TAKEN:  # the link refused this part itself: we were busy
            told = TriggerEvent(delivery.part_id, delivery.published_ns, delivery.reason)
            pulse = self.journal.refusals.find(delivery.part_id) or told
            delivery = delivery._replace(serial=self._enter(pulse))
        self.journal.deliver(delivery)
        self.budget.published(delivery.serial, delivery.published_ns)

    def _enter(self, pulse: TriggerEvent) -> int:
        """A part that the link refused gets its row; its serial."""
        part = self._begin(pulse)
        self._record_refused(part, not_inspected(pulse.reject))
        self.journal.refusals.settle(pulse)
        return part.serial

    def _record_refused(self, part: Part, verdict: Verdict) -> None:
        now_ns = time.monotonic_ns()
        self.journal.append(part, verdict, StageTimes(0, 0, 0, now_ns, now_ns), (), (), ())

    def _begin(self, pulse: TriggerEvent) -> Part:
        """Whoever comes after us neither gives its serial again nor forgets that it was begun."""
        self.serial += 1
        part = self.budget.part(pulse, self.serial)
        self.journal.begin(part)
        self.heartbeat.begin(part.serial, part.part_id)
        return part
