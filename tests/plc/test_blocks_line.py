"""The function block that ships on a line of its own, against the station's real handshake.

The block runs as its text stands; the plant (gonogo.tests.plc.plant) judges every part.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.tests.plc.plant import BLOCKS, FAULTS, Fault, Plant
from gonogo.tests.st.text import load

TROUBLE = (["restart"], ["plc_restart"], ["freeze", "stand"], ["jump"], ["slow"])
SETTLED_MS = 2500  # from the end of the last fault until everything is in step again
faults = st.builds(
    Fault, st.sampled_from(FAULTS), for_ms=st.integers(0, 1200), detail=st.integers(0, 96)
)
steps = st.lists(st.tuples(st.integers(0, 3), faults), max_size=10)


def feed(plant: Plant, parts: int, pitch: int) -> None:
    """`parts` parts, two of three good, `pitch` counts apart."""
    for _ in range(parts):
        plant.put(good=plant.random.random() < 2 / 3)
        plant.move(pitch)


def counted(plant: Plant) -> tuple[int, ...]:
    """What the block counted: parts, passed, rejected."""
    return tuple(plant.block[name] for name in ("udiParts", "udiPassed", "udiRejected"))


def recover(plant: Plant, pitch: int) -> None:
    """Once the last fault is over, every part gets what it deserves again."""
    plant.run(max(0, max(plant.until.values()) - plant.now_ms) + SETTLED_MS)
    feed(plant, 1, 400)  # the first one's id may lie behind, where both sides have restarted
    before = len(plant.belt.gone)
    feed(plant, 8, pitch)
    plant.move(400)
    last = plant.belt.gone[before:]
    assert len(last) == 8
    assert [item.passed for item in last] == [item.good for item in last]


@pytest.mark.parametrize("pitch", [60, 120, 500])
def test_block_passes_good_parts_and_ejects_bad_ones(pitch: int) -> None:
    """Without faults no part is lost to either side, and no alarm comes up."""
    plant = Plant(pitch)
    plant.run(1000)
    feed(plant, 100, pitch)
    plant.move(600)
    gone = plant.belt.gone
    bad = sum(not item.good for item in gone)
    assert [item.passed for item in gone] == [item.good for item in gone]
    assert counted(plant) == (100, 100 - bad, bad)
    assert plant.block["uiConfirmed"] == bad
    assert plant.block["uiAlarm"] == 0


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    steps=steps,
    pitch=st.sampled_from([60, 150]),
    role=st.sampled_from(["client", "polled"]),
)
def test_block_never_passes_a_part_without_its_own_timely_accept(
    seed: int, steps: list[tuple[int, Fault]], pitch: int, role: str
) -> None:
    """Whatever breaks, in whatever order: the judge at the ejector, and all is well afterwards."""
    plant = Plant(seed, polled=role == "polled")
    plant.run(1000)
    for gap, fault in steps:
        feed(plant, gap, pitch)
        plant.put(good=bool(fault.detail % 3))
        plant.break_(fault)
        plant.move(pitch)
    recover(plant, 150)


def test_block_keeps_parts_apart_over_thousands_and_through_every_wrap() -> None:
    """Part ids and sequences go through 65535 while the wire and the station fail now and then."""
    plant = Plant(2026, uiAck=64600)
    plant.station.state = plant.station.state._replace(seen=64400)
    plant.run(1000)
    for _ in range(200):
        feed(plant, plant.random.randint(1, 14), 70)
        fault = plant.random.choice([f for f in FAULTS if f != "plc_restart"])
        plant.break_(Fault(fault, plant.random.randint(0, 300), plant.random.randint(0, 96)))
    recover(plant, 150)
    ids = [item.part_id for item in plant.belt.gone if item.part_id]
    assert len(ids) == len(set(ids)) > 1200
    assert 65535 in ids
    assert 0 < plant.block["uiAck"] < 2000
    assert plant.block["udiPassed"] > 100


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("auiId[iPart] = auiD[iAt + 1]", "aiState[iPart] = WAITING"),
        ("aiState[iHead] = ACCEPTED AND xPermit", "xPermit"),
        ("> udiDecisionCounts THEN", "> udiEjectCounts THEN"),
        (
            "    xSweep := TRUE;\n    udiSweepPos := udiPos;\nEND_IF;\naxAlarm[9]",
            "END_IF;\naxAlarm[9]",
        ),
        ("    xBeating := FALSE;", "    xBeating := TRUE;"),
    ],
    ids=["part id", "silence", "decision point", "sweep", "heart"],
)
def test_judge_of_the_line_sees_a_block_without_one_of_its_guards(old: str, new: str) -> None:
    """The plant is no formality: a block that lacks something is caught at the ejector."""
    text = (BLOCKS / "FB_GoNoGo.st").read_text(encoding="utf-8")
    assert text.count(old) == 1
    plant = Plant(7, polled=True, block=load(text.replace(old, new))["fb_gonogo"])
    plant.run(1000)
    with pytest.raises(AssertionError):  # noqa: PT012 - somewhere on a long run
        for _ in range(60):
            for kinds in TROUBLE:
                feed(plant, 3, plant.random.randint(60, 150))
                for kind in kinds:
                    plant.break_(Fault(kind, 800 if kind == "freeze" else 400))
                for _ in range(4):
                    feed(plant, 1, 150)
                    plant.break_(Fault("lose", plant.random.randint(10, 60)))
