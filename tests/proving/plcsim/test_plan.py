"""The simulator's plan, and the truth it knows of each part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gonogo.base.errors import UnknownDriver
from gonogo.proving.plcsim.plan import Plan, truths


def plan(**keys: Any) -> Plan:  # noqa: ANN401 - whatever a plan takes
    """A plan of one part."""
    return Plan.model_validate({"journal": Path("unused"), "parts": 1} | keys)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"station": "server"}, "expected the station's own port"),
        ({"travel_ms": 10}, "expected at least budget_ms"),
        ({"truth": [True], "sections": [{}]}, "either truth or sections"),
        ({"trigger": "device", "script": [{"at_part": 1, "do": "skip_id"}]}, "ids and gaps can"),
        ({"trigger": "device", "script": [{"at_part": 1, "do": "gap"}]}, "ids and gaps can"),
        ({"script": [{"at_part": 1, "do": "skip_id"}] * 2}, "one step per part"),
        ({"pitch": 1}, "Extra inputs"),
    ],
)
def test_plan_refuses_contradictions(keys: dict[str, Any], words: str) -> None:
    """Every message says what was expected."""
    with pytest.raises(ValidationError, match=words):
        plan(**keys)


def test_truths_go_round_a_list() -> None:
    """Part 1 shows the first value, whatever the ids in between."""
    truth = truths(plan(truth=[True, False]))
    assert [truth(k).good for k in (1, 2, 3, 1000)] == [True, False, True, False]
    assert truth(2).label == "bad"


def test_truths_know_only_simulated_cameras() -> None:
    """A camera that nobody simulates knows no truth."""
    with pytest.raises(UnknownDriver, match="got 'gige'"):
        truths(plan(sections=[{"driver": "gige"}]))


def test_truths_of_nothing_are_good() -> None:
    """Without truth every part counts as good."""
    assert truths(plan())(7).good


def test_truths_are_the_drawn_defects_of_a_synthetic_camera() -> None:
    """A part is as good as its worst view, and the camera's own truth decides each view."""
    size = {"width_px": 64, "height_px": 64}
    one = {"driver": "synthetic", "seed": 3, "defect_pct": 40, **size}
    two = one | {"seed": 4}
    first, second, both = (truths(plan(sections=views)) for views in ([one], [two], [one, two]))
    goods = [(first(k).good, second(k).good, both(k).good) for k in range(1, 60)]
    assert {(a, b) for a, b, _ in goods} == {(a, b) for a in (True, False) for b in (True, False)}
    assert all(c == (a and b) for a, b, c in goods)
