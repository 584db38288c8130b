"""What a record has room for, and which rule may ask for the PLC's number of a part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gonogo.config.station import Station, load_station

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "stations" / "demo.toml"
CODE = {"kind": "code", "symbology": ("qr",)}
WIDTH = {"kind": "dimension", "measure": "width", "low": 1.0}


def demo_with(rules: list[dict[str, Any]], **keys: Any) -> Station:  # noqa: ANN401 - of the file
    """The demo station with these rules in its view."""
    plain = load_station(DEMO).model_dump()
    named = tuple({"name": f"r{k}", **rule} for k, rule in enumerate(rules))
    views = tuple({**view, "rule": named} for view in plain["view"])
    return Station.model_validate({**plain, "view": views, **keys})


@pytest.mark.parametrize(("codes", "others"), [(0, 32), (1, 31), (4, 20), (8, 0)])
def test_rules_that_fit_a_record_are_taken(codes: int, others: int) -> None:
    """One that reads a text takes five places of forty, and there are at most 32 rules."""
    station = demo_with([CODE] * codes + [WIDTH] * others)
    assert len(station.view[0].rule) == codes + others


@pytest.mark.parametrize(
    ("codes", "others", "problem"),
    [
        (0, 33, "expected at most 32 rules in all views, got 33"),
        (8, 1, "of which one that reads a text takes 5, got 9 rules with 41, 8 of them reading"),
        (9, 0, "expected rules that take at most 40 places of a part's record"),
        (4, 21, "got 25 rules with 41, 4 of them reading"),
    ],
)
def test_rules_that_do_not_fit_a_record_are_refused(codes: int, others: int, problem: str) -> None:
    """With how much room there is."""
    with pytest.raises(ValidationError, match=problem):
        demo_with([CODE] * codes + [WIDTH] * others)


def test_rule_asks_for_the_part_id_only_where_the_plc_gives_one() -> None:
    """A trigger of the station's own counts the parts itself: its number is on no label."""
    asking = [{**CODE, "equals_plc": True}]
    assert demo_with(asking, trigger={"driver": "plc"}).view[0].rule[0].compares_part_id
    with pytest.raises(ValidationError, match="rule 'r0': equals_plc: expected a trigger whose"):
        demo_with(asking, trigger={"driver": "timer", "period_ms": 500.0})


def test_station_of_the_page_on_codes_is_one() -> None:
    """As somebody copies it."""
    station = load_station(ROOT / "docs" / "examples" / "code-station.toml")
    assert [rule.kind for rule in station.view[0].rule] == ["code"]
