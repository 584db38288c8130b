"""Opening a line: who hears of what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import StationFileError
from gonogo.base.words import TriggerEvent
from gonogo.drivers.triggers.catalogue import open_trigger
from gonogo.drivers.triggers.plc_part_id import PlcTrigger
from gonogo.rules.calibration import write_calibration
from gonogo.runtime.line import Bound, bind, judging_of, open_rules
from gonogo.runtime.line_plan import LinePlan
from gonogo.tests.rules.optics import calibration
from gonogo.tests.stations import DIAMETER, small_station, synthetic

if TYPE_CHECKING:
    from pathlib import Path


def test_open_trigger_has_the_parts_noted_that_the_link_must_refuse(tmp_path: Path) -> None:
    """One waits beside the one in hand; a further one is refused, and told before the PLC is."""
    noted: list[TriggerEvent] = []
    section = small_station(tmp_path).trigger
    assert section.named_by_plc
    trigger = open_trigger(section, 0, noted.append)
    assert isinstance(trigger, PlcTrigger)
    assert [trigger.offer(TriggerEvent(part_id, 10)) for part_id in (1, 2)] == [True, False]
    assert noted == [TriggerEvent(2, 10)]
    trigger.close()


def test_open_trigger_of_a_timer_has_no_mailbox(tmp_path: Path) -> None:
    """The station's own photo-eye: the link refuses nothing."""
    timer = {"driver": "timer", "period_ms": 100.0}
    station = small_station(tmp_path, driver="modbus-server", trigger=timer)
    trigger = open_trigger(station.trigger, 0, lambda _: None)
    assert not station.trigger.named_by_plc
    trigger.close()


def test_open_rules_measure_by_the_calibration_of_their_view(tmp_path: Path) -> None:
    """Read when the line begins; its digest is part of what the PLC is told of what judges."""
    known = calibration(mm_per_px=0.2)
    write_calibration(tmp_path / "top.json", known)
    rule = {key: value for key, value in DIAMETER.items() if key != "mm_per_px"}
    camera = synthetic(width_px=640, height_px=480)
    view = {"name": "top", "camera": camera, "rule": (rule,)}
    assert open_rules(small_station(tmp_path, view)).units == ("px",)
    rule["lengths_in"] = "mm"
    rules = open_rules(small_station(tmp_path, view | {"calibration": tmp_path / "top.json"}))
    assert (rules.units, rules.digests) == (("mm",), (known.digest,))


def test_bind_has_the_rules_of_every_recipe_or_why_there_are_none(tmp_path: Path) -> None:
    """Before the line begins: to open them between two parts could take too long."""
    write_calibration(tmp_path / "top.json", calibration(mm_per_px=0.2))
    rule = DIAMETER | {"mm_per_px": 0.2}
    view = {"name": "top", "camera": synthetic(width_px=640, height_px=480), "rule": (rule,)}
    other = {"name": "top", "rule": (DIAMETER | {"mm_per_px": 0.3},)}
    recipes = ({"number": 2, "name": "nuts", "view": (other,)},)
    given = view | {"calibration": tmp_path / "top.json"}
    bound = bind(small_station(tmp_path, given, recipe=recipes))
    (tmp_path / "top.json").unlink()
    assert bound.rules_of(1).units == ("mm",)
    assert bound.rules_of(1) is bound.rules_of(1)
    with pytest.raises(StationFileError, match=r"mm_per_px: expected 0.2 mm/px"):
        bound.rules_of(2)
    with pytest.raises(KeyError):
        bound.rules_of(3)


def test_checksum_of_what_judges_changes_with_what_a_view_has_learnt(tmp_path: Path) -> None:
    """The PLC can notice that other frames are trusted."""
    plan = LinePlan(station=small_station(tmp_path), limits=(None,))
    rules = {1: open_rules(plan.station)}
    words = [judging_of(plan, 1, Bound(rules, trust)).policy.word for trust in ((), ("a",), ("b",))]
    assert len(set(words)) == 3
