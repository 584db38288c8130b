"""The belt of the PLC simulator, with scripted times."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.proving.plcsim.conveyor import ACCEPT, REMEMBERED, Conveyor, Record, Taken, Why

BUDGET_NS, TRAVEL_NS = 200, 300
REJECT = 2


def record(part_id: int, verdict: int = ACCEPT, flags: int = 0) -> Record:
    """A record as the PLC read it; its sequence does not matter to the belt."""
    return Record(1, part_id, verdict, 0, 1000, flags, 50)


def out(belt: Conveyor, at_ns: int, *, permit: bool = True, alive: bool = True) -> list[Why]:
    """Why each part that is due was passed or ejected."""
    ejected = belt.due(at_ns, permit=permit, alive=alive)
    assert all(part.passed == (part.why is Why.ACCEPT) for part in ejected)
    return [part.why for part in ejected]


@pytest.fixture
def belt() -> Conveyor:
    """A belt with part 7 on it since t = 0."""
    made = Conveyor(BUDGET_NS, TRAVEL_NS)
    made.put(7, 0)
    return made


def test_conveyor_passes_a_part_with_a_timely_accept(belt: Conveyor) -> None:
    """An ACCEPT seen at the very decision point still counts."""
    assert belt.take(record(7), BUDGET_NS)[0] is Taken.TIMELY
    assert out(belt, TRAVEL_NS) == [Why.ACCEPT]


def test_conveyor_ejects_a_part_nobody_speaks_of(belt: Conveyor) -> None:
    """Silence means reject."""
    assert out(belt, TRAVEL_NS) == [Why.SILENT]


def test_conveyor_holds_a_part_until_the_ejector(belt: Conveyor) -> None:
    """Nothing comes out before the travel time, and once only."""
    assert out(belt, TRAVEL_NS - 1) == []
    assert len(belt) == 1
    assert out(belt, TRAVEL_NS) == [Why.SILENT]
    assert out(belt, TRAVEL_NS) == []


def test_conveyor_ejects_a_part_whose_accept_is_late(belt: Conveyor) -> None:
    """One nanosecond after the decision point is too late, even before the ejector."""
    assert belt.take(record(7), BUDGET_NS + 1)[0] is Taken.LATE
    assert out(belt, TRAVEL_NS) == [Why.LATE]


def test_conveyor_knows_a_late_record_from_a_stray_one(belt: Conveyor) -> None:
    """A record for a part that has just left is late; for a part never seen it is wrong."""
    out(belt, TRAVEL_NS)
    assert belt.take(record(7), TRAVEL_NS + 1)[0] is Taken.LATE
    assert belt.take(record(8), TRAVEL_NS + 1) == (Taken.WRONG_PART, None)


def test_conveyor_forgets_parts_long_gone(belt: Conveyor) -> None:
    """Its memory is bounded: after enough parts a record of the first is a stray one."""
    for k in range(REMEMBERED):
        belt.put(100 + k, 1)
    out(belt, 2 * TRAVEL_NS)
    assert belt.take(record(7), 2 * TRAVEL_NS)[0] is Taken.WRONG_PART
    assert belt.take(record(100), 2 * TRAVEL_NS)[0] is Taken.LATE


@pytest.mark.parametrize("verdict", [0, 2, 3, 4, 5, 65_535])
def test_conveyor_ejects_on_every_verdict_but_accept(belt: Conveyor, verdict: int) -> None:
    """VERDICT 1 alone passes."""
    belt.take(record(7, verdict), 10)
    assert out(belt, TRAVEL_NS) == [Why.VERDICT]


@pytest.mark.parametrize(("flags", "why"), [(1, Why.ACCEPT), (2, Why.FLAGS), (4, Why.FLAGS)])
def test_conveyor_reads_the_flags(belt: Conveyor, flags: int, why: Why) -> None:
    """A degraded ACCEPT passes, one marked late or test does not."""
    belt.take(record(7, flags=flags), 10)
    assert out(belt, TRAVEL_NS) == [why]


def test_conveyor_ejects_when_the_permit_is_gone(belt: Conveyor) -> None:
    """An ACCEPT does not outlive the permit."""
    belt.take(record(7), 10)
    assert out(belt, TRAVEL_NS, permit=False) == [Why.PERMIT]


def test_conveyor_ejects_when_the_heart_stands_still(belt: Conveyor) -> None:
    """An ACCEPT does not outlive the heartbeat."""
    belt.take(record(7), 10)
    assert out(belt, TRAVEL_NS, alive=False) == [Why.HEART]


@pytest.mark.parametrize("verdicts", [(ACCEPT, REJECT), (REJECT, ACCEPT)])
def test_conveyor_ejects_when_two_records_disagree(
    belt: Conveyor, verdicts: tuple[int, int]
) -> None:
    """A second record is doubled, and cannot turn a reject into a pass."""
    taken = [belt.take(record(7, verdict), 10)[0] for verdict in verdicts]
    assert taken == [Taken.TIMELY, Taken.DOUBLED]
    assert out(belt, TRAVEL_NS) == [Why.VERDICT]


@pytest.mark.parametrize("gone", [False, True])
def test_conveyor_ejects_the_second_bearer_of_an_id(belt: Conveyor, *, gone: bool) -> None:
    """A late ACCEPT of the first bearer must not pass the second, on the belt or off it."""
    if gone:
        assert out(belt, TRAVEL_NS) == [Why.SILENT]
    else:
        belt.take(record(7), 10)
    belt.put(7, 2 * TRAVEL_NS)
    belt.take(record(7), 2 * TRAVEL_NS + 1)
    assert out(belt, 3 * TRAVEL_NS)[-1] is Why.REPEATED


def test_conveyor_ejects_what_was_on_the_belt_at_a_reboot(belt: Conveyor) -> None:
    """After a reboot nothing said before or after it passes the parts on the belt."""
    belt.take(record(7), 10)
    belt.put(8, 20)
    belt.forget()
    assert belt.take(record(8), 30)[0] is Taken.LOST
    assert out(belt, 2 * TRAVEL_NS) == [Why.LOST, Why.LOST]


def test_conveyor_lets_ids_start_again_after_a_reboot(belt: Conveyor) -> None:
    """The lost part 7 does not stand in the way of a new part 7."""
    belt.forget()
    entry = belt.put(7, 50)
    assert belt.take(record(7), 60) == (Taken.TIMELY, entry)
    assert out(belt, 50 + TRAVEL_NS) == [Why.LOST, Why.ACCEPT]


def test_conveyor_refuses_an_ejector_before_the_decision_point() -> None:
    """The message says both times."""
    with pytest.raises(ValueError, match="budget 200 ns and travel 100 ns"):
        Conveyor(200, 100)


Moves = list[tuple[int, int, int, int]]
moves = st.lists(
    st.tuples(
        st.integers(1, 6),
        st.sampled_from([0, 1, 1, 1, 2, 3]),
        st.integers(0, 5),
        st.integers(0, 90),
    ),
    max_size=30,
)


@given(said=moves, ids=st.lists(st.integers(1, 6), min_size=1, max_size=8))
def test_conveyor_never_passes_a_part_without_its_own_accept(said: Moves, ids: list[int]) -> None:
    """Whatever is said in whatever order and time, a pass has one timely ACCEPT and no doubt.

    The oracle looks at each part alone: what was said of its id, and when.
    """
    belt = Conveyor(BUDGET_NS, TRAVEL_NS)
    heard: list[tuple[int, Record]] = []
    parts: dict[int, tuple[int, int, int]] = {}
    passed: list[int] = []
    now_ns = 0
    for step in range(max(len(said), len(ids))):
        if step < len(ids):
            entry = belt.put(ids[step], now_ns)
            parts[entry.serial] = (ids[step], now_ns, len(heard))
        if step < len(said):
            part_id, verdict, flags, wait_ns = said[step]
            now_ns += wait_ns
            heard.append((now_ns, record(part_id, verdict, flags)))
            belt.take(heard[-1][1], now_ns)
        passed += [e.entry.serial for e in belt.due(now_ns, permit=True, alive=True) if e.passed]
    passed += [e.entry.serial for e in belt.due(10**6, permit=True, alive=True) if e.passed]
    for serial in passed:
        part_id, at_ns, before = parts[serial]
        since = [(t_ns, r) for t_ns, r in heard[before:] if r.part_id == part_id]
        timely = [r for t_ns, r in since if t_ns <= at_ns + BUDGET_NS]
        assert timely
        assert timely[0].verdict == ACCEPT
        assert not timely[0].flags & 0b110


@given(order=st.permutations(range(1, 9)), bad=st.sets(st.integers(1, 8)))
def test_conveyor_sorts_by_id_in_any_order_of_records(order: list[int], bad: set[int]) -> None:
    """Exactly the accepted parts pass, in whatever order the records come."""
    belt = Conveyor(BUDGET_NS, TRAVEL_NS)
    for part_id in range(1, 9):
        belt.put(part_id, part_id)
    for part_id in order:
        belt.take(record(part_id, REJECT if part_id in bad else ACCEPT), 20)
    ejected = belt.due(TRAVEL_NS + 8, permit=True, alive=True)
    assert [e.entry.part_id for e in ejected if not e.passed] == sorted(bad)
