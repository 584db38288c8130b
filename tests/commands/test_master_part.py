"""`gonogo master` without a line: what it says of each end, and its exit codes."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from gonogo.base.words import MasterPart, Reason, RuleResult, Status, VerdictKind
from gonogo.commands.cli import main
from gonogo.commands.show.master_part import entry_of
from gonogo.console.show.master_part_gate import standing
from gonogo.ipc.journal import Journal
from gonogo.ipc.master_part import Gate, MasterPartMemory, Phase, Why
from gonogo.tests.control import served
from gonogo.tests.fakes import entry_of as part_of
from gonogo.tests.fakes import put
from gonogo.watchdog.master_part import MasterPartRequests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WAIT_S = 20.0
ABOUT = '{"views": ["top"], "rules": ["hole", "ring"], "units": ["mm", "px"]}'
BAD = MasterPart.BAD
NOT_YET = "asked for, and not yet awaited: the next part is one like any other"
NS_PER_H = 3600 * 10**9


class Desk:
    """The supervisor's side, and a line that says what a test has it say."""

    def __init__(self, station: str, memory: MasterPartMemory, journal: Journal) -> None:
        self.station, self.memory, self.journal = station, memory, journal
        self.table = dict(MasterPartRequests((), memory).table)

    def typed(self, *words: str) -> tuple[int, str]:
        """Exit code and output."""
        found = CliRunner().invoke(main, ["master", *words, "--station", self.station])
        return found.exit_code, found.output

    def answers(self, say: Callable[[int], None]) -> threading.Thread:
        """Once somebody has asked, a line says that."""

        def answer() -> None:
            end_s = time.monotonic() + WAIT_S
            while not self.memory.under_way and time.monotonic() < end_s:
                time.sleep(0.01)
            say(self.memory.request.number)

        thread = threading.Thread(target=answer)
        thread.start()
        return thread


@pytest.fixture
def desk(station: str) -> Iterator[Desk]:
    """Asked as the supervisor is."""
    memory, journal = MasterPartMemory.create(station), Journal.create(station, 8, ABOUT)
    made = Desk(station, memory, journal)
    with served(station, lambda request: made.table[request["do"]](request)):
        yield made
    journal.close()
    memory.close()


@pytest.mark.parametrize(
    ("phase", "why", "code", "words"),
    [
        (Phase.RIGHT, Why.NONE, 0, "known bad part: right"),
        (
            Phase.WRONG,
            Why.BAD_ACCEPTED,
            1,
            "known bad part: WRONG: the known bad part was accepted",
        ),
        (Phase.REFUSED, Why.RECIPE, 2, "known bad part: refused: the recipe is being changed"),
        (Phase.VOID, Why.NOT_JUDGED, 3, "known bad part: void: the station did not judge"),
        (Phase.LAPSED, Why.NONE, 4, "known bad part: no part came in time"),
        (Phase.TAKEN_BACK, Why.NONE, 4, "known bad part: taken back"),
    ],
)
def test_master_ends_with_the_answer(
    desk: Desk, phase: Phase, why: Why, code: int, words: str
) -> None:
    """1 is a wrong answer and nothing else."""
    thread = desk.answers(lambda number: desk.memory.say(number, phase, why))
    found, said = desk.typed("bad")
    thread.join()
    assert (found, words in said) == (code, True), said


def test_master_shows_the_part_as_a_rehearsal_does_and_what_each_rule_measured(desk: Desk) -> None:
    """Score, verdict and marks; values with limits and units."""
    checks = (
        RuleResult(Status.PASS, 5.0, 4.0, 6.0),
        RuleResult(Status.FAIL, 9.25, float("-inf"), 8.0),
    )
    entry = part_of(7)._replace(
        kind=VerdictKind.REJECT, reason=Reason.RULE, score=6200, checks=checks
    )

    def judge(number: int) -> None:
        for each in (part_of(6), entry, part_of(8)):
            put(desk.journal, each)
        desk.memory.judged(7, Reason.RULE)
        desk.memory.say(number, Phase.RIGHT)

    thread = desk.answers(judge)
    code, said = desk.typed("bad")
    thread.join()
    assert code == 0
    assert "6200  REJECT RULE" in said
    assert "+hole xring" in said
    assert "  rule hole: 4 to 6 mm; 5 (PASS)\n" in said
    assert "  rule ring: at most 8 px; 9.25 (FAIL)\n" in said


@pytest.fixture
def waiting(desk: Desk) -> Iterator[subprocess.Popen[str]]:
    """`gonogo master bad` in a process of its own, once it says that the next part is the one."""
    # else it is ignored by children, as it is where the tests run in the background
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    thread = desk.answers(lambda number: desk.memory.say(number, Phase.ARMED))
    code = "from gonogo.commands.cli import main; main()"
    command = [sys.executable, "-I", "-c", code, "master", "bad", "--station", desk.station]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as it:
        assert it.stdout is not None
        first = it.stdout.readline()
        thread.join()
        assert first.startswith("show the known bad part now: the next one within "), first
        yield it
        it.kill()
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("refused", [False, True])
@pytest.mark.parametrize(
    ("phase", "code", "words"),
    [
        (Phase.WRONG, 1, "known bad part: WRONG"),
        (Phase.RIGHT, 0, "known bad part: right"),
        (Phase.TAKEN_BACK, 4, "known bad part: taken back: the next part is one like any other"),
    ],
)
def test_master_that_is_interrupted_ends_with_the_answer_all_the_same(
    desk: Desk,
    waiting: subprocess.Popen[str],
    phase: Phase,
    code: int,
    words: str,
    *,
    refused: bool,
) -> None:
    """The part may have come just before, so that nothing is to be taken back, or just after."""
    take_back, number = desk.table["master-part-back"], desk.memory.request.number

    def back(request: dict[str, Any]) -> dict[str, Any]:
        if refused:
            desk.memory.say(number, phase)
        reply = take_back(request)
        desk.memory.say(number, phase)
        return reply

    desk.table["master-part-back"] = back
    waiting.send_signal(signal.SIGINT)
    said, _ = waiting.communicate(timeout=WAIT_S)
    assert (waiting.returncode, said.count(words)) == (code, 1), said
    assert desk.memory.taken_back == (0 if refused else number)


def test_master_that_is_interrupted_twice_waits_no_more(
    desk: Desk, waiting: subprocess.Popen[str]
) -> None:
    """For a line that says nothing: of an answer nobody knows, and none is made up."""
    take_back = desk.table["master-part-back"]

    def back(request: dict[str, Any]) -> dict[str, Any]:
        waiting.send_signal(signal.SIGINT)
        return take_back(request)

    desk.table["master-part-back"] = back
    waiting.send_signal(signal.SIGINT)
    said, _ = waiting.communicate(timeout=WAIT_S)
    assert (waiting.returncode, said) == (3, "no answer: see the messages of the station\n")


@pytest.mark.parametrize("words", [(), ("good", "--cancel")])
def test_master_wants_to_know_which_part(desk: Desk, words: tuple[str, ...]) -> None:
    """Or that one is taken back, and not both."""
    code, said = desk.typed(*words)
    assert (code, "expected good or bad, or --cancel" in said) == (2, True)


def test_master_takes_a_request_back(desk: Desk) -> None:
    """What the line makes of it is its own affair."""
    number = desk.memory.ask(BAD)
    assert desk.typed("--cancel")[0] == 0
    assert desk.memory.taken_back == number
    desk.memory.say(number, Phase.TAKEN_BACK)
    code, said = desk.typed("--cancel")
    assert (code, "GN541: no known part is waited for" in said) == (2, True)


def test_master_that_is_refused_is_no_wrong_answer() -> None:
    """Nobody runs under that name."""
    found = CliRunner().invoke(main, ["master", "bad", "--station", "nobody"])
    assert (found.exit_code, "GN540" in found.output) == (2, True)


def test_second_request_is_refused_by_name(desk: Desk) -> None:
    """And its number."""
    desk.memory.ask(BAD)
    code, said = desk.typed("good")
    assert (code, "GN541: the known bad part is waited for already" in said) == (2, True)


def test_entry_of_a_serial_is_found_while_it_is_there(station: str) -> None:
    """In a ring that has come round; None once it is overwritten."""
    journal = Journal.create(station, 4)
    count = journal.records
    for serial in range(count + 2):
        put(journal, part_of(serial))
    assert entry_of(journal, count + 1) == part_of(count + 1)
    assert entry_of(journal, 2) == part_of(2)
    assert entry_of(journal, 1) is None
    journal.close()


def test_standing_says_nothing_where_nothing_was_shown_or_is_due(station: str) -> None:
    """Most stations."""
    assert list(standing(MasterPartMemory.create(station))) == []


def test_standing_says_what_is_closed_due_and_waited_for(station: str) -> None:
    """The gate first, with the command that opens it."""
    memory = MasterPartMemory.create(station)
    now_ns = time.monotonic_ns()
    memory.places[BAD].close_gate(Gate.WRONG, now_ns)
    memory.places[BAD].due_ns = 1
    good = memory.places[MasterPart.GOOD]
    good.passed(now_ns - 2 * NS_PER_H, 1)
    good.due_ns = now_ns + 6 * NS_PER_H
    memory.ask(MasterPart.GOOD)
    opens = "a right answer to the known bad part (gonogo master bad)"
    assert list(standing(memory)) == [
        "known good part: right 2.0 h ago, due in 6.0 h",
        f"NO PART PASSES until {opens}: it got the wrong answer",
        "known bad part: not shown since the start, due",
        f"the known good part is {NOT_YET}",
    ]


@pytest.mark.parametrize(
    ("phase", "said"),
    [
        (Phase.NEW, f"the known bad part is {NOT_YET}"),
        (Phase.KEEPING, f"the known bad part is {NOT_YET}"),
        (Phase.ARMED, "the next part is taken for the known bad one"),
        (Phase.IN_HAND, "the known bad part is being judged"),
    ],
)
def test_standing_says_of_the_next_part_what_the_line_does_with_it(
    station: str, phase: Phase, said: str
) -> None:
    """It is the one only once the line waits for it."""
    memory = MasterPartMemory.create(station)
    number = memory.ask(BAD)
    memory.say(number, phase)
    assert list(standing(memory)) == [said]
    memory.say(number, Phase.VOID)
    assert list(standing(memory)) == []
