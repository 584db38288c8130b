"""Parts become hours of production, whatever the clocks do."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.records.drift.embedded import Embedded
from gonogo.records.drift.hour import KEPT, PARTS, Hour, Scores
from gonogo.records.drift.laney import Counts
from gonogo.records.drift.part import Looks
from gonogo.records.drift.summary import LEAST
from gonogo.tests.records.drift.shifts import SECOND_NS, part

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gonogo.records.drift.part import JudgedPart
    from gonogo.records.drift.summary import Summary


def hours(parts: Iterable[JudgedPart], held: Hour | None = None) -> list[Summary]:
    """What comes out of these parts."""
    held, embedded = held or Hour(), Embedded()
    return [done for each in parts if (done := held.add(each, embedded)) is not None]


def test_hour_is_one_of_production() -> None:
    """Ten seconds from part to part: 361 of them, with what they had."""
    looks = Looks(120.0, 30.0, float("nan"))
    found = hours(part(k, 10.0 * k, float(k), accepted=k % 4 > 0, looks=looks) for k in range(800))
    assert [each.number for each in found] == [0, 1]
    assert found[0].rejects == Counts(91, 361)
    assert found[0].looks[:2] == (120.0, 30.0)
    assert np.isnan(found[0].looks.noise)
    assert found[0].trusted[[0, -1]].tolist() == [0, 360]
    assert found[0].accepted[0] == 1
    assert len(found[0].parts) == PARTS
    assert found[1].wall_s == pytest.approx(1e9 + 3610)


def test_hour_does_not_count_pauses() -> None:
    """A stop of half an hour counts for a minute."""
    times_s = [10.0 * k + (1800 if k > 100 else 0) for k in range(500)]
    (found,) = hours(part(k, at_s) for k, at_s in enumerate(times_s))
    assert found.rejects.of == 361 - 5


def test_hour_ends_with_an_idle_weekend() -> None:
    """What came before it is one hour, what comes after it another, and nothing lies between."""
    weekend_s = 60 * 3600.0
    times_s = [10.0 * k + (weekend_s if k >= 100 else 0) for k in range(500)]
    found = hours(part(k, at_s) for k, at_s in enumerate(times_s))
    assert [(each.number, each.rejects.of) for each in found] == [(0, 100), (1, 361)]


def test_hour_of_a_few_parts_is_none() -> None:
    """They are not added to the next one either."""
    times_s = [10.0 * k + (7200 if k >= LEAST - 1 else 0) for k in range(LEAST + 370)]
    found = hours(part(k, at_s) for k, at_s in enumerate(times_s))
    assert [(each.number, each.rejects.of) for each in found] == [(0, 361)]


def test_hour_does_not_care_for_the_wall_clock() -> None:
    """A day back in the middle: the same hours."""
    plain = [part(k, 10.0 * k) for k in range(800)]
    stepped = [each._replace(wall_s=each.wall_s - 86400 * (each.serial > 200)) for each in plain]
    assert [each.rejects for each in hours(stepped)] == [each.rejects for each in hours(plain)]


def test_hour_goes_on_in_the_next_run() -> None:
    """Whose monotonic clock may be anything: the step from run to run counts as none."""
    parts = [part(k, 10.0 * k) for k in range(200)]
    parts += [each._replace(run=2, mono_ns=each.mono_ns + 9 * SECOND_NS) for each in parts[:180]]
    assert [each.rejects.of for each in hours(parts)] == [362]


def test_hour_does_not_run_backwards() -> None:
    """A part whose time lies before the one before it adds nothing."""
    at_s = count()
    parts = [part(k, 10.0 * next(at_s)) for k in range(365)]
    parts[50] = parts[50]._replace(mono_ns=0)
    # the step back is none, the one after it is a pause of a minute instead of ten seconds
    assert [each.rejects.of for each in hours(parts)] == [361 - 4]


@pytest.mark.parametrize("score", [float("nan"), float("inf"), -float("inf"), 1e300, None])
def test_hour_counts_scores_that_are_none(score: float | None) -> None:
    """The others' quantiles stay what they were."""
    held = Hour()
    (found,) = hours((part(k, 10.0 * k, score if k % 2 else 7.0) for k in range(365)), held)
    assert held.odd == (0 if score is None else 182)
    assert set(found.trusted.tolist()) == {7.0}
    assert found.rejects.of == 361


def test_hour_takes_no_score_of_a_frame_that_is_not_trusted() -> None:
    """It counts as a reject all the same, and its looks are known."""
    dark = Looks(9.0, 1.0, 1.0)
    (found,) = hours(
        part(k, 10.0 * k, accepted=False, trusted=False, looks=dark) for k in range(365)
    )
    assert found.trusted.shape == (0,)
    assert found.parts == ()
    assert found.looks == dark
    assert found.rejects == Counts(361, 361)


def test_scores_keep_a_sample_of_more_than_they_hold() -> None:
    """As many of the late ones as of the early ones."""
    held, chance = Scores(), Hour()._chance
    for k in range(10 * KEPT):
        held.add(float(k), chance)
    assert held.quantiles()[64] == pytest.approx(5 * KEPT, rel=0.1)
    assert held.quantiles().shape == (0,)


def test_hour_has_the_mean_light_of_places() -> None:
    """Of the frames that were measured; one that is not finite, or of another size, is no harm."""
    grids = {3: (1.0, 3.0), 8: (3.0, 5.0), 9: (float("nan"), 1.0)}
    parts = [
        part(k, 10.0 * k, places=np.array(grids[k], np.float32) if k in grids else None)
        for k in range(365)
    ]
    (found,) = hours(parts)
    assert found.places.tolist() == [2.0, 4.0]
    (none,) = hours(part(k, 10.0 * k) for k in range(365))
    assert none.places.shape == (0,)
