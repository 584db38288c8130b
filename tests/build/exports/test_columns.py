"""Words for the columns of detections, and the places that they take."""

from __future__ import annotations

import pytest

from gonogo.base.errors import ModelError
from gonogo.build.exports.columns import Columns, check_words, columns


@pytest.mark.parametrize(
    ("words", "width", "masks", "places"),
    [
        ("xywh+classes", 84, 0, {"xywh": (0, 4), "classes": (4, 84)}),
        (
            "xywh+objectness+classes",
            6,
            0,
            {"xywh": (0, 4), "objectness": (4, 5), "classes": (5, 6)},
        ),
        (
            "xywh+classes+masks",
            39,
            32,
            {"xywh": (0, 4), "classes": (4, 7), "masks": (7, 39)},
        ),
        (
            "batch+xyxy+class+score",
            7,
            0,
            {"batch": (0, 1), "xyxy": (1, 5), "class": (5, 6), "score": (6, 7)},
        ),
    ],
)
def test_columns_gives_each_word_its_place(
    words: str, width: int, masks: int, places: dict[str, tuple[int, int]]
) -> None:
    """Classes take what is left."""
    found = columns(words, width, masks)
    assert found == Columns(words.split("+")[words.startswith("batch")], places)
    assert found.text == words


@pytest.mark.parametrize(
    ("words", "width"),
    [
        ("xywh+classes", 4),
        ("xyxy+score+class", 7),
        ("classes", 6),
        ("xywh+xywh+classes", 12),
        ("xywh+objectness+classes+angle", 6),
    ],
)
def test_columns_that_do_not_fit_are_none(words: str, width: int) -> None:
    """Too few, too many, no box, or one twice."""
    assert columns(words, width) is None


def test_check_words_names_the_one_that_is_not_known() -> None:
    """And those that are."""
    check_words("")
    check_words("XYWH+classes")
    with pytest.raises(ModelError, match="'keypoints' is not known; expected words of xyxy, xywh"):
        check_words("xywh+keypoints")
