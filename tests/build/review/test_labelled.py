"""Labels of the oddest parts into limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.base.errors import ReviewError
from gonogo.build.fewparts import after_review
from gonogo.build.review.engine import Engine, opened
from gonogo.build.review.labelled import Review, oddest_of, review
from gonogo.build.review.listing import Row
from gonogo.build.review.parts import Picture, read_pictures
from gonogo.tests.build.parts import quiet
from gonogo.tests.build.review.reviewed import BAD, GOOD, save_pictures
from gonogo.tests.stations import tiny_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """One that scores brightness."""
    with opened(tiny_engine(tmp_path / "nut.onnx")) as found:
        yield found


@pytest.fixture
def pictures(tmp_path: Path, engine: Engine) -> list[Picture]:
    """Of twelve good parts and two bad ones."""
    return read_pictures(save_pictures(tmp_path / "pictures"), engine.model, quiet)


def rows_of(engine: Engine, pictures: list[Picture], labels: dict[str, str], top: int) -> list[Row]:
    """The list of the oddest, good where nothing else is told."""
    return [
        Row(labels.get(seen.name, "good"), seen.name, seen.sha256)
        for _, seen in oddest_of(engine, pictures, top)
    ]


def labelled(
    engine: Engine, pictures: list[Picture], labels: dict[str, str], top: int = 6
) -> Review:
    """A review of the `top` oddest."""
    return review(engine, pictures, rows_of(engine, pictures, labels, top), quiet)


TWO_BAD = {f"{level}.png": "bad" for level in BAD}


def test_oddest_of_ranks_from_the_top(engine: Engine, pictures: list[Picture]) -> None:
    """As many as asked for, and no more than there are."""
    found = oddest_of(engine, pictures, 3)
    assert [seen.name for _, seen in found] == ["160.png", "150.png", "111.png"]
    assert all(picture.name == seen.name for picture, seen in found)
    assert len(oddest_of(engine, pictures, 99)) == len(pictures)


def test_review_follows_the_rule_of_good_and_bad(engine: Engine, pictures: list[Picture]) -> None:
    """What was not listed counts as good."""
    found = labelled(engine, pictures, TWO_BAD)
    expected = after_review(np.array(GOOD, float), np.array(BAD, float))
    assert found.limits["onnxruntime"] == expected
    assert found.thresholds[:2] == expected[:2]
    assert (len(found.good), len(found.bad), found.odd) == (len(GOOD), len(BAD), [])
    assert found.thresholds.escape is not None
    assert found.thresholds.escape.events == 0
    assert "the 6 oddest were labelled, 2 of them bad" in found.thresholds.how


def test_review_leaves_odd_parts_out(engine: Engine, pictures: list[Picture]) -> None:
    """Good, but to be taught: reject stays where the others put it."""
    kept = labelled(engine, pictures, {"160.png": "bad"})
    odd = labelled(engine, pictures, {"160.png": "bad", "150.png": "odd"})
    assert [path.name for path in odd.odd] == ["150.png"]
    assert odd.limits["onnxruntime"].reject_above < 120 < kept.limits["onnxruntime"].reject_above


@pytest.mark.parametrize(("top", "warned"), [(3, True), (2, True), (5, False)])
def test_review_warns_where_more_seem_to_be_bad(
    engine: Engine, pictures: list[Picture], top: int, *, warned: bool
) -> None:
    """More than half of the listed, or the last of them: others were not shown."""
    found = labelled(engine, pictures, TWO_BAD, top)
    assert any("--top" in warning for warning in found.warnings) == warned
    assert any("first 100" in warning for warning in found.warnings)


def test_review_refuses_a_picture_that_is_gone_or_another(
    tmp_path: Path, engine: Engine, pictures: list[Picture]
) -> None:
    """By its name."""
    rows = rows_of(engine, pictures, TWO_BAD, 4)
    with pytest.raises(ReviewError, match=r"160\.png: .*gone from the folder"):
        review(engine, [one for one in pictures if one.name != "160.png"], rows, quiet)
    cv2.imwrite(str(tmp_path / "pictures" / "160.png"), np.full((16, 16, 3), 90, np.uint8))
    changed = read_pictures(tmp_path / "pictures", engine.model, quiet)
    with pytest.raises(ReviewError, match=r"160\.png: not the picture that was listed"):
        review(engine, changed, rows, quiet)


def test_review_refuses_pictures_that_nobody_was_asked_about(
    tmp_path: Path, engine: Engine, pictures: list[Picture]
) -> None:
    """One that came in since and scores like the listed ones; one that scores low may."""
    rows = rows_of(engine, pictures, TWO_BAD, 4)
    save_pictures(tmp_path / "pictures", [95])
    review(engine, read_pictures(tmp_path / "pictures", engine.model, quiet), rows, quiet)
    save_pictures(tmp_path / "pictures", [140])
    with pytest.raises(ReviewError, match=r"1 pictures score above .*140\.png"):
        review(engine, read_pictures(tmp_path / "pictures", engine.model, quiet), rows, quiet)


def test_review_refuses_too_few_good_parts(engine: Engine, pictures: list[Picture]) -> None:
    """No spread follows from four."""
    labels = {one.name: "bad" for one in pictures[4:]}
    with pytest.raises(ReviewError, match="4 good parts among 14 pictures"):
        labelled(engine, pictures, labels, 99)
