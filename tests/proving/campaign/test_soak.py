"""The soak: which faults come, and how growth is told from noise."""

from __future__ import annotations

import itertools
import json
import random
from typing import TYPE_CHECKING

import pytest

from gonogo.commands.show.campaign import show_soak
from gonogo.proving.campaign.resources import Sample, own_mb, slope_mb_h
from gonogo.proving.campaign.soak import (
    ENDING,
    ENDING_EVERY,
    HERE,
    LEFT_OUT,
    SoakOrder,
    faults,
    soak,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_faults_end_a_process_rarely_and_show_every_kind() -> None:
    """One in twenty; every row of the campaign has its turn, but for those that last too long."""
    drawn = list(itertools.islice(faults(3, 10**6), ENDING_EVERY * len(ENDING)))
    names = [row.name for row in drawn]
    assert [k for k, name in enumerate(names, 1) if name in ENDING] == [
        ENDING_EVERY * k for k in range(1, len(ENDING) + 1)
    ]
    assert set(names) | set(LEFT_OUT) == {row.name for row in HERE}


def test_faults_end_no_process_once_that_is_over() -> None:
    """The second half lets every process live."""
    drawn = itertools.islice(faults(3, 2 * ENDING_EVERY), 10 * ENDING_EVERY)
    assert sum(row.name in ENDING for row in drawn) == 2


@pytest.mark.parametrize("growth_mb_h", [0.0, 36.0])
def test_slope_is_that_of_the_lives_and_not_of_the_steps_between_them(growth_mb_h: float) -> None:
    """Three processes that start at other levels; noise of 0.2 MB around each."""
    rng = random.Random(1)  # noqa: S311 - not a secret
    samples = [
        Sample("line", pid, 600.0 * pid + 5 * k,
               50.0 + 20 * pid + growth_mb_h * 5 * k / 3600 + rng.gauss(0, 0.2), 9)
        for pid in range(3) for k in range(200)
    ]  # fmt: skip
    slope, error = slope_mb_h(samples)
    assert slope is not None
    assert error is not None
    assert abs(slope - growth_mb_h) < 3 * error
    assert error < 1.0


def test_memory_is_told_when_it_changes_life_by_life() -> None:
    """So that a step can be told from a slope."""
    seen = [(7, 0.0, 20.0), (7, 5.0, 20.0), (7, 10.0, 20.5), (9, 15.0, 20.1), (9, 20.0, 20.1)]
    samples = [Sample("line", pid, 100 + at_s, mb, 4) for pid, at_s, mb in seen]
    assert own_mb(samples) == [[[0.0, 20.0], [10.0, 20.5]], [[15.0, 20.1]]]


def test_slope_of_too_little_is_none() -> None:
    """A life of a few samples says nothing."""
    assert slope_mb_h([Sample("line", 1, 5.0 * k, 50.0, 9) for k in range(5)]) == (None, None)


def test_soak_writes_and_shows_what_it_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A short one, at a rate that any box holds: the same zeros."""
    order = SoakOrder(
        60, 1, pitches_ms=(90.0, 100.0), trial_parts=5, fault_every=10, sample_s=0.2, settle_s=0.0
    )
    told: list[tuple[str, int, int]] = []
    found = soak(order, tmp_path, lambda *_: None, lambda *words: told.append(words))
    assert found == json.loads((tmp_path / "soak.json").read_text(encoding="utf-8"))
    if found["inconclusive"]:
        pytest.skip(f"inconclusive, the judge itself was late: {found['by_judge']}")
    assert found["passed"], found
    assert found["injections"] >= 2
    assert found["parts"] >= 50
    assert found["silent"] == []
    assert {held["process"] for held in found["resources"]} == {
        "supervisor", "records", "engine A", "line",
    }  # fmt: skip
    show_soak(found, width=200)
    said = capsys.readouterr().out
    assert f"{found['injections']} faults" in said
    assert "passed" in said
