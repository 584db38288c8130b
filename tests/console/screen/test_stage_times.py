"""How long stages took, and what each had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import Part
from gonogo.console.screen.stage_times import in_figures, stage_times
from gonogo.ipc.journal_records import DeliveryEntry, StageTimes
from gonogo.tests.fakes import entry_of, put

if TYPE_CHECKING:
    from gonogo.ipc.journal_records import VerdictEntry
    from gonogo.tests.console.screen.scene import Scene

MS = 10**6


def judged(serial: int, engine_ms: int, due_ms: int = 60) -> VerdictEntry:
    """A part whose picture came after 10 ms, whose engine was done then, and that had so long."""
    at = serial * 10**9
    part = Part(serial, serial, at, at + 20 * MS, at + due_ms * MS, at + 80 * MS)
    stamps = StageTimes(at + 10 * MS, at + 15 * MS, at + engine_ms * MS, at + 70 * MS, at + 71 * MS)
    return entry_of(serial)._replace(part=part, stamps=stamps)


def delivered(entry: VerdictEntry, acked_ms: int) -> DeliveryEntry:
    """Told to the PLC after 72 ms."""
    part = entry.part
    at = part.trigger_ns
    acked_ns = at + acked_ms * MS if acked_ms else 0
    return DeliveryEntry(
        part.serial, part.part_id, 1, at + 72 * MS, acked_ns, delivered=bool(acked_ms),
        kind=entry.kind, reason=entry.reason,
    )  # fmt: skip


def test_stages_are_in_their_order_with_half_most_and_longest() -> None:
    """From the trigger on, and beside them what was due; those that were late are counted."""
    parts = [judged(k, 30 + k) for k in range(1, 41)]
    found = in_figures([*parts, delivered(parts[0], 90), delivered(parts[1], 0)])
    assert [each["stage"] for each in found] == [
        "frame", "rules", "engine", "reported", "published", "acknowledged",
    ]  # fmt: skip
    engine = found[2]
    assert (engine["parts"], engine["late"], engine["due_ms"]) == (40, 10, 60.0)
    assert (engine["p50_ms"], engine["max_ms"]) == (50.5, 70.0)
    assert engine["p99_ms"] == pytest.approx(69.61)
    assert (found[4]["parts"], found[4]["late"]) == (2, 0)
    assert (found[5]["parts"], found[5]["late"]) == (1, 1)


def test_stage_that_no_part_went_through_is_not_there() -> None:
    """Rules alone; and what is due is the shortest of all."""
    silent = judged(1, 30)
    silent = silent._replace(stamps=silent.stamps._replace(engine_ns=0))
    found = in_figures([silent, judged(2, 40, 50), delivered(judged(9, 30), 80)])
    assert {each["stage"]: each["parts"] for each in found} == {
        "frame": 2, "rules": 2, "engine": 1, "reported": 2,
    }  # fmt: skip
    assert found[1]["due_ms"] == 50.0
    assert in_figures([]) == []


def test_stage_times_are_read_from_the_journal_of_a_station(scene: Scene) -> None:
    """Whatever it still holds."""
    put(scene.journal, judged(1, 30))
    put(scene.journal, judged(2, 40))
    assert {each["parts"] for each in stage_times(scene.station)} == {2}
