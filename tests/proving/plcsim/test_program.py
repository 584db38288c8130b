"""The PLC's program, scan by scan, with scripted times: no wire, no sleep."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from gonogo.proving.plcsim.plan import Plan, Step
from gonogo.proving.plcsim.program import Program
from gonogo.proving.plcsim.wire import Seen

MS = 1_000_000
HEART, STATUS, RES_SEQ, SESSION, LAST_PART = 2, 4, 12, 13, 15
PERMIT, SYNC, SYNC_ACK = 0x0008, 0x4000, 0x0010
CTRL, PART_ID, ACK, CMD_SEQ, CMD, SESSION_ECHO = 2, 3, 4, 6, 7, 15


def plan(**keys: Any) -> Plan:  # noqa: ANN401 - whatever a plan takes
    """Pitch 100 ms, budget 50 ms, scan 10 ms."""
    settings = {"journal": Path("unused"), "parts": 100, "pitch_ms": 100, "budget_ms": 50}
    return Plan.model_validate(settings | keys)


class Bench:
    """A program and the words of a station, moved by hand 10 ms at a time."""

    def __init__(self, **keys: Any) -> None:  # noqa: ANN401 - whatever a plan takes
        self.events: list[dict[str, Any]] = []
        self.program = Program(plan(**keys), self._tell)
        self.words = [0x474E, 1, 0, 4, PERMIT, *[0] * 91]
        self.words[SESSION] = 500
        self.now_ns = 10**9
        self.out = [0] * 20
        self.steps: list[Step] = []

    def _tell(self, event: str, t_ns: int, **keys: object) -> None:
        self.events.append({"event": event, "t_ns": t_ns, **keys})

    def scan(self, count: int = 1, *, beat: bool = True, unread: bool = False) -> None:
        """So many scans; `beat` moves the heart, `unread` reads nothing."""
        for _ in range(count):
            self.now_ns += 10 * MS
            self.words[HEART] += beat
            seen = None if unread else Seen(self.words[:], None, [0] * 8)
            self.out = self.program.scan(seen, self.now_ns)
            self.program.published(self.now_ns + 1)
            if self.program.step is not None:
                self.steps.append(self.program.step)

    def report(self, part_id: int, verdict: int = 1, seq_b: int = 0) -> None:
        """Publish a record; `seq_b` is added to its last word."""
        seq = (self.words[RES_SEQ] + 1) & 0xFFFF
        at = 32 + 8 * (seq % 8)
        self.words[at : at + 8] = [seq, part_id, verdict, 0, 10, 0, 20, seq + seq_b]
        self.words[RES_SEQ] = seq

    def of(self, event: str, key: str) -> list[Any]:
        """That key of all events of a kind."""
        return [e[key] for e in self.events if e["event"] == event]


def test_program_waits_for_the_permit() -> None:
    """No part before permit, heart and session; then the first at once, others at the pitch."""
    bench = Bench()
    bench.words[STATUS] = 0
    bench.scan(20)
    assert bench.of("trigger", "part_id") == []
    bench.words[STATUS] = PERMIT
    bench.scan(21)
    assert bench.of("trigger", "part_id") == [1, 2, 3]
    times_ns = bench.of("trigger", "t_ns")
    assert (times_ns[1] - times_ns[0], times_ns[2] - times_ns[1]) == (100 * MS, 100 * MS)
    assert bench.out[PART_ID] == 3
    assert bench.of("permit", "on") == [True]


def test_program_takes_no_first_look_for_a_heartbeat() -> None:
    """A frozen image with the permit bit set never triggers a part."""
    bench = Bench()
    bench.scan(100, beat=False)
    assert bench.of("trigger", "part_id") == []
    assert not bench.program.life.permit


def test_program_drops_the_permit_of_a_dead_heart() -> None:
    """300 ms after the last beat the permit is gone, and an accepted part is ejected."""
    bench = Bench(travel_ms=400)
    bench.scan(2)
    bench.report(1)
    bench.scan(45, beat=False)
    assert bench.of("record", "taken") == ["timely"]
    assert bench.of("eject", "why")[0] == "permit"
    assert bench.of("link", "what")[-1] == "heart stands still"


def test_program_loses_the_heart_of_a_station_it_cannot_read() -> None:
    """Scans that read nothing do not prove life."""
    bench = Bench()
    bench.scan(2)
    bench.scan(31, unread=True)
    assert not bench.program.life.alive


def test_program_ignores_an_image_without_magic() -> None:
    """Another magic or version: no session, no permit, no record."""
    for word in (0, 1):
        bench = Bench()
        bench.words[word] += 1
        bench.report(1)
        bench.scan(30)
        assert [e["event"] for e in bench.events if e["event"] != "link"] == []
        assert bench.out[SESSION_ECHO] == 0


def test_program_echoes_a_session_that_counts_on_from_its_ack() -> None:
    """No echo and no record before RES_SEQ meets ACK_SEQ; ACK_SEQ itself is never moved."""
    bench = Bench()
    bench.words[STATUS] |= SYNC
    bench.report(1)
    bench.scan()
    assert (bench.out[SESSION_ECHO], bench.out[ACK], bench.out[CTRL] & SYNC_ACK) == (0, 0, 0)
    bench.words[RES_SEQ] = 0
    bench.scan()
    assert (bench.out[SESSION_ECHO], bench.out[CTRL] & SYNC_ACK) == (500, SYNC_ACK)
    bench.words[STATUS] &= ~SYNC
    bench.report(1)
    bench.scan()
    assert (bench.of("record", "seq"), bench.out[ACK]) == ([1], 1)
    bench.words[SESSION] = 501
    bench.report(1)
    bench.scan()
    assert (bench.out[SESSION_ECHO], bench.out[ACK]) == (500, 1)
    assert bench.of("session", "session") == [500]


def test_program_reads_nothing_while_a_sync_is_requested() -> None:
    """Records wait until the request is taken back."""
    bench = Bench()
    bench.scan(3)
    bench.words[STATUS] |= SYNC
    bench.report(1)
    bench.scan(2)
    assert (bench.out[ACK], bench.of("record", "seq")) == (0, [])
    bench.words[STATUS] &= ~SYNC
    bench.scan()
    assert bench.of("record", "seq") == [1]
    assert not bench.out[CTRL] & SYNC_ACK


@pytest.mark.parametrize("what", ["session unknown", "sequence jumped"])
def test_program_commands_a_resync_where_the_counts_stay_apart(what: str) -> None:
    """Told at once, commanded after a second, and again every second until they meet."""
    bench = Bench()
    bench.scan(3 if what == "sequence jumped" else 0)
    bench.words[RES_SEQ] = 9
    bench.scan(50)
    assert (bench.of("astray", "why"), bench.out[CMD_SEQ]) == ([what], 0)
    bench.scan(200)
    assert (bench.of("resync", "cmd_seq"), bench.out[CMD], bench.out[ACK]) == ([1, 2], 3, 0)
    bench.words[RES_SEQ] = 0
    bench.words[SESSION] = 777
    bench.scan(200)
    assert (bench.out[CMD_SEQ], bench.out[SESSION_ECHO]) == (2, 777)


def test_program_acknowledges_once_and_in_order() -> None:
    """Three records in one scan are taken in order; the same records again are not."""
    bench = Bench()
    bench.scan(24)
    for part_id in (3, 1, 2):
        bench.report(part_id)
    bench.scan(3)
    assert bench.of("record", "part_id") == [3, 1, 2]
    assert bench.of("ack", "seq") == [3]
    assert bench.of("record", "taken") == ["timely", "late", "late"]


def test_program_passes_what_was_accepted() -> None:
    """One accept, one reject, one silence."""
    bench = Bench()
    for part_id, verdict in ((1, 1), (2, 2)):
        while bench.out[PART_ID] != part_id:
            bench.scan()
        bench.report(part_id, verdict)
    bench.scan(30)
    assert bench.of("pass", "part_id") == [1]
    assert bench.of("eject", "why")[:2] == ["verdict", "silent"]


def test_program_does_not_take_a_torn_record() -> None:
    """SEQ_A without SEQ_B: not taken, not acknowledged, told once; taken once whole."""
    bench = Bench()
    bench.scan(2)
    bench.report(1, seq_b=1)
    bench.scan(2)
    assert (bench.of("torn", "seq_b"), bench.of("record", "seq"), bench.out[ACK]) == ([2], [], 0)
    bench.words[32 + 8 + 7] = 1
    bench.scan()
    assert (bench.of("record", "taken"), bench.out[ACK]) == (["timely"], 1)


def test_program_follows_the_sequence_round_the_wrap() -> None:
    """After 65535 comes 0."""
    bench = Bench()
    bench.scan(2)
    bench.program.out[ACK] = bench.words[RES_SEQ] = 65_534
    for _ in range(3):
        bench.report(1)
    bench.scan()
    assert (bench.of("record", "seq"), bench.out[ACK]) == ([65_535, 0, 1], 1)


def test_program_names_a_record_of_a_wrong_part() -> None:
    """It is acknowledged all the same, and helps no part."""
    bench = Bench()
    bench.scan(2)
    bench.report(1001)
    bench.scan(10)
    assert bench.of("wrong_part", "part_id") == [1001]
    assert (bench.out[ACK], bench.of("eject", "why")) == (1, ["silent"])


@pytest.mark.parametrize(
    ("step", "ids"),
    [
        ({"do": "skip_id"}, [1, 2, 4, 5]),
        ({"do": "repeat_id"}, [1, 2, 2, 3]),
        ({"do": "jump_id", "by": 50}, [1, 2, 53, 54]),
        ({"do": "jump_id", "by": -2}, [1, 2, 1, 2]),
    ],
)
def test_program_scripts_the_ids(step: dict[str, Any], ids: list[int]) -> None:
    """The step bears on the third part, and the ids go on from there."""
    bench = Bench(script=[{"at_part": 3, **step}])
    bench.scan(35)
    assert bench.of("trigger", "part_id") == ids
    assert bench.of("trigger", "part") == [1, 2, 3, 4]


@pytest.mark.parametrize("for_ms", [30, 250])
def test_program_scripts_a_gap(for_ms: float) -> None:
    """The next part comes when it says, sooner or later than the pitch; then the pitch again."""
    bench = Bench(script=[{"at_part": 2, "do": "gap", "for_ms": for_ms}])
    bench.scan(60)
    times_ns = bench.of("trigger", "t_ns")[:5]
    gaps_ms = [(b - a) / MS for a, b in itertools.pairwise(times_ns)]
    assert gaps_ms == [100, for_ms, 100, 100]
    assert bench.of("permit", "on") == [True]


def test_program_clears_the_station_s_fault_when_the_operator_does() -> None:
    """Command 1 under a number of its own, each time."""
    bench = Bench(pitch_ms=100)
    for number in (1, 2):
        bench.program.clear_fault(bench.now_ns)
        assert (bench.program.out[6], bench.program.out[7]) == (number, 1)
    assert bench.of("clear", "cmd_seq") == [1, 2]


def test_program_rushes_for_a_while() -> None:
    """Five parts in the time of one, from the moment on; then the pitch again, no id left out."""
    bench = Bench(pitch_ms=100, rush_ms=100)
    bench.scan(15)
    bench.program.rush(bench.now_ns)
    bench.scan(40)
    times_ns = bench.of("trigger", "t_ns")
    gaps_ms = [(b - a) / MS for a, b in itertools.pairwise(times_ns)]
    assert gaps_ms[:8] == [100, 50, 20, 20, 20, 20, 100, 100]
    assert bench.of("trigger", "part_id") == list(range(1, len(times_ns) + 1))
    assert bench.of("rush", "for_ms") == [100]


def test_program_skips_id_zero() -> None:
    """After part 65535 comes part 1."""
    bench = Bench(first_id=65_534)
    bench.scan(25)
    assert bench.of("trigger", "part_id") == [65_534, 65_535, 1]


def test_program_hands_a_fault_to_its_runner() -> None:
    """At the trigger of that part, once."""
    bench = Bench(script=[{"at_part": 2, "do": "stop_scan", "for_ms": 5}])
    bench.scan(25)
    assert [step.do for step in bench.steps] == ["stop_scan"]


@pytest.mark.parametrize(("ids", "next_id"), [("continue", 3), ("restart", 1)])
def test_program_forgets_all_in_a_reboot(ids: str, next_id: int) -> None:
    """Registers cleared, session forgotten, the parts on the belt ejected, part counts kept."""
    bench = Bench()
    bench.scan(12)
    bench.program.reboot(ids_restart=ids == "restart")
    assert bench.program.out == [0] * 20
    bench.words[STATUS] = 0
    bench.scan()
    assert (bench.out[SESSION_ECHO], bench.out[PART_ID]) == (500, 0)
    bench.words[STATUS] = PERMIT
    bench.scan(10)
    assert bench.of("trigger", "part_id")[2:] == [next_id]
    assert bench.of("eject", "why")[:2] == ["silent", "lost"]


def test_program_never_bursts_after_a_stall() -> None:
    """Half a second without a scan costs parts, and does not bring five at once."""
    bench = Bench()
    bench.scan(2)
    bench.now_ns += 500 * MS
    bench.scan(11)
    times_ns = bench.of("trigger", "t_ns")
    assert len(times_ns) == 3
    assert times_ns[2] - times_ns[1] == 100 * MS


def test_program_keeps_feeding_where_the_belt_cannot_stop() -> None:
    """With feed "always" parts go on without a permit, once there was one."""
    bench = Bench(feed="always")
    bench.scan(2)
    bench.words[STATUS] = 0
    bench.scan(20)
    assert bench.of("trigger", "part_id") == [1, 2, 3]


def test_program_stops_feeding_without_a_permit() -> None:
    """With feed "permit" the belt waits, and goes on at once when the permit is back."""
    bench = Bench()
    bench.scan(2)
    bench.words[STATUS] = 0
    bench.scan(20)
    bench.words[STATUS] = PERMIT
    bench.scan()
    assert bench.of("trigger", "part_id") == [1, 2]


def test_program_takes_parts_from_a_device_trigger() -> None:
    """A change of D15 is a part; what it showed at the start of the session is none."""
    bench = Bench(trigger="device")
    bench.words[LAST_PART] = 4
    bench.scan(20)
    assert bench.of("trigger", "part_id") == []
    bench.words[LAST_PART] = 5
    bench.report(4)
    bench.report(5)
    bench.scan(6)
    assert bench.of("record", "taken") == ["unplanned", "timely"]
    assert bench.of("pass", "part_id") == [5]


def test_program_leaves_parts_of_a_device_beyond_the_plan_alone() -> None:
    """A trigger that goes on while the last part travels brings neither parts nor complaints."""
    bench = Bench(trigger="device", parts=1)
    bench.scan(3)
    for part_id in (1, 2):
        bench.words[LAST_PART] = part_id
        bench.report(part_id)
        bench.scan()
    bench.scan(10)
    assert bench.of("record", "taken") == ["timely", "unplanned"]
    assert (bench.of("trigger", "part_id"), bench.program.finished) == ([1], True)


def test_program_takes_the_trigger_away_at_the_end() -> None:
    """Enable stays; trigger enable goes with the last part through the ejector."""
    bench = Bench(parts=1)
    bench.scan(4)
    assert bench.out[CTRL] == 0b11
    bench.scan(10)
    assert bench.program.finished
    assert bench.out[CTRL] == 0b01
    assert bench.of("trigger", "part") == [1]
