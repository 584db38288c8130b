"""A review of parts that passed, from the first look to limits that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import NoLimitsFollow, PartsToReview
from gonogo.console.limits.session import session_of
from gonogo.console.limits.subject import subject_of
from gonogo.tests.commands.passed import BAD, GOOD, ODD, passed

if TYPE_CHECKING:
    from pathlib import Path


def test_session_shows_the_highest_of_the_first_and_proposes_nothing_unseen(tmp_path: Path) -> None:
    """All parts are found, so many are shown, and nobody has looked yet."""
    session = session_of(subject_of(passed(tmp_path).file, None, 1), 1000, 5)
    assert [part.score for part in session.review.shown] == [9.0, 7.0, 6.0, 2.5, 2.4]
    assert len(session.review.found.parts) == len(GOOD) + len(ODD) + len(BAD)
    assert session.told == [None] * len(session.review.found.parts)
    with pytest.raises(NoLimitsFollow, match="nobody has looked"):
        session.propose()


def test_session_of_too_few_parts_is_none(tmp_path: Path) -> None:
    """With how many there are."""
    file = passed(tmp_path, GOOD[:99]).file
    with pytest.raises(PartsToReview, match="99 parts"):
        session_of(subject_of(file, None, 1), 1000, 5)
