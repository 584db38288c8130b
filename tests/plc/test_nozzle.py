"""The ejector's side of a verdict: passed only by an ACCEPT that the PLC would be told as one."""

from __future__ import annotations

import time

import pytest

from gonogo.plc.eject import Ejector, EjectSection
from gonogo.plc.nozzle import Nozzle
from gonogo.plc.state import Result
from gonogo.plc.transport import Image
from gonogo.runtime.parts import NS_PER_MS, Kind, Reason

RESERVE_NS = NS_PER_MS
EARLY_NS = 10 * RESERVE_NS
PART = 7


def passes(kind: Kind, left_ns: int, *, permit: bool = True) -> bool:
    """Whether the coil lets a part pass whose verdict came so long before its deadline."""
    section = EjectSection.model_validate({"distance_mm": 200.0, "window_mm": 380.0})
    ejector = Ejector(section, 200.0)  # its window begins 50 ms after the trigger
    now_ns = time.monotonic_ns()
    ejector.turn(now_ns - 10_000 * NS_PER_MS)
    nozzle = Nozzle(ejector, RESERVE_NS)
    nozzle.seen(PART, now_ns)
    result = Result(now_ns, 1, PART, kind, Reason.OK, 0, False, now_ns, now_ns + left_ns)  # noqa: FBT003
    nozzle.judged(result, permit=permit)
    return ejector.turn(now_ns + 500 * NS_PER_MS)


def test_nozzle_passes_an_accept_in_time() -> None:
    """The one way through."""
    assert passes(Kind.ACCEPT, EARLY_NS)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.ACCEPT])
def test_nozzle_passes_nothing_else(kind: Kind) -> None:
    """Every other verdict is a reject."""
    assert not passes(kind, EARLY_NS)


def test_nozzle_passes_nothing_without_permit() -> None:
    """The PLC would not believe it either."""
    assert not passes(Kind.ACCEPT, EARLY_NS, permit=False)


@pytest.mark.parametrize("left_ns", [RESERVE_NS, RESERVE_NS // 2, 0, -1])
def test_nozzle_and_record_agree_on_what_is_late(left_ns: int) -> None:
    """An ACCEPT that is written into the record as late does not open the gate either."""
    assert not passes(Kind.ACCEPT, left_ns)


def test_nozzle_without_an_ejector_changes_nothing() -> None:
    """A station whose PLC ejects."""
    image = Image((1, 2, 3), (True,))
    assert Nozzle(None).show(image) == image
