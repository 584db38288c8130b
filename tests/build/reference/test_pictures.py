"""Which picture a row of the table is of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.base.errors import ReferenceUnusable
from gonogo.build.reference.pictures import PICTURES_MAX, PICTURES_MIN, Scored, scored
from gonogo.build.reference.table import Row, Table

if TYPE_CHECKING:
    from pathlib import Path

COUNT = PICTURES_MIN


def _saved(folder: Path, count: int = COUNT) -> list[Path]:
    """Pictures whose grey is their number."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{k:02d}.png" for k in range(count)]
    for k, path in enumerate(paths):
        cv2.imwrite(str(path), np.full((4, 6), k, np.uint8))
    return paths


def _table(path: Path, names: list[str], scores: list[float] | None = None) -> Table:
    values = scores if scores is not None else [float(k) for k in range(len(names))]
    return Table(path, tuple(map(Row, range(2, len(names) + 2), names, values)), of_good=False)


def _greys(found: Scored) -> list[int]:
    return [int(frame[0, 0, 0]) for frame in found.frames]


def test_scored_finds_pictures_by_the_end_of_their_path(tmp_path: Path) -> None:
    """Paths of another machine, with its strokes; in order of their scores, each at its size."""
    known = [*_saved(tmp_path / "bad"), *_saved(tmp_path / "good")]
    names = [f"D:\\line 3\\good\\{k:02d}.png" for k in range(COUNT)]
    found = scored(_table(tmp_path / "s.csv", names, [float(-k) for k in range(COUNT)]), known)
    assert _greys(found) == list(range(COUNT))[::-1]
    assert found.scores.tolist() == [float(-k) for k in range(COUNT)][::-1]
    assert found.frames[0].shape == (4, 6, 3)
    assert found.notes == ()


def test_scored_takes_a_path_as_it_stands_before_any_guess(tmp_path: Path) -> None:
    """train/good/00.png is not test/good/00.png, though only that one is part of the build."""
    train, test = _saved(tmp_path / "train" / "good"), _saved(tmp_path / "test" / "good")
    for path in train:
        cv2.imwrite(str(path), np.full((4, 6), 200, np.uint8))
    found = scored(_table(tmp_path / "s.csv", [str(path) for path in train]), test)
    assert _greys(found) == [200] * COUNT
    beside = [str(path.relative_to(tmp_path)) for path in train]
    assert _greys(scored(_table(tmp_path / "s.csv", beside), test)) == [200] * COUNT


def test_scored_leaves_out_the_row_that_fits_less_well(tmp_path: Path) -> None:
    """Two rows look like one picture: the one whose path is more alike has it."""
    known = _saved(tmp_path / "test" / "good")
    names = [f"x/{kind}/good/{k:02d}.png" for k in range(COUNT) for kind in ("train", "test")]
    found = scored(_table(tmp_path / "s.csv", names), known)
    assert found.scores.tolist() == [2.0 * k + 1 for k in range(COUNT)]
    assert "8 pictures are not there: x/train/good/00.png" in found.notes[0]


def test_scored_refuses_what_cannot_be_told_apart(tmp_path: Path) -> None:
    """A bare name that lies in two folders of the build."""
    known = [*_saved(tmp_path / "a" / "bad"), *_saved(tmp_path / "a" / "good")]
    with pytest.raises(ReferenceUnusable, match=r"line 2: 00\.png may be .*bad.* or .*good"):
        scored(_table(tmp_path / "s.csv", [path.name for path in known]), known)


def test_scored_refuses_a_picture_with_two_scores(tmp_path: Path) -> None:
    """As tables of boxes have it; the same score twice is none the worse."""
    known = _saved(tmp_path / "good")
    names = [*(path.name for path in known), known[3].name]
    scores = [float(k) for k in range(COUNT)]
    assert len(scored(_table(tmp_path / "s.csv", names, [*scores, 3.0]), known).frames) == COUNT
    with pytest.raises(
        ReferenceUnusable, match=r"line 10: 03\.png stands there twice, with 3 and 7"
    ):
        scored(_table(tmp_path / "s.csv", names, [*scores, 7.0]), known)


def test_scored_refuses_too_few_pictures(tmp_path: Path) -> None:
    """Missing ones are named, and so are those that are no pictures."""
    known = _saved(tmp_path / "good")
    known[2].write_bytes(b"no picture")
    names = [path.name for path in known]
    with pytest.raises(ReferenceUnusable, match=r"7 of 8 pictures.*cannot be read: 02\.png"):
        scored(_table(tmp_path / "s.csv", names), known)
    with pytest.raises(ReferenceUnusable, match=r"0 of 8 pictures.*8 pictures are not there: 00"):
        scored(_table(tmp_path / "s.csv", names), [])


def test_scored_refuses_scores_that_are_all_the_same(tmp_path: Path) -> None:
    """Nothing can be compared with them."""
    known = _saved(tmp_path / "good")
    with pytest.raises(ReferenceUnusable, match="all 8 scores are 1, expected scores that differ"):
        scored(_table(tmp_path / "s.csv", [p.name for p in known], [1.0] * COUNT), known)


def test_scored_takes_so_many_from_low_to_high(tmp_path: Path) -> None:
    """Of a large table some, and both ends of the scores among them."""
    known = _saved(tmp_path / "good", PICTURES_MAX + 50)
    found = scored(_table(tmp_path / "s.csv", [path.name for path in known]), known)
    assert PICTURES_MAX // 2 <= len(found.frames) <= PICTURES_MAX
    assert found.scores[0] == 0
    assert found.scores[-1] >= len(known) - 2
