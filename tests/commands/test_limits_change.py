"""Limits that a person agrees to, or not; and engines whose limits stand in no station file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import numpy as np
from click.testing import CliRunner, Result

from gonogo.base.errors import LimitsNotApplied, ModelError
from gonogo.base.scores import ScoreLimits
from gonogo.build.review.proposal import Proposal, labelled, propose
from gonogo.commands.limits_change import apply_limits
from gonogo.commands.limits_subject import Subject, subject_of
from gonogo.config.limits_applying import undo_path
from gonogo.config.station import load_station
from gonogo.tests.commands.passed import BAD, GOOD, passed

if TYPE_CHECKING:
    from pathlib import Path


def proposal() -> Proposal:
    """Of a review in which all bad parts were found."""
    scores = np.array([*BAD, *sorted(GOOD, reverse=True)])
    words = [bool(score not in BAD) if k < 12 else None for k, score in enumerate(scores)]
    return propose(labelled(scores, words, 12), ScoreLimits(2.45, 2.45))


def agreed(subject: Subject, typed: str) -> Result:
    """What becomes of it where that is answered; without an answer nobody is asked."""

    @click.command()
    def apply() -> None:
        apply_limits(subject, proposal(), yes=not typed)

    return CliRunner().invoke(apply, input=typed)


def test_apply_limits_asks_before_it_writes(tmp_path: Path) -> None:
    """The difference is shown first; no leaves the file as it was, yes writes it."""
    file = passed(tmp_path).file
    subject, before = subject_of(file, None, 1), file.read_bytes()
    found = agreed(subject, "n\n")
    assert isinstance(found.exception, LimitsNotApplied)
    assert found.output.index("+reject_above = ") < found.output.index("write this into")
    assert file.read_bytes() == before
    assert agreed(subject, "y\n").exception is None
    engine = load_station(file).view[0].engine
    assert engine is not None
    assert engine.reject_above == proposal().limits.reject_above


def test_apply_limits_leaves_a_file_that_would_judge_otherwise(tmp_path: Path) -> None:
    """What the copy says is read back as a station reads it."""
    file = passed(tmp_path).file
    before = file.read_bytes()
    subject = subject_of(file, None, 1)
    (tmp_path / "nut.json").unlink()  # the card: without it nobody knows the limits
    assert isinstance(agreed(subject, "").exception, ModelError)
    assert file.read_bytes() == before
    assert not undo_path(file).exists()
