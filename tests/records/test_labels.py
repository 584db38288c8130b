"""Names and clocks: what the numbers of a journal mean, also in another boot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.records.labels import Clock, Labels
from gonogo.records.process import RecordsPlan

if TYPE_CHECKING:
    from pathlib import Path

NS_PER_S = 1_000_000_000


def test_labels_are_read_as_the_plan_of_the_records_says_them(tmp_path: Path) -> None:
    """What stands in the journal is all that a later start has."""
    plan = RecordsPlan(
        station="s", path=tmp_path / "r.db", state=tmp_path / "s.json", poll_ms=50,
        views=("top", "side"), rules=("gap",), units=("mm",),
        recipes={7: (("depth", "tilt"), ("mm", "deg"))},
    )  # fmt: skip
    labels = Labels.read(plan.about)
    assert labels == Labels(plan.views, plan.rules, plan.units, plan.recipes)
    assert labels.rules_of(7) == (("depth", "tilt"), ("mm", "deg"))
    assert labels.rules_of(1) == (("gap",), ("mm",)), "the first recipe is the station file itself"


def test_labels_of_a_journal_from_before_there_were_recipes_have_none() -> None:
    """Nor views, where it says none."""
    assert Labels.read('{"rules": ["gap"], "units": ["mm"]}') == Labels((), ("gap",), ("mm",))


def test_clock_says_when_something_was_in_the_boot_that_it_is_of() -> None:
    """UTC, to the millisecond, from the distance of two monotonic times."""
    clock = Clock(1_700_000_000 * NS_PER_S, 500 * NS_PER_S)
    assert clock.wall_ms(500 * NS_PER_S) == 1_700_000_000_000
    assert clock.wall_ms(499 * NS_PER_S + 1_000_000) == 1_699_999_999_001


def test_clock_of_now_takes_both_at_one_moment() -> None:
    """The later one is ahead in both."""
    first, second = Clock.now(), Clock.now()
    assert second.monotonic_ns >= first.monotonic_ns
    assert abs((second.wall_ns - first.wall_ns) - (second.monotonic_ns - first.monotonic_ns)) < 60e9
