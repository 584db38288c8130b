"""Limits that a person agrees to, or not; and engines whose limits stand in no station file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import numpy as np
from click.testing import CliRunner, Result

from gonogo.base.errors import LimitsNotApplied, ModelError
from gonogo.base.scores import ScoreLimits
from gonogo.build.review.proposal import Proposal, labelled, propose
from gonogo.commands.limits_change import apply_limits, undo_limits
from gonogo.config.limits_applying import undo_path
from gonogo.config.station import load_station
from gonogo.console.limits.subject import Subject, subject_of
from gonogo.ipc.audit.files import beside_records
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


def taken_back(file: Path) -> Result:
    """The last limits of a station file."""

    @click.command()
    def undo() -> None:
        undo_limits(file, yes=True)

    return CliRunner().invoke(undo)


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


def test_limits_through_a_link_are_those_of_the_folder_of_the_link(tmp_path: Path) -> None:
    """As a station reads it: models, records and the audit trail lie beside the link."""
    file, elsewhere = passed(tmp_path).file, tmp_path / "cells"
    elsewhere.mkdir()
    kept = file.rename(elsewhere / file.name)
    file.symlink_to(kept)
    records = load_station(file).records.path
    found = agreed(subject_of(file, None, 1), "y\n")
    assert found.exception is None
    assert file.is_symlink()
    engine = load_station(file).view[0].engine
    assert engine is not None
    assert engine.reject_above == proposal().limits.reject_above
    assert beside_records(records).is_file()
    assert taken_back(file).exception is None
    assert not list(elsewhere.glob("*.audit.jsonl"))
