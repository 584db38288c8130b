"""The edges of the handshake: what a heart, a command or a trigger does at its very limit."""

from __future__ import annotations

from typing import Any

import pytest

from gonogo.base.words import FaultBit, Reason
from gonogo.plc.handshake.part_ids import missed_between
from gonogo.plc.handshake.state import Closing, Connected, Faulted, Lost
from gonogo.plc.register_map import MAP_VERSION, Command, CommandResult, CtrlBit, State, StatusBit
from gonogo.tests.plc.handshake.test_handshake import BOTH, GOOD, Bench, running, stopped


def connected(**plc: int) -> Bench:
    """A bench that has just been connected to a PLC with these words."""
    bench = Bench()
    bench.plc = bench.plc._replace(**plc)
    bench.feed(Connected(bench.now_ns))
    bench.tick()
    return bench


# -- the PLC's heart ---------------------------------------------------------------------


@pytest.mark.parametrize("first", [0, 1, 65535])
def test_heart_proves_a_plc_at_its_first_change_and_not_at_its_first_value(first: int) -> None:
    """A word that stands still may be anything that answers; zero is a value like any other."""
    bench = connected(heart=first)
    bench.poll()
    assert (bench.state.peer.ok, bench.state.peer.proven) == (False, False)
    bench.poll(heart=(first + 1) & 0xFFFF)
    assert (bench.state.peer.ok, bench.state.peer.proven) == (True, True)


@pytest.mark.parametrize(("ms", "alive"), [(499, True), (500, False), (501, False)])
def test_heart_may_stand_still_for_half_a_second(ms: int, *, alive: bool) -> None:
    """At 500 ms the link is lost."""
    bench = running()
    bench.tick(ms)
    assert (bench.state.state is State.RUNNING) is alive


@pytest.mark.parametrize("event", [Connected, Lost])
def test_link_knows_nothing_of_the_plc_on_a_new_connection(event: Any) -> None:  # noqa: ANN401 - a class
    """Neither its heart nor its words; only which command was answered last."""
    bench = running()
    bench.scan(cmd_seq=4, cmd_code=Command.RESET_COUNTERS)
    bench.feed(event(bench.now_ns) if event is Connected else event(bench.now_ns, "gone"))
    peer = bench.state.peer
    assert (peer.connected, peer.ok, peer.proven) == (event is Connected, False, False)
    assert (peer.heart, peer.anchor, peer.cmd_seq) == (-1, 0, 4)


@pytest.mark.parametrize(
    ("version", "taken"), [(0, True), (MAP_VERSION, True), (MAP_VERSION + 1, False)]
)
def test_map_version_of_a_plc_that_does_not_say_is_taken(version: int, *, taken: bool) -> None:
    """Zero is a PLC program that leaves the word alone; any other must be ours."""
    bench = connected(map_version=version)
    for _ in range(4):
        bench.scan()
    assert bench.state.permit is taken
    assert bool(bench.header.fault & FaultBit.CONFIG) is not taken


# -- our heart ---------------------------------------------------------------------------


def beats(bench: Bench, *steps_ms: float) -> list[int]:
    """By how much DEV_HEART has grown after each step."""
    first, grown = bench.header.dev_heart, []
    for step_ms in steps_ms:
        bench.tick(step_ms)
        grown.append(bench.header.dev_heart - first)
    return grown


def beaten() -> Bench:
    """A bench that has beaten at this very moment, and not for a while before."""
    bench = running()
    bench.tick(450)
    bench.scan()
    return bench


def test_dev_heart_beats_after_exactly_a_tenth_of_a_second() -> None:
    """Not a millisecond earlier."""
    assert beats(beaten(), 98, 1, 98, 2) == [0, 1, 1, 2]


def test_dev_heart_makes_up_for_a_late_beat() -> None:
    """30 ms late: the next one is due when it would have been."""
    assert beats(beaten(), 129, 69, 1) == [1, 1, 2]


def test_dev_heart_that_missed_a_beat_does_not_make_up_for_it() -> None:
    """A whole beat late: the next one comes a tenth of a second from now."""
    assert beats(beaten(), 199, 1, 98, 1) == [1, 1, 1, 2]


def test_permit_goes_with_the_line_s_life_at_once() -> None:
    """Not only when the PLC has missed some beats."""
    bench = running()
    bench.tick(1, alive=False)
    assert (bench.state.state, bench.state.permit) == (State.RUNNING, False)
    bench.tick(1, alive=True)
    assert bench.state.permit


# -- commands ----------------------------------------------------------------------------


def warned() -> Bench:
    """A bench that has missed a part, and says so."""
    bench = running()
    bench.scan(part_id=1)
    bench.scan(part_id=3)
    assert bench.header.status & StatusBit.WARNING
    return bench


@pytest.mark.parametrize("command", [Command.CLEAR_FAULT, Command.RESET_COUNTERS])
def test_command_takes_a_warning_back(command: Command) -> None:
    """Somebody has looked; until then it stands, whatever comes after."""
    bench = warned()
    bench.scan(part_id=4)
    assert bench.header.status & StatusBit.WARNING
    bench.scan(cmd_seq=1, cmd_code=command)
    assert not bench.header.status & StatusBit.WARNING
    assert bench.state.counters.missed_triggers == (command is Command.CLEAR_FAULT)


def test_command_resets_the_latencies_too() -> None:
    """D22 and D23 are zero until the next part."""
    bench = running()
    bench.result(left_ns=100_000_000)
    assert bench.header.p99_100us > 0
    bench.scan(cmd_seq=1, cmd_code=Command.RESET_COUNTERS)
    assert (bench.header.latency_100us, bench.state.p99_100us) == (0, 0)
    assert bench.header.inspected == 0


def test_recipe_is_refused_while_parts_flow() -> None:
    """Named or not, and nothing is begun."""
    bench = running()
    bench.scan(cmd_seq=1, cmd_code=Command.LOAD_RECIPE, cmd_argument=7)
    assert bench.header.cmd_result == CommandResult.REFUSED
    assert (bench.state.recipe_wanted, bench.state.permit) == (0, True)


def test_recipe_stays_busy_until_the_line_answers() -> None:
    """It has not begun yet; or it tries once more what has failed before."""
    bench = stopped()
    bench.scan(cmd_seq=1, cmd_code=Command.LOAD_RECIPE, cmd_argument=7)
    for condition in (GOOD, GOOD._replace(failed=5), GOOD._replace(changing=7, failed=7)):
        bench.condition = condition
        bench.tick()
        assert bench.header.cmd_result == CommandResult.BUSY
        assert bench.state.recipe_wanted == 7


# -- triggers ----------------------------------------------------------------------------


def test_part_ids_in_order_warn_of_nothing() -> None:
    """From the first one on."""
    bench = running()
    for part_id in (1, 2, 3):
        bench.scan(part_id=part_id)
        assert not bench.header.status & StatusBit.WARNING
    assert bench.state.counters.missed_triggers == 0


@pytest.mark.parametrize(
    ("part_id", "missed", "wrong"), [(7, 1, 0), (8, 2, 0), (4, 0, 1), (40000, 0, 1)]
)
def test_part_id_out_of_order_warns_and_is_counted(part_id: int, missed: int, wrong: int) -> None:
    """Ahead: so many were missed. Behind: it is refused, and nothing was missed."""
    bench = running()
    bench.scan(part_id=5)
    bench.scan(part_id=part_id)
    counters = bench.state.counters
    assert (counters.missed_triggers, counters.wrong_part_ids) == (missed, wrong)
    assert bench.header.status & StatusBit.WARNING
    assert bench.pulses[-1].reject is (Reason.PART_ID if wrong else Reason.OK)


@pytest.mark.parametrize(
    "condition",
    [
        GOOD._replace(changing=3),
        GOOD._replace(tested=False),
    ],
)
def test_part_is_not_taken_while_the_line_cannot_judge(condition: Any) -> None:  # noqa: ANN401 - a Condition
    """While it changes its recipe by itself, or before its self-test; its id counts."""
    bench = running()
    bench.condition = condition
    bench.tick()
    bench.scan(part_id=1)
    assert bench.pulses == []
    assert not bench.state.permit
    bench.condition = GOOD
    bench.tick()
    bench.scan(part_id=2)
    assert [(p.part_id, p.reject) for p in bench.pulses] == [(2, Reason.OK)]


def test_part_is_not_taken_while_the_station_is_being_stopped() -> None:
    """Nobody would judge it any more."""
    bench = running()
    bench.feed(Closing(bench.now_ns))
    bench.scan(part_id=1)
    assert bench.pulses == []


def test_missed_between_takes_a_repeated_id_as_one_that_does_not_lie_ahead() -> None:
    """Never as 65535 missed ones."""
    assert missed_between(5, 5) == -1
    assert missed_between(5, 6) == 0
    assert missed_between(5, 5 + 256) == 255
    assert missed_between(5, 5 + 257) == -1


# -- state and faults --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"changing": 4}, State.RECIPE_CHANGE),
        ({"recipe_ok": False}, State.STOPPED),
        ({"camera_ok": False}, State.STOPPED),
        ({"trigger_ok": False}, State.STOPPED),
        ({"proven": False}, State.STOPPED),
        ({"in_time": False}, State.STOPPED),
        ({"tested": False}, State.SELF_TEST),
        ({"degraded": True}, State.DEGRADED),
    ],
)
def test_state_follows_the_line_s_condition(change: dict[str, Any], state: State) -> None:
    """Each of them by itself; only a degraded station goes on judging."""
    bench = running()
    bench.condition = GOOD._replace(**change)
    bench.tick()
    assert bench.state.state is state
    assert bench.state.permit is (state is State.DEGRADED)


def test_fault_code_is_that_of_the_newest_fault_and_stays() -> None:
    """FAULT shows all that stand now; the code is what to look for, even after it has gone."""
    bench = running()
    codes = []
    for change in (
        {"engine_ok": False},
        {"engine_ok": False, "camera_ok": False},
        {"engine_ok": False},
        {},
    ):
        bench.condition = GOOD._replace(**change)
        bench.tick()
        codes.append((bench.header.fault, bench.header.fault_code))
    engine, camera = FaultBit.ENGINE, FaultBit.CAMERA
    assert codes == [
        (engine, engine.bit_length()),
        (engine | camera, camera.bit_length()),
        (engine, camera.bit_length()),
        (0, camera.bit_length()),
    ]


def test_faults_of_a_line_that_was_not_tested_yet_are_none() -> None:
    """Camera and engine are not known before the self-test; after it they are."""
    bench = running()
    for tested in (False, True):
        bench.condition = GOOD._replace(tested=tested, camera_ok=False, engine_ok=False)
        bench.tick()
        found = bench.header.fault & (FaultBit.CAMERA | FaultBit.ENGINE)
        assert found == (FaultBit.CAMERA | FaultBit.ENGINE if tested else 0)


def test_fault_that_was_told_stands_until_it_is_cleared() -> None:
    """That one and no other; the PLC clears all, somebody at the box the ones that are named."""
    bench = running()
    bench.feed(Faulted(bench.now_ns, FaultBit.CONFIG | FaultBit.DISK))
    assert bench.state.latched == FaultBit.CONFIG | FaultBit.DISK
    bench.feed(Faulted(bench.now_ns, 0))
    assert bench.state.latched == FaultBit.CONFIG | FaultBit.DISK
    bench.feed(Faulted(bench.now_ns, 0, cleared=FaultBit.DISK))
    assert bench.state.latched == FaultBit.CONFIG
    bench.scan(cmd_seq=1, cmd_code=Command.CLEAR_FAULT)
    assert (bench.state.latched, bench.state.permit) == (0, True)


def test_bypass_and_enable_are_those_of_the_last_reading() -> None:
    """Permit comes back with the very reading that gives the decision back."""
    bench = running()
    for ctrl, permit in ((BOTH | CtrlBit.BYPASS, False), (BOTH, True), (CtrlBit.ENABLE, True)):
        bench.scan(ctrl=int(ctrl))
        assert bench.state.permit is permit
    assert bench.state.state is State.READY
