"""The loop's own part: which stage gets what and when, and what is done between two parts.

All devices are spies on a clock that stands still, so that edges are met to the nanosecond.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.scores import ScoreLimits
from gonogo.base.words import (
    NS_PER_MS,
    MasterAnswer,
    MasterPart,
    Mode,
    Reason,
    RuleResult,
    Score,
    Status,
    TriggerEvent,
    VerdictKind,
    ViewCapture,
    not_inspected,
)
from gonogo.config.master_part import MasterPartSection
from gonogo.ipc.fault_table import FaultBoard
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.ipc.journal import Journal, JournalReader
from gonogo.ipc.journal_records import ORDINARY, DeliveryEntry, StageTimes, VerdictEntry
from gonogo.ipc.master_part import Gate, MasterPartMemory, Phase
from gonogo.plc.handshake.state import NOT_TAKEN, Condition
from gonogo.runtime.budget import Budget, Wire
from gonogo.runtime.decide import Policy
from gonogo.runtime.judging import Judging
from gonogo.runtime.loop import Line
from gonogo.runtime.master_trial import MasterTrial
from gonogo.runtime.stages import Stages

if TYPE_CHECKING:
    from collections.abc import Callable

START_NS = 10**12
BUDGET_MS, BUDGET_NS = 200, 200 * NS_PER_MS
WIRE = Wire(scan_ms=10, poll_ms=5)
LIMITS = ScoreLimits(recheck_above=0.5, reject_above=1.0)
PASS = RuleResult(Status.PASS, 1.0, 0.0, 2.0)
FRAME: Any = "the frame"
GOOD = [ViewCapture(0, 2, START_NS, pixels=FRAME)]
NO_FRAME = [ViewCapture(0, 2, START_NS, Reason.CAMERA)]
STAGES = ("engines.begin", "acquisition.capture", "rules.check", "engines.collect", "plc.report")
AFTER = ("switch.after_part",)


STILL: dict[str, Any] = {  # what a stage answers where nothing is amiss
    "engines.begin": None,
    "acquisition.capture": GOOD,
    "rules.check": [PASS],
    "engines.collect": [None],
    "plc.report": None,
    "switch.after_part": None,
}


class Clock:
    """Stands in for `time`: moves when somebody sleeps, or a test says so."""

    def __init__(self) -> None:
        self.now_ns = START_NS

    def monotonic_ns(self) -> int:
        """The same until it is moved."""
        return self.now_ns

    def sleep(self, seconds: float) -> None:
        """Sleep for exactly that long."""
        assert seconds > 0
        self.now_ns += round(seconds * 1e9)


class Spy:
    """Anything: notes each call, and answers with the attribute that a test has set for it."""

    def __init__(self, name: str, calls: list[tuple[str, tuple[Any, ...]]], **answers: Any) -> None:  # noqa: ANN401 - anything
        self._name = name
        self._calls = calls
        self._answers = answers
        for key in [key for key in answers if key.startswith("is_")]:
            setattr(self, key[3:], answers.pop(key))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """A method of that name."""

        def call(*args: Any, **keys: Any) -> Any:  # noqa: ANN401 - anything
            self._calls.append((f"{self._name}.{name}", (*args, *keys.values())))
            answer = self._answers.get(name)
            return answer(*args) if callable(answer) else answer

        return call

    def will(self, **answers: Any) -> None:  # noqa: ANN401 - anything
        """Answer so from now on; a callable is asked."""
        self._answers |= answers


class Bench:
    """A line whose every stage is a spy; journal, heartbeat, budget and fault board are real."""

    def __init__(self, station: str, clock: Clock, limits: tuple[ScoreLimits | None, ...]) -> None:
        self.clock = clock
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.acquisition = self._spy(
            "acquisition", capture=GOOD, probe=False, messages=(), is_count=1
        )
        self.engines = self._spy(
            "engines",
            collect=[None for _ in limits],
            is_host=self._spy("host", is_ready=True, is_gains=False),
            is_between=self._spy("between", try_out=False),
            is_pace=self._spy("pace", is_tight=False),
        )
        self.between, self.host = self.engines.between, self.engines.host
        self.rules = self._spy("rules", check=[PASS], is_names=("hole",))
        self.plc = self._spy(
            "plc",
            deliveries=(),
            is_session=7,
            is_faults=0,
            is_clears=0,
            is_hung=False,
            is_recipe_wanted=0,
            is_condition=None,
        )
        self.changeover = self._spy("changeover", on=lambda condition, _: condition, is_changing=0)
        self.switch = self._spy(
            "switch",
            carry_out=lambda judging, _: judging,
            is_trust=self._spy("trust", adopt=lambda judging: judging),
            is_clients=(self.engines,),
        )
        self.trigger = self._spy("trigger", wait=None)
        self.journal, self.heartbeat = Journal.create(station), Heartbeat.create(station)
        self.board = FaultBoard.create(station)
        self.memory = MasterPartMemory.create(station)
        section = MasterPartSection()
        self.master_part = MasterTrial(self.memory, self.journal, section, 0, clock.monotonic_ns)
        self.policy = Policy(limits, VerdictKind.ACCEPT)
        self.judging = Judging(self.rules, self.policy, recipe=4)
        self.heat: Any = None
        self.line = self.make()

    def _spy(self, name: str, **answers: Any) -> Any:  # noqa: ANN401 - stands for any stage
        return Spy(name, self.calls, **answers)

    def make(self, **keys: Any) -> Line:  # noqa: ANN401 - options of Line
        """A line over these stages."""
        stages = Stages(
            self.trigger,
            self.acquisition,
            self.switch,
            self.plc,
            self.journal,
            self.heartbeat,
            self.board,
            self.master_part,
            self.clock,
            heat=self.heat,
        )
        return Line(stages, Budget(BUDGET_MS, WIRE), self.judging, self.changeover, **keys)

    def called(self, *names: str) -> list[tuple[Any, ...]]:
        """The arguments of each call of these."""
        return [args for name, args in self.calls if name in names]

    def order(self, *names: str) -> list[str]:
        """These names, as they were called."""
        return [name for name, _ in self.calls if name in names]

    def entries(self) -> list[VerdictEntry]:
        """Judged parts in the journal."""
        return [e for e in JournalReader(self.journal) if isinstance(e, VerdictEntry)]


@pytest.fixture
def clock() -> Clock:
    """The loop's time stands still."""
    return Clock()


@pytest.fixture
def bench(station: str, clock: Clock) -> Bench:
    """One view, judged by rules and an engine that has not proven itself yet."""
    return Bench(station, clock, (LIMITS,))


@pytest.fixture
def plain(station: str, clock: Clock) -> Bench:
    """One view, judged by rules alone."""
    return Bench(station, clock, (None,))


def pulse(part_id: int = 9, ago_ns: int = 0) -> TriggerEvent:
    """A trigger so long before the time that stands still."""
    return TriggerEvent(part_id, START_NS - ago_ns)


# -- one part ----------------------------------------------------------------------------


def test_cycle_calls_its_stages_in_order_and_hands_each_what_it_needs(plain: Bench) -> None:
    """Frames to the rules, the engine's deadline to the engine, everything to the places."""
    verdict = plain.line.take(pulse())
    assert plain.order(*STAGES, *AFTER) == [*STAGES, *AFTER]
    ((part,),) = plain.called("engines.begin")
    assert plain.called("rules.check") == [([FRAME], part.part_id)]
    assert plain.called("engines.collect") == [(part.engine_deadline_ns,)]
    assert plain.called("plc.report") == [(part, verdict)]
    assert plain.called("switch.after_part") == [((part, GOOD, [PASS]), verdict)]
    assert (verdict.kind, verdict.mode) == (VerdictKind.ACCEPT, Mode.FULL)
    assert plain.entries()[0].recipe == 4


@pytest.mark.parametrize(
    ("left_ns", "kind", "reason"),
    [
        (1, VerdictKind.ACCEPT, Reason.OK),
        (0, VerdictKind.REJECT, Reason.DEADLINE),
        (-1, VerdictKind.REJECT, Reason.DEADLINE),
    ],
)
def test_cycle_rejects_a_part_that_is_decided_at_its_deadline(
    plain: Bench, left_ns: int, kind: VerdictKind, reason: Reason
) -> None:
    """The last stage took until then: at the deadline is late."""

    def collect(_: int) -> list[Score | None]:
        plain.clock.now_ns = START_NS + BUDGET_NS - left_ns
        return [None]

    plain.engines.will(collect=collect)
    assert plain.line.take(pulse())[:2] == (kind, reason)


def test_cycle_asks_an_engine_only_while_its_score_would_be_trusted(bench: Bench) -> None:
    """Before it has proven itself nobody waits for it."""
    bench.engines.ask = "ask by index"
    bench.line.take(pulse(1))
    bench.between.will(try_out=True)
    bench.line.settle()
    bench.line.take(pulse(2))
    assert [args[1] for args in bench.called("acquisition.capture")] == [None, "ask by index"]


def test_cycle_notes_what_the_modes_live_on(plain: Bench) -> None:
    """Three parts without a frame: the camera is lost, and the PLC is told."""
    plain.acquisition.will(capture=NO_FRAME)
    for part_id in (1, 2, 3):
        plain.line.take(pulse(part_id))
    plain.line.settle()
    assert plain.line.modes.mode is Mode.SAFE
    assert not plain.plc.condition.camera_ok


def test_cycle_teaches_the_budget_how_long_a_report_takes(plain: Bench) -> None:
    """From the decision to the wire, as the link tells it later."""
    for serial in range(1, 129):
        plain.line.take(pulse(serial))
        plain.plc.will(deliveries=(delivery(serial, START_NS + 5 * NS_PER_MS),))
        plain.line.settle()
    assert plain.line.budget.reserve_ns == WIRE.worst_ns + 10 * NS_PER_MS


def delivery(serial: int, published_ns: int) -> DeliveryEntry:
    """A verdict that the PLC has acknowledged."""
    return DeliveryEntry(
        serial, serial, 1, published_ns, published_ns, True, VerdictKind.ACCEPT, Reason.OK  # noqa: FBT003
    )  # fmt: skip


@pytest.mark.parametrize(
    ("ago_ns", "judged"), [(BUDGET_NS // 2 - 1, True), (BUDGET_NS // 2, False)]
)
def test_take_judges_a_part_until_half_of_its_budget(
    plain: Bench, ago_ns: int, *, judged: bool
) -> None:
    """At the camera's deadline there is no frame to be had any more."""
    verdict = plain.line.take(pulse(ago_ns=ago_ns))
    assert (verdict.reason is Reason.OK) is judged
    assert bool(plain.called("acquisition.capture")) is judged


def test_take_refuses_parts_while_the_recipe_is_being_changed(plain: Bench) -> None:
    """Judged by neither: said so at once, to the PLC and to the journal."""
    plain.changeover.changing = 5
    verdict = plain.line.take(pulse(9))
    assert verdict == not_inspected(Reason.RECIPE)
    ((part, reported),) = plain.called("plc.report")
    (entry,) = plain.entries()
    assert reported is verdict
    assert (part.part_id, entry.reason) == (9, Reason.RECIPE)
    assert entry.stamps == StageTimes(0, 0, 0, START_NS, START_NS)
    assert plain.heartbeat.part_id == 9, "whoever comes after must not use its id again"
    assert plain.called("acquisition.capture") == []


def test_not_inspected_has_no_score() -> None:
    """Zero, safe, and neither side has said anything."""
    assert not_inspected(Reason.OVERRATE) == (
        VerdictKind.NOT_INSPECTED,
        *(Reason.OVERRATE, 0, Mode.SAFE),
        *(VerdictKind.NONE, VerdictKind.NONE),
    )


def test_take_says_which_part_it_has_begun(plain: Bench) -> None:
    """Before anything is done about it."""
    begun: list[tuple[int, bool]] = []

    def capture(*_: object) -> list[ViewCapture]:
        begun.append((plain.heartbeat.part_id, plain.journal.in_hand))
        return GOOD

    plain.acquisition.will(capture=capture)
    plain.line.take(pulse(9))
    assert begun == [(9, True)]
    assert not plain.journal.in_hand


@pytest.mark.parametrize("own_eye", [True, False])
def test_take_tells_the_plc_of_parts_that_it_does_not_know_of(
    plain: Bench, *, own_eye: bool
) -> None:
    """Those of the station's own photo-eye, with the time at which they were there."""
    line = plain.make(own_eye=own_eye)
    line.take(pulse(9, ago_ns=5))
    assert plain.called("plc.seen") == ([(9, START_NS - 5)] if own_eye else [])


def test_pulse_of_the_plc_is_never_taken_for_a_bounce(plain: Bench) -> None:
    """The PLC repeats an id when it means it; the handshake has looked at it already."""
    for _ in range(2):
        plain.line.triggered(pulse(9))
    assert len(plain.called("plc.report")) == 2
    assert plain.line.bounces == 0


# -- a part that is known to be good or bad ----------------------------------------------


def armed(bench: Bench, part: MasterPart) -> None:
    """The next part that comes is the one."""
    bench.plc.enabled, bench.switch.exchanging = True, False
    number = bench.memory.ask(part)
    bench.line.settle()
    bench.memory.kept = number
    bench.line.settle()
    assert bench.memory.request.phase is Phase.ARMED


def test_cycle_never_tells_the_plc_to_accept_a_known_bad_part(plain: Bench) -> None:
    """Same stages in the same order; the gate is closed by then, and the row says what it was."""
    closed: list[bool] = []
    plain.plc.will(report=lambda *_: closed.append(plain.memory.closed))
    armed(plain, MasterPart.BAD)
    plain.calls.clear()
    verdict = plain.line.take(pulse())
    assert plain.order(*STAGES, *AFTER) == [*STAGES, *AFTER]
    assert verdict[:2] == (VerdictKind.REJECT, Reason.MASTER_PART)
    assert verdict.rules is VerdictKind.ACCEPT
    ((_, told),) = plain.called("plc.report")
    assert told is verdict
    assert closed == [True]
    (entry,) = plain.entries()
    assert (entry.kind, entry.reason) == verdict[:2]
    assert entry.master == (MasterPart.BAD, MasterAnswer.WRONG)


def test_take_lets_no_part_pass_behind_a_closed_gate(plain: Bench) -> None:
    """Not inspected, with a reason of its own, and without a permit; the known one is judged."""
    plain.memory.places[MasterPart.BAD].close_gate(Gate.UNKNOWN, 1)
    assert plain.line.take(pulse(1)) == not_inspected(Reason.MASTER_PART)
    assert plain.called("acquisition.capture") == []
    plain.line.settle()
    modes = [plain.line.modes.mode]
    assert not plain.plc.condition.proven
    armed(plain, MasterPart.BAD)
    plain.rules.will(check=[PASS._replace(status=Status.FAIL)])
    assert plain.line.take(pulse(2))[:2] == (VerdictKind.REJECT, Reason.RULE)
    plain.line.settle()
    modes.append(plain.line.modes.mode)
    assert modes == [Mode.SAFE, Mode.FULL]
    assert plain.plc.condition.proven
    assert plain.line.take(pulse(3))[:2] == (VerdictKind.REJECT, Reason.RULE)
    known = [entry.master for entry in plain.entries()]
    assert known == [ORDINARY, (MasterPart.BAD, MasterAnswer.RIGHT), ORDINARY]


@pytest.mark.parametrize(
    ("event", "changing", "reason"),
    [
        (pulse(), 0, Reason.OVERRATE),
        (pulse(ago_ns=-BUDGET_NS)._replace(reject=Reason.TRIGGER), 0, Reason.TRIGGER),
        (pulse(ago_ns=-BUDGET_NS), 2, Reason.RECIPE),
    ],
)
def test_take_voids_a_known_part_that_is_not_inspected(
    plain: Bench, event: TriggerEvent, changing: int, reason: Reason
) -> None:
    """It was the one, and proves nothing: the part after it is a part like any other."""
    armed(plain, MasterPart.BAD)
    plain.clock.now_ns += BUDGET_NS
    plain.changeover.changing = changing
    assert plain.line.take(event) == not_inspected(reason)
    assert plain.memory.request.phase is Phase.VOID
    assert plain.memory.reason is reason
    assert not plain.memory.closed
    (entry,) = plain.entries()
    assert entry.master == (MasterPart.BAD, MasterAnswer.VOID)
    plain.changeover.changing = 0
    assert plain.line.take(pulse(10, -BUDGET_NS)).kind is VerdictKind.ACCEPT


def test_settle_voids_a_known_part_that_the_link_refused_itself(plain: Bench) -> None:
    """One waited already: whoever came first after the request was told as not inspected."""
    armed(plain, MasterPart.BAD)
    plain.journal.refusals.add(TriggerEvent(9, START_NS))
    plain.plc.will(deliveries=(delivery(NOT_TAKEN, START_NS)._replace(part_id=9),))
    plain.line.settle()
    plain.plc.will(deliveries=())
    assert plain.memory.request.phase is Phase.VOID
    assert plain.memory.reason is Reason.OVERRATE
    assert plain.line.take(pulse(10)).kind is VerdictKind.ACCEPT


class Killed(BaseException):
    """The process ends here: no handler of ours sees it."""


def killed(*_: object) -> None:
    """A stage in which the line is killed."""
    raise Killed


BEFORE = ("engines.begin", "acquisition.capture", "rules.check", "engines.collect")
AFTERWARDS = ("plc.report", "switch.after_part")


@pytest.mark.parametrize("place", [*BEFORE, *AFTERWARDS])
def test_line_that_takes_over_has_not_forgotten_a_wrong_answer(plain: Bench, place: str) -> None:
    """Wherever the line before it was killed; and waits for no part that that one waited for."""
    stage, call = place.split(".")
    armed(plain, MasterPart.BAD)
    getattr(plain, stage).will(**{call: killed})
    with pytest.raises(Killed):
        plain.line.take(pulse(1))
    getattr(plain, stage).will(**{call: STILL[place]})
    told = [verdict.kind for _, verdict in plain.called("plc.report")]
    assert VerdictKind.ACCEPT not in told
    plain.journal.master = ORDINARY.word  # as in another process
    section = MasterPartSection()
    plain.master_part = MasterTrial(plain.memory, plain.journal, section, 0, lambda: START_NS)
    plain.line = plain.make()
    assert plain.memory.request.phase is Phase.VOID
    assert plain.memory.closed is (place in AFTERWARDS)
    verdict = plain.line.take(pulse(2))
    expected = Reason.MASTER_PART if place in AFTERWARDS else Reason.OK
    assert verdict.reason is expected
    assert plain.entries()[-1].master == ORDINARY


def test_finish_waits_for_no_known_part_any_more(plain: Bench) -> None:
    """The station is stopped in order: records is still there to keep that."""
    armed(plain, MasterPart.GOOD)
    plain.line.finish()
    assert plain.memory.request.phase is Phase.VOID


def test_recipe_can_be_changed_behind_a_closed_gate(bench: Bench) -> None:
    """The wrong recipe may be why the answer was wrong."""
    bench.memory.places[MasterPart.GOOD].close_gate(Gate.WRONG, 1)
    bench.between.will(try_out=True)
    bench.line.settle()
    bench.line.settle()
    assert bench.line.modes.mode is Mode.SAFE
    assert bench.called("changeover.advance")[-1][-1] is True


# -- between two parts -------------------------------------------------------------------


def test_settle_tells_everybody_what_time_it_is(plain: Bench) -> None:
    """The link lives on it, and whoever watches the heartbeat."""
    plain.plc.recipe_wanted = 6
    plain.line.settle()
    assert plain.called("plc.alive") == [(START_NS,)]
    trial = ((), BUDGET_NS, START_NS)
    assert plain.called("switch.carry_out") == [(plain.judging, trial, False)]
    assert plain.called("changeover.advance") == [(4, 6, plain.engines, START_NS, True)]
    assert plain.heartbeat.alive_ns == START_NS
    assert (plain.heartbeat.mode, plain.heartbeat.session) == (Mode.FULL, 7)


def test_settle_shows_the_mode_that_the_line_is_in(bench: Bench) -> None:
    """An engine that has not proven itself is no FULL station."""
    bench.line.settle()
    assert bench.heartbeat.mode is Mode.RULES_ONLY


def test_settle_enters_a_part_that_the_link_refused_as_the_link_has_seen_it(plain: Bench) -> None:
    """Its trigger and its reason are those of the refusal, and it is open no longer."""
    refused = TriggerEvent(9, START_NS - 70, Reason.PART_ID)
    plain.journal.refusals.add(refused)
    told = delivery(NOT_TAKEN, START_NS)._replace(part_id=9, reason=Reason.OVERRATE)
    plain.plc.will(deliveries=(told,))
    plain.line.settle()
    (entry,) = plain.entries()
    assert (entry.part.part_id, entry.part.trigger_ns) == (9, START_NS - 70)
    assert entry.reason is Reason.PART_ID
    assert plain.journal.refusals.open() == []


@pytest.mark.parametrize("works", [True, False])
def test_settle_regains_an_engine_by_a_trial_alone(bench: Bench, *, works: bool) -> None:
    """On the frames of the last part, within a part's budget; and no trial once it is trusted."""
    bench.line.take(pulse())
    bench.between.will(try_out=works)
    for _ in range(2):
        bench.line.settle()
    tries = bench.called("between.try_out")
    assert tries == [(GOOD, START_NS, BUDGET_NS)] * (1 if works else 2)
    assert bench.line.modes.ask_engine is works
    assert bench.plc.condition.engine_ok is works


def test_settle_tries_an_engine_before_the_first_part_without_frames(bench: Bench) -> None:
    """There is nothing to show it yet."""
    bench.line.settle()
    assert bench.called("between.try_out") == [((), START_NS, BUDGET_NS)]


def test_settle_loses_an_engine_that_is_gone(bench: Bench) -> None:
    """Before the next part could wait for it."""
    bench.between.will(try_out=True)
    bench.line.settle()
    bench.between.will(try_out=False)
    bench.host.ready = False
    bench.line.settle()
    assert not bench.line.modes.ask_engine
    assert bench.plc.condition.degraded


@pytest.mark.parametrize("limits", [(LIMITS, None), (None, LIMITS)])
def test_line_is_degraded_without_the_engine_of_any_view(
    station: str, clock: Clock, limits: tuple[ScoreLimits | None, ...]
) -> None:
    """One view with an engine is enough to miss it."""
    assert Bench(station, clock, limits).line.modes.try_engine


def test_settle_tries_no_camera_that_works(plain: Bench) -> None:
    """A trial frame costs time, and the slot of a part."""
    plain.acquisition.will(probe=True)
    plain.line.settle()
    assert plain.called("acquisition.probe") == []


@pytest.mark.parametrize("sees", [True, False])
def test_settle_regains_a_camera_exactly_when_its_trial_went_well(
    plain: Bench, *, sees: bool
) -> None:
    """It is shown to the PLC at once; the trial is a part that nobody triggered, now."""
    plain.acquisition.will(capture=NO_FRAME, probe=sees)
    for part_id in (1, 2, 3):
        plain.line.take(pulse(part_id))
    plain.line.settle()
    ((part,),) = plain.called("acquisition.probe")
    assert (part.part_id, part.trigger_ns) == (0, START_NS)
    assert plain.plc.condition.camera_ok is sees
    assert (plain.line.modes.mode is Mode.FULL) is sees


@pytest.mark.parametrize(
    ("kind", "call"), [("plc-reset", "plc.break_off"), ("trigger-lost", "plc.miss_one")]
)
def test_settle_shows_the_faults_of_the_link_once(plain: Bench, kind: str, call: str) -> None:
    """Those that were asked for, and no other."""
    plain.line.settle()
    assert plain.called("plc.break_off", "plc.miss_one") == []
    plain.board.set(kind, None, 0.0)
    for _ in range(2):
        plain.line.settle()
    assert plain.order("plc.break_off", "plc.miss_one") == [call]


def test_settle_writes_what_the_cameras_said(
    plain: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """Outside of the cycle."""
    plain.acquisition.will(messages=("view 'top', part 3: GN201: no frame",))
    plain.line.settle()
    assert "view 'top', part 3: GN201: no frame" in caplog.messages


def test_settle_warns_of_nothing_at_the_start(
    plain: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """No bit, no line."""
    plain.line.settle()
    assert plain.plc.condition.faults == Condition().faults == 0
    assert caplog.messages == []


def test_rest_queues_the_next_frame_and_lets_the_other_place_judge(plain: Bench) -> None:
    """What may take a moment."""
    plain.line.rest()
    names = ["acquisition.queue", "switch.judge_in_shadow"]
    assert plain.order(*names) == names
    assert plain.called("switch.judge_in_shadow") == [(plain.judging, START_NS)]


@pytest.mark.parametrize("trusted", [True, False])
def test_rest_keeps_an_engine_warm_that_is_trusted(bench: Bench, *, trusted: bool) -> None:
    """A tenth of a second after the last part, on its frames; a lost one is being tried anyway."""
    bench.host.gains = True
    bench.between.will(try_out=trusted, ask_all=True)
    bench.engines.will(collect=[Score(0, 0.1, 0, 0, 1)])
    bench.line.settle()
    bench.line.take(pulse(1))
    bench.clock.now_ns += 99 * NS_PER_MS
    bench.line.rest()
    assert bench.called("between.ask_all") == []
    bench.clock.now_ns += 1 * NS_PER_MS
    bench.line.rest()
    asked = bench.called("between.ask_all")
    assert asked == ([(GOOD, START_NS + 200 * NS_PER_MS)] if trusted else [])


def test_recipe_that_has_come_judges_the_next_part(plain: Bench) -> None:
    """New rules, new limits, its number in the journal, and a heartbeat that expects the rules."""
    plain.line.take(pulse(1))
    rules: Any = Spy("new", plain.calls, check=[PASS, PASS], is_names=("hole", "ring"))
    policy = Policy((LIMITS,), VerdictKind.RECHECK)

    def advance(*_: object) -> Judging:
        plain.changeover.changing = 0
        return Judging(rules, policy, recipe=5, slot=1)

    plain.changeover.changing = 5
    plain.changeover.will(advance=advance, policy=lambda judging: judging.policy)
    plain.line.settle()
    plain.clock.now_ns += NS_PER_MS
    verdict = plain.line.take(pulse(2))
    assert len(plain.called("new.check")) == 1
    assert verdict.kind is VerdictKind.RECHECK, "without an engine, as the new policy says"
    assert [entry.recipe for entry in plain.entries()] == [4, 5]
    assert plain.heartbeat.broken == 1, "the first: here no time passes, so it was too fast"
    assert plain.heartbeat.cycles == 1
    assert plain.line.judging == (rules, policy, 5, 0), "in the slot that judges, whatever it says"
    steps = ("trust.believe", "trust.adopt")
    assert plain.order(*steps)[-2:] == list(steps), "whose scores are trusted, and at once"
    assert plain.called("trust.believe")[-1] == (policy,)


def test_recipe_on_its_way_is_the_one_whose_engine_is_believed(plain: Bench) -> None:
    """Parts are refused meanwhile; its engine must be heard to be tried out."""
    coming = Policy((LIMITS,), VerdictKind.RECHECK)

    def advance(*_: object) -> None:
        plain.changeover.changing = 5

    plain.changeover.will(advance=advance, policy=coming)
    for _ in range(2):
        plain.line.settle()
    assert plain.called("trust.believe") == [(plain.policy,), (coming,)], "told once"
    assert [args[2] for args in plain.called("switch.carry_out")] == [False, True]
    assert plain.line.judging == plain.judging


def test_recipe_that_is_given_up_leaves_the_engine_of_the_one_in_force_believed(
    plain: Bench,
) -> None:
    """And nothing else of what judges is touched."""

    def advance(*_: object) -> None:
        plain.changeover.changing = 5 - plain.changeover.changing

    plain.changeover.will(advance=advance, policy=lambda judging: judging.policy)
    for _ in range(2):
        plain.line.settle()
    assert plain.called("trust.believe") == [(plain.policy,)] * 3
    assert plain.called("trust.adopt") == []
    assert plain.line.judging == plain.judging


@pytest.mark.parametrize("proven", [True, False])
def test_recipe_is_in_force_by_a_proof_of_the_new_engine_alone(
    bench: Bench, *, proven: bool
) -> None:
    """FULL of the former engine, whose process has ended meanwhile, is none."""
    bench.between.will(try_out=True)
    bench.line.settle()
    bench.host.ready = proven
    bench.between.will(try_out=False)
    bench.line.settle()
    assert [args[4] for args in bench.called("changeover.advance")] == [True, proven]


def test_engine_switched_judges_the_next_part(bench: Bench) -> None:
    """The value that comes back is in force at once: limits and slot, and nothing else."""
    other = bench._spy("other", collect=[None], is_host=bench.host, is_between=bench.between)
    other.pace = bench.engines.pace
    bench.switch.clients = (bench.engines, other)
    policy = bench.policy._replace(checksum=77)
    bench.switch.will(carry_out=lambda judging, _: judging._replace(policy=policy, slot=1))
    bench.line.settle()
    assert bench.line.engines is other
    assert bench.line.judging == (bench.rules, policy, 4, 1)
    assert bench.plc.condition.checksum == policy.word
    bench.line.take(pulse(1))
    assert len(bench.called("other.begin")) == 1


# -- for ever ----------------------------------------------------------------------------


class Process:
    """A child that is asked to stop after so many turns."""

    def __init__(self, turns: int, calls: list[tuple[str, tuple[Any, ...]]]) -> None:
        self.left = turns
        self.acknowledged = 3  # before this line began
        self.stop = self
        self._calls = calls

    @property
    def asked(self) -> bool:
        """Whether the turns are over."""
        self.left -= 1
        return self.left < 0

    def warnings(self) -> int:
        """What others want the PLC to be warned of."""
        return 4

    def beat(self) -> None:
        """Noted."""
        self._calls.append(("process.beat", ()))

    def acknowledge(self) -> None:
        """Noted."""
        self._calls.append(("process.acknowledge", ()))


def run(bench: Bench, pulses: list[TriggerEvent | None], process: Any = None) -> None:  # noqa: ANN401 - a Process
    """A turn for each of these."""
    process = process or Process(len(pulses), bench.calls)
    left = list(pulses)
    bench.trigger.will(wait=lambda _: left.pop(0))
    bench.line.run(process)
    assert left == []


def test_run_takes_each_part_and_rests_only_without_one(plain: Bench) -> None:
    """Right after a part its verdict is on the wire; then nothing else is due."""
    run(plain, [pulse(1), None, pulse(2)])
    names = ("trigger.wait", "plc.report", "acquisition.queue", "plc.alive", "process.beat")
    assert plain.order(*names) == [
        "trigger.wait", "plc.report", "plc.alive", "process.beat",
        "trigger.wait", "acquisition.queue", "plc.alive", "process.beat",
        "trigger.wait", "plc.report", "plc.alive", "process.beat",
    ]  # fmt: skip
    assert plain.called("trigger.wait")[0] == (START_NS + 5 * NS_PER_MS,)
    assert plain.plc.condition.faults == 4


def test_run_beats_no_more_while_the_link_thread_hangs(plain: Bench) -> None:
    """The supervisor ends such a line: only a new process gets the device back."""
    plain.plc.hung = True
    run(plain, [None, None])
    assert plain.order("process.beat") == []
    plain.plc.hung = False
    run(plain, [None])
    assert plain.order("process.beat") == ["process.beat"]


def test_run_ends_when_it_is_asked_to(plain: Bench) -> None:
    """No further part is waited for."""
    plain.calls.clear()
    run(plain, [])
    assert plain.calls == []


def test_run_passes_a_cleared_fault_on_once(plain: Bench) -> None:
    """The PLC has said that somebody looked: at each such command, and not at the start."""
    run(plain, [None])
    assert plain.order("process.acknowledge") == []
    plain.plc.clears = 1
    run(plain, [None, None])
    assert plain.order("process.acknowledge") == ["process.acknowledge"]


def test_run_has_the_link_clear_its_faults_at_each_acknowledgement(plain: Bench) -> None:
    """Somebody stands at the box: once for each time, and not for those before this line."""
    process = Process(4, plain.calls)
    seen: list[int] = []

    def turn(_: int) -> None:
        seen.append(len(plain.called("plc.clear")))
        process.acknowledged += len(seen) == 2

    run(plain, [None] * 4, process)
    assert plain.called("plc.clear") == []
    process.left = 4
    plain.trigger.will(wait=turn)
    plain.line.run(process)  # type: ignore[arg-type]  # of a kind
    assert seen == [0, 0, 1, 1]
    assert len(plain.called("plc.clear")) == 1


def test_finish_takes_leave_and_then_hears_what_became_of_the_last_parts(plain: Bench) -> None:
    """The link tells of them while it closes: they belong into the journal, too."""
    plain.line.take(pulse(1))
    plain.plc.will(deliveries=lambda: (delivery(1, START_NS),))
    plain.line.finish()
    assert plain.order("plc.close", "plc.deliveries") == ["plc.close", "plc.deliveries"]
    told = [e for e in JournalReader(plain.journal) if isinstance(e, DeliveryEntry)]
    assert [(entry.serial, entry.delivered) for entry in told] == [(1, True)]


def test_settle_shows_the_checksum_of_the_policy_in_force(plain: Bench) -> None:
    """From the very first turn, and with the turn after it has changed."""
    plain.line.settle()
    assert plain.plc.condition.checksum == plain.policy.word
    other = Policy((LIMITS,), VerdictKind.RECHECK)
    assert other.word != plain.policy.word
    plain.switch.will(carry_out=lambda judging, _: judging._replace(policy=other))
    plain.line.settle()
    assert plain.plc.condition.checksum == other.word


# -- after another line ------------------------------------------------------------------


def test_line_goes_on_after_the_serial_that_the_journal_has_begun(plain: Bench) -> None:
    """A line that died with a part in hand had begun it there first."""
    plain.journal.begin(plain.line.budget.part(pulse(41), serial=17))
    heir = plain.make()
    heir.take(pulse(42))
    assert plain.entries()[-1].part.serial == 18


def test_line_enters_the_parts_that_were_refused_before_it(plain: Bench) -> None:
    """The link had told the PLC; the row is missing. Once, with the reason that was told."""
    refused = TriggerEvent(41, START_NS - 7, Reason.PART_ID)
    plain.journal.refusals.add(refused)
    plain.make()
    (entry,) = plain.entries()
    assert (entry.part.part_id, entry.part.trigger_ns) == (41, START_NS - 7)
    assert (entry.kind, entry.reason) == (VerdictKind.NOT_INSPECTED, Reason.PART_ID)
    plain.make()
    assert len(plain.entries()) == 1


def test_line_trusts_the_engines_of_its_policy(plain: Bench) -> None:
    """From the beginning."""
    assert plain.called("trust.believe") == [(plain.policy,)]


# -- before the first part ---------------------------------------------------------------


def test_warm_up_looks_and_checks_three_times(plain: Bench) -> None:
    """Without a part; where no engine judges, nothing is tried."""
    plain.line.warm_up()
    parts = [args[0] for args in plain.called("acquisition.capture")]
    assert [(part.part_id, part.trigger_ns) for part in parts] == [(0, START_NS)] * 3
    assert plain.called("rules.check") == [([FRAME],)] * 3
    assert plain.called("between.try_out") == []
    assert plain.line.captures == GOOD


def test_warm_up_tries_the_engine_for_two_budgets(bench: Bench) -> None:
    """Every 2 ms, on the frames that it has just taken; then the station begins without it."""
    bench.line.warm_up()
    tries = bench.called("between.try_out")
    assert len(tries) == 2 * BUDGET_MS // 2
    assert tries[0] == (GOOD, START_NS, BUDGET_NS)
    assert bench.line.modes.try_engine


def test_warm_up_takes_the_engine_s_limits_before_it_is_tried(bench: Bench) -> None:
    """Else its first scores would be those of a stranger, and told as such."""
    bench.line.warm_up()
    assert bench.order("switch.carry_out", "between.try_out")[:4] == [
        "switch.carry_out", "between.try_out", "switch.carry_out", "between.try_out",
    ]  # fmt: skip


def test_warm_up_ends_when_the_engine_has_proven_itself(bench: Bench) -> None:
    """At its second trial, here."""
    answers = [False, True]
    bench.between.will(try_out=lambda *_: answers.pop(0))
    bench.line.warm_up()
    assert answers == []
    assert bench.line.modes.ask_engine
