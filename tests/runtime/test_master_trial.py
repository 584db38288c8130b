"""A request for a known part, step by step, on a clock that stands still."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from gonogo.base.words import (
    NS_PER_MS,
    MasterAnswer,
    MasterPart,
    Mode,
    Part,
    Reason,
    RuleResult,
    Status,
    TriggerEvent,
    Verdict,
    VerdictKind,
    not_inspected,
)
from gonogo.config.master_part import MasterPartSection
from gonogo.ipc.journal import Journal
from gonogo.ipc.journal_records import ORDINARY, Mastered
from gonogo.ipc.master_part import Gate, MasterPartMemory, Phase, Why
from gonogo.runtime.decide import Policy
from gonogo.runtime.judging import Judging
from gonogo.runtime.master_due import NS_PER_S
from gonogo.runtime.master_trial import KEPT_NS, LATE_NS, MasterTrial, Standing, quiet_ns
from gonogo.runtime.modes import Input, Modes

if TYPE_CHECKING:
    from collections.abc import Callable

GOOD, BAD, NONE = MasterPart.GOOD, MasterPart.BAD, MasterPart.NONE
START_NS = 10**12
WITHIN_NS = 60 * NS_PER_S
ACCEPTED = Verdict(
    VerdictKind.ACCEPT, Reason.OK, 100, Mode.FULL, VerdictKind.ACCEPT, VerdictKind.ACCEPT
)
FOUND = ACCEPTED._replace(kind=VerdictKind.REJECT, reason=Reason.RULE, rules=VerdictKind.REJECT)


class Around(NamedTuple):
    """What a line stands on, as a test wants it."""

    modes: Modes
    changeover: SimpleNamespace
    engines: SimpleNamespace
    plc: SimpleNamespace

    @property
    def standing(self) -> Standing:
        """As the trial asks for it."""
        its: Any = (self.modes, self.changeover, self.engines, self.plc)
        return Standing(*its)


def around() -> Around:
    """All is well."""
    return Around(
        Modes(judged=False),
        SimpleNamespace(changing=0),
        SimpleNamespace(exchanging=False),
        SimpleNamespace(enabled=True),
    )


class Bench:
    """A trial whose records answer when a test lets them."""

    def __init__(self, station: str, **section: Any) -> None:  # noqa: ANN401 - of a section
        self.memory = MasterPartMemory.create(station)
        self.journal = Journal.create(station, 8)
        self.now_ns = START_NS
        self.around = around()
        self.section = MasterPartSection.model_validate(section)
        self.quiet_ns = 0
        rules: Any = SimpleNamespace(names=("hole",))
        self.judging = Judging(rules, Policy((None,), VerdictKind.ACCEPT))
        self.trial = self.line()
        self.serial = 0

    def line(self) -> MasterTrial:
        """As a line has it that begins."""
        return MasterTrial(
            self.memory, self.journal, self.section, self.quiet_ns, lambda: self.now_ns
        )

    def look(self, later_ns: int = 0) -> None:
        """Between two parts, so much later."""
        self.now_ns += later_ns
        self.trial.look(self.now_ns, self.judging, self.around.standing)

    def asked(self, part: MasterPart) -> int:
        """Somebody asks, and nothing stands in the way: armed."""
        number = self.memory.ask(part)
        self.look()
        self.memory.kept = number
        self.look()
        assert self.memory.request.phase is Phase.ARMED
        return number

    def passes(self, verdict: Verdict, *, ago_ns: int = 0, check: Status = Status.FAIL) -> Verdict:
        """A part comes and is judged so; what the PLC is told."""
        self.serial += 1
        self.trial.meet(TriggerEvent(self.serial, self.now_ns - ago_ns))
        told = self.trial.told(verdict, [RuleResult(check, 0.0, 0.0, 0.0)])
        self.trial.conclude(Part(self.serial, self.serial, 0, 0, 0, 0))
        return told

    @property
    def state(self) -> tuple[Phase, Why]:
        """How far the last request is."""
        return self.memory.request[2:]


@pytest.fixture
def bench(station: str) -> Bench:
    """With no key of the section set."""
    return Bench(station)


# -- until it is armed -------------------------------------------------------------------


def test_request_is_armed_once_the_file_knows_of_it(bench: Bench) -> None:
    """Not before: a station that dies must come back knowing of the trial."""
    number = bench.memory.ask(BAD)
    for _ in range(3):
        bench.look(NS_PER_S)
        assert bench.state == (Phase.KEEPING, Why.NONE)
    assert bench.passes(ACCEPTED) is ACCEPTED, "not armed: a part like any other"
    bench.memory.kept = number
    bench.look(NS_PER_S)
    assert bench.state == (Phase.ARMED, Why.NONE)
    assert bench.memory.armed_ns == START_NS + 4 * NS_PER_S
    assert bench.memory.until_ns == bench.memory.armed_ns + WITHIN_NS


def test_request_that_nobody_keeps_is_refused(bench: Bench) -> None:
    """The disk is full, or records is held up."""
    bench.memory.ask(BAD)
    bench.look()
    bench.look(KEPT_NS)
    assert bench.state == (Phase.KEEPING, Why.NONE)
    bench.look(1)
    assert bench.state == (Phase.REFUSED, Why.NOT_KEPT)


def test_request_is_armed_once_the_belt_is_empty(bench: Bench) -> None:
    """While parts keep coming, nobody could say which is the one."""
    bench.quiet_ns = 100
    bench.trial = bench.line()
    number = bench.memory.ask(BAD)
    bench.look()
    bench.memory.kept = number
    for _ in range(3):
        bench.passes(ACCEPTED)
        bench.look(99)
        assert bench.state == (Phase.KEEPING, Why.NONE)
    bench.look(1)
    assert bench.state == (Phase.ARMED, Why.NONE)
    bench.passes(FOUND, ago_ns=101)
    assert bench.state == (Phase.ARMED, Why.NONE), "it was on its way before"
    bench.passes(FOUND, ago_ns=100)
    assert bench.state[0] is Phase.RIGHT, "a stamp may be as early as a poll of the PLC"


@pytest.mark.parametrize("waited_ns", [None, 60])
def test_line_that_begins_waits_until_the_belt_is_empty(
    bench: Bench, waited_ns: int | None
) -> None:
    """It knows nothing of parts before; one that waited for it to begin changes nothing."""
    bench.quiet_ns = 100
    bench.trial = bench.line()
    bench.memory.kept = bench.memory.ask(BAD)
    bench.look()
    if waited_ns is not None:
        bench.passes(ACCEPTED, ago_ns=waited_ns)
    bench.look(99)
    assert bench.state == (Phase.KEEPING, Why.NONE)
    bench.look(1)
    assert bench.state == (Phase.ARMED, Why.NONE)
    assert bench.memory.armed_ns == START_NS, "not from before the line began"


def test_request_on_a_belt_that_never_empties_is_refused(bench: Bench) -> None:
    """Whoever asks has to hold the feed."""
    bench.quiet_ns = 100
    bench.trial = bench.line()
    number = bench.memory.ask(BAD)
    bench.look()
    bench.memory.kept = number
    bench.now_ns += KEPT_NS
    bench.passes(ACCEPTED)
    bench.look(1)
    assert bench.state == (Phase.REFUSED, Why.NOT_QUIET)


@pytest.mark.parametrize(
    ("pitch_ms", "ms"), [(10.0, 500), (250.0, 500), (251.0, 502), (2500.0, 5000), (60_000.0, 5000)]
)
def test_quiet_is_as_long_as_two_parts_take_within_bounds(pitch_ms: float, ms: int) -> None:
    """A request is given up after twelve seconds."""
    assert quiet_ns(pitch_ms) == ms * NS_PER_MS
    assert quiet_ns(pitch_ms) < KEPT_NS


def lose(what: Input) -> Callable[[Around], None]:
    """An input is lost."""
    return lambda its: its.modes.stands(what, ready=False)


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (lose(Input.ENGINE), Why.ENGINE),
        (lose(Input.CAMERA), Why.CAMERA),
        (lose(Input.TIME), Why.TIME),
        (lose(Input.TRIGGER), Why.TRIGGER),
        (lambda its: vars(its.changeover).update(changing=2), Why.RECIPE),
        (lambda its: vars(its.engines).update(exchanging=True), Why.SWAP),
        (lambda its: vars(its.plc).update(enabled=False), Why.NOT_ENABLED),
    ],
)
@pytest.mark.parametrize("kept", [False, True])
def test_request_is_refused_while_no_judgement_could_come_of_it(
    bench: Bench, trouble: Callable[[Around], None], why: Why, *, kept: bool
) -> None:
    """At once, and also when it comes while the file is written."""
    number = bench.memory.ask(GOOD)
    if kept:
        bench.look()
        bench.memory.kept = number
    trouble(bench.around)
    bench.look()
    assert bench.state == (Phase.REFUSED, why)


def test_request_is_taken_while_the_gate_is_closed(bench: Bench) -> None:
    """Nothing else would open it."""
    bench.memory.places[BAD].close_gate(Gate.WRONG, START_NS)
    bench.around.modes.stands(Input.MASTER_PART, ready=False)
    assert bench.around.modes.mode is Mode.SAFE
    bench.asked(BAD)


def test_request_is_refused_where_nobody_can_find_the_bad_part(station: str) -> None:
    """The recipe in force has no rule of that name; the good part needs none."""
    bench = Bench(station, bad_reason="slot")
    bench.memory.ask(BAD)
    bench.look()
    assert bench.state == (Phase.REFUSED, Why.NO_RULE)
    bench.asked(GOOD)


# -- armed -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "said", "phase"),
    [
        (GOOD, ACCEPTED, Phase.RIGHT),
        (GOOD, FOUND, Phase.WRONG),
        (GOOD, not_inspected(Reason.OVERRATE), Phase.VOID),
        (BAD, FOUND, Phase.RIGHT),
        (BAD, ACCEPTED, Phase.WRONG),
        (BAD, not_inspected(Reason.FRAME), Phase.VOID),
    ],
)
def test_trial_takes_the_next_part_and_no_other(
    bench: Bench, part: MasterPart, said: Verdict, phase: Phase
) -> None:
    """One answer; the gate is closed by a wrong one alone, and the part after it is ordinary."""
    bench.asked(part)
    bench.passes(said, ago_ns=1)
    assert bench.state == (Phase.ARMED, Why.NONE), "it was on its way before"
    bench.passes(said)
    assert bench.state[0] is phase
    assert (bench.memory.serial, bench.memory.reason) == (2, said.reason)
    assert bench.trial.closed is (phase is Phase.WRONG)
    closed = Gate.WRONG if phase is Phase.WRONG else Gate.OPEN
    assert bench.memory.places[part].gate is closed
    assert bench.memory.places[part].passed_ns == (START_NS if phase is Phase.RIGHT else 0)
    assert bench.passes(ACCEPTED) is ACCEPTED
    assert bench.memory.serial == 2


def test_trial_marks_the_row_of_its_part_alone(bench: Bench) -> None:
    """From before its row is begun; with the answer by the time it is written."""
    bench.asked(BAD)
    assert bench.journal.master == ORDINARY.word
    bench.trial.meet(TriggerEvent(1, START_NS))
    assert bench.state == (Phase.IN_HAND, Why.NONE)
    assert Mastered.of(bench.journal.master) == (BAD, MasterAnswer.NONE)
    bench.trial.told(ACCEPTED)
    assert Mastered.of(bench.journal.master) == (BAD, MasterAnswer.WRONG)
    bench.trial.conclude(Part(1, 1, 0, 0, 0, 0))
    assert bench.journal.master == ORDINARY.word


def test_trial_closes_the_gate_before_anybody_is_told(bench: Bench) -> None:
    """A line that is killed between the verdict and the PLC has closed it already."""
    bench.asked(BAD)
    bench.trial.meet(TriggerEvent(1, START_NS))
    told = bench.trial.told(ACCEPTED)
    assert (told.kind, told.reason) == (VerdictKind.REJECT, Reason.MASTER_PART)
    heir = bench.line()
    assert heir.closed
    assert bench.state == (Phase.VOID, Why.LINE_ENDED)


@pytest.mark.parametrize("phase", [Phase.NEW, Phase.KEEPING, Phase.ARMED, Phase.IN_HAND])
def test_trial_of_a_line_that_ended_is_void(bench: Bench, phase: Phase) -> None:
    """The next line takes no part for the one that was asked for, and closes no gate."""
    number = bench.memory.ask(BAD)
    bench.memory.armed_ns, bench.memory.until_ns = START_NS, START_NS + WITHIN_NS
    bench.memory.say(number, phase)
    bench.trial = bench.line()
    assert bench.state == (Phase.VOID, Why.LINE_ENDED)
    assert bench.passes(ACCEPTED) is ACCEPTED
    assert not bench.trial.closed


def test_trial_leaves_an_answer_to_a_former_line_as_it_is(bench: Bench) -> None:
    """It has ended already."""
    bench.asked(BAD)
    bench.passes(FOUND)
    bench.trial = bench.line()
    assert bench.state == (Phase.RIGHT, Why.NONE)


def test_trial_lapses_after_its_time(bench: Bench) -> None:
    """Tomorrow's first part is one like any other."""
    bench.asked(BAD)
    bench.look(WITHIN_NS + LATE_NS)
    assert bench.state == (Phase.ARMED, Why.NONE)
    bench.look(1)
    assert bench.state == (Phase.LAPSED, Why.NONE)
    assert bench.passes(ACCEPTED) is ACCEPTED


@pytest.mark.parametrize(("late_ns", "taken"), [(0, True), (1, False)])
def test_trial_takes_a_part_that_came_in_time(bench: Bench, late_ns: int, *, taken: bool) -> None:
    """By its trigger, however long it has waited for its turn since."""
    bench.asked(BAD)
    bench.now_ns = bench.memory.until_ns + LATE_NS
    bench.passes(FOUND, ago_ns=LATE_NS - late_ns)
    assert (bench.state[0] is Phase.RIGHT) is taken


@pytest.mark.parametrize("before", ["new", "keeping", "armed"])
def test_trial_can_be_taken_back_until_its_part_comes(bench: Bench, before: str) -> None:
    """At any of its steps."""
    number = bench.memory.ask(BAD)
    if before != "new":
        bench.look()
    if before == "armed":
        bench.memory.kept = number
        bench.look()
    bench.memory.take_back()
    bench.look()
    assert bench.state == (Phase.TAKEN_BACK, Why.NONE)
    assert bench.passes(ACCEPTED) is ACCEPTED
    bench.asked(GOOD)


def test_trial_ends_with_its_line(bench: Bench) -> None:
    """An ordered stop of the station."""
    bench.asked(GOOD)
    bench.trial.finish()
    assert bench.state == (Phase.VOID, Why.LINE_ENDED)


def test_trial_opens_only_the_gate_of_its_own_part(bench: Bench) -> None:
    """And a void one opens none."""
    for part in (GOOD, BAD):
        bench.memory.places[part].close_gate(Gate.UNKNOWN, START_NS)
    bench.asked(GOOD)
    bench.passes(not_inspected(Reason.OVERRATE))
    assert bench.memory.places[GOOD].gate is Gate.UNKNOWN
    bench.asked(GOOD)
    bench.passes(ACCEPTED)
    assert [bench.memory.places[part].gate for part in (GOOD, BAD)] == [Gate.OPEN, Gate.UNKNOWN]
    assert bench.trial.closed
    bench.asked(BAD)
    bench.passes(FOUND)
    assert not bench.trial.closed


def test_trial_remembers_what_judged(bench: Bench) -> None:
    """The checksum of the policy that was in force."""
    bench.asked(BAD)
    bench.passes(FOUND)
    assert bench.memory.places[BAD].checksum == bench.judging.policy.word


@pytest.mark.parametrize(
    ("check", "phase"), [(Status.FAIL, Phase.RIGHT), (Status.PASS, Phase.WRONG)]
)
def test_trial_asks_for_the_rule_that_has_to_find_it(
    station: str, check: Status, phase: Phase
) -> None:
    """By its name in the recipe in force."""
    bench = Bench(station, bad_reason="hole")
    bench.asked(BAD)
    bench.passes(FOUND, check=check)
    assert bench.state[0] is phase


def test_trial_says_once_what_came_of_it(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """Between two parts, not in the cycle; with what follows."""
    bench.asked(BAD)
    caplog.clear()
    bench.passes(ACCEPTED)
    assert caplog.messages == []
    bench.look()
    bench.look()
    (message,) = caplog.messages
    assert message.startswith("known bad part: wrong: the known bad part was accepted")
    assert message.endswith("no part passes until a right answer")


def test_line_that_begins_says_nothing_where_nothing_was_asked_for(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """Most of them."""
    caplog.set_level("INFO")
    bench.line()
    bench.look()
    bench.trial.finish()
    assert caplog.messages == []
    assert bench.memory.request.number == 0


def test_trial_says_what_it_waits_for_and_that_it_does_no_longer(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """A line in the log for each."""
    caplog.set_level("INFO")
    bench.asked(GOOD)
    bench.trial.finish()
    bench.asked(BAD)
    bench.memory.take_back()
    bench.look()
    assert caplog.messages == [
        "the next part within 60 s is taken for the known good one",
        "known good part: void: the line process ended",
        "the next part within 60 s is taken for the known bad one",
        "known bad part: taken back",
    ]


def test_times_are_those_that_are_promised() -> None:
    """Records polls every 5 s at least; a part that came in time may wait for its turn."""
    assert (KEPT_NS, LATE_NS) == (12 * NS_PER_S, NS_PER_S)


def test_trial_minds_what_is_due_only_while_it_knows_what_judges(station: str) -> None:
    """A line that has just begun does not know the limits of its engine yet."""
    bench = Bench(station, every_h=8.0, required=["bad"])
    bench.asked(BAD)
    bench.passes(FOUND)
    due_ns = bench.memory.places[BAD].due_ns
    other = bench.judging.policy._replace(checksum=99)
    bench.judging = bench.judging._replace(policy=other)
    bench.around.modes.stands(Input.ENGINE, ready=False)
    bench.look(1)
    assert bench.memory.places[BAD].due_ns == due_ns
    bench.around.modes.stands(Input.ENGINE, ready=True)
    bench.look(1)
    assert bench.memory.places[BAD].due_ns == START_NS + 2
