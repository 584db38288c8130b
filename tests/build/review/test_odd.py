"""Which good parts a person is asked about, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.build.review.odd import ODD_MAX, ODD_MIN, oddest, question, remark, write_odd

if TYPE_CHECKING:
    from pathlib import Path

EVEN = np.exp(np.random.default_rng(4).normal(0, 0.1, 30))
NAMES = [f"{k}.png" for k in range(150)]


@pytest.mark.parametrize(("far", "shown"), [(0, ODD_MIN), (4, 4), (8, ODD_MAX)])
def test_oddest_names_three_to_five(far: int, shown: int) -> None:
    """Three of parts that are all alike, more where more lie far off; highest first."""
    scores = np.concatenate([np.tile(EVEN, 4), np.linspace(20, 30, far)])
    odd = oddest(scores, NAMES)
    assert len(odd) == shown
    assert [one.score for one in odd] == sorted(scores, reverse=True)[:shown]
    assert all(NAMES[one.at] == one.name and scores[one.at] == one.score for one in odd)


def test_oddest_says_how_far_off_a_part_is() -> None:
    """In widths of the others, on the scale of the scores; none where all are the same."""
    odd = oddest(np.append(np.exp(np.arange(11) / 10), 1e3), NAMES)
    assert odd[0].sigmas > 10
    assert odd[1].sigmas < 2
    assert {one.sigmas for one in oddest(np.full(9, -2.0), NAMES)} == {0.0}


def test_oddest_of_few_parts_names_them_all() -> None:
    """Two are no more than two."""
    assert [one.name for one in oddest(np.array([1.0, 2.0]), NAMES)] == ["1.png", "0.png"]


def test_write_odd_shows_them_beside_the_engine(tmp_path: Path) -> None:
    """A picture that opens, named after the engine."""
    frames = [np.full((24, 24, 3), k, np.uint8) for k in range(30)]
    odd = oddest(EVEN, NAMES)
    path = write_odd(tmp_path / "nut-1.0.0.gng", odd, frames)
    assert path == tmp_path / "nut-1.0.0.odd.png"
    assert cv2.imread(str(path)) is not None


def test_question_is_asked_until_somebody_has_looked(tmp_path: Path) -> None:
    """Every part by name, what to say; nothing once all are kept, and the card says which."""
    odd = oddest(EVEN, NAMES)
    asked = "\n".join(question(odd, tmp_path / "s.png", kept=False))
    assert all(one.name in asked for one in odd)
    assert "--drop" in asked
    assert "--keep-all" in asked
    assert question(odd, tmp_path / "s.png", kept=True) == []
    assert "kept after a look" in remark(odd, kept=True)
    assert "nobody has said" in remark(odd, kept=False)
