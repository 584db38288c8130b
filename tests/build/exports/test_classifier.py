"""Classes become one score: of softmax, of logits, of classes each for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.base.errors import ClassesUnsaid, ModelError, OtherKind
from gonogo.build.exports.options import Options
from gonogo.tests.build.exports import heads
from gonogo.tests.build.exports.heads import Planted

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOGITS = np.array([[1.5, -2.0, 0.5, 0.25]], np.float32)
CHANCES = np.exp(LOGITS[0]) / np.exp(LOGITS[0]).sum()
ONES = (1 / (1 + np.exp(-LOGITS[0]))).astype(np.float32)
NAMES = {"names": "['scratch', 'dent', 'ok', 'hole']"}


@pytest.mark.parametrize("through", ["Softmax", ""], ids=["probabilities", "logits"])
@pytest.mark.parametrize("opset", [13, 18])
@pytest.mark.parametrize(
    ("metadata", "options", "defects"),
    [
        (NAMES, {}, [0, 1, 3]),
        (NAMES, {"good_class": "hole"}, [0, 1, 2]),
        (NAMES, {"defect_classes": ("dent", "3")}, [1, 3]),
        ({}, {"good_class": "1"}, [0, 2, 3]),
        ({"names": "['of', 'another']"}, {"defect_classes": ("0",)}, [0]),
    ],
)
def test_find_classifier_adds_up_the_defects(
    through: str, opset: int, metadata: dict[str, str], options: dict[str, Any], defects: list[int]
) -> None:
    """1 - p(good), or the classes that were called defects."""
    made = heads.model({"output0": Planted(LOGITS, through=through)}, metadata, opset=opset)
    ours = heads.rewired(made, Options(**options))
    assert heads.score(ours) == pytest.approx(CHANCES[defects].sum(), rel=1e-5)


@pytest.mark.parametrize(
    ("options", "defects"), [({}, [0, 1, 3]), ({"good_class": "0"}, [1, 2, 3])]
)
def test_find_classifier_takes_the_likeliest_of_classes_each_for_itself(
    options: dict[str, Any], defects: list[int]
) -> None:
    """A sigmoid for each: several defects may be there at once."""
    made = heads.model({"output": Planted(LOGITS, through="Sigmoid")}, NAMES)
    assert heads.score(heads.rewired(made, Options(**options))) == pytest.approx(
        ONES[defects].max(), rel=1e-5
    )
    assert "each class for itself" in heads.mapped(made).notes[0]


def test_find_classifier_does_as_told_with_logits() -> None:
    """--activation sigmoid: what nothing in the graph tells."""
    made = heads.model({"output": Planted(LOGITS)}, NAMES)
    ours = heads.rewired(made, Options(activation="sigmoid"))
    assert heads.score(ours) == pytest.approx(ONES[[0, 1, 3]].max(), rel=1e-5)


@pytest.mark.parametrize(
    ("values", "metadata", "options", "error", "message"),
    [
        (
            CHANCES[None],
            {},
            {},
            ClassesUnsaid,
            r"4 classes \(no names in the file\); say which one is",
        ),
        (
            CHANCES[None],
            {"names": "['good', 'ok', 'a', 'b']"},
            {},
            ClassesUnsaid,
            "0 good, 1 ok, 2 a, 3",
        ),
        (
            CHANCES[None],
            NAMES,
            {"good_class": "rust"},
            ModelError,
            "--good-class rust: expected one of",
        ),
        (LOGITS * np.nan, NAMES, {}, OtherKind, "holds no numbers on trial pictures"),
        (ONES[None], NAMES, {}, OtherKind, "does not hold probabilities"),
    ],
)
def test_find_classifier_asks_what_nothing_tells(
    values: NDArray[np.float32],
    metadata: dict[str, str],
    options: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    """Nothing is guessed that would turn good into bad."""
    with pytest.raises(error, match=message):
        heads.mapped(
            heads.model({"output": Planted(values, through="Abs")}, metadata), Options(**options)
        )
