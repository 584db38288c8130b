"""Which output of an export is what, by its name, its shape, and what was asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gonogo.base.errors import ModelError, OtherKind
from gonogo.build.exports.classifier import Classifier
from gonogo.build.exports.detection import Detection
from gonogo.build.exports.options import Options
from gonogo.tests.build.exports import heads
from gonogo.tests.build.exports.heads import Planted

RNG = np.random.default_rng(0)
SCORE = Planted(np.full((1, 1), 0.5, np.float32), "times")
MAP = Planted(np.abs(RNG.normal(0, 1, (1, 1, 16, 16))).astype(np.float32))
CLASSES = Planted(np.array([[1, 2]], np.float32), "", "Softmax")
LABEL = Planted(np.ones((1,), np.int64))
BOXES = heads.boxes(20)
NAMES = {"names": "{0: 'bad', 1: 'Good'}"}


def names_of(outputs: dict[str, Planted], options: Options = Options()) -> tuple[Any, ...]:  # noqa: B008 - a record that nobody changes
    """Names of score, map and embedding."""
    found = heads.mapped(heads.model(outputs, NAMES), options)
    return tuple(None if one is None else one.name for one in found[:3])


def test_map_outputs_knows_the_usual_names() -> None:
    """What nobody needs is left out without a word."""
    outputs = {"pred_score": SCORE, "anomaly_map": MAP, "pred_label": LABEL}
    assert names_of(outputs) == ("pred_score", "anomaly_map", None)
    assert heads.mapped(heads.model(outputs)).notes == ()


@pytest.mark.parametrize("name", ["output", "output0", "2041"])
def test_map_outputs_takes_an_output_without_a_name_by_its_shape(name: str) -> None:
    """And says where the score comes from when only a map is there."""
    assert names_of({name: MAP}) == (None, name, None)
    notes = heads.mapped(heads.model({name: MAP})).notes
    assert notes == ("no output is a score: the largest value of the map is the score",)
    assert names_of({name: SCORE}) == (name, None, None)


def test_map_outputs_names_what_is_left_over() -> None:
    """With the options that would use it."""
    other = Planted(np.ones((1, 64), np.float32))
    (note,) = heads.mapped(heads.model({"score": SCORE, "vector": other})).notes
    assert note.startswith("output 'vector' (float 1 x 64) is not used; --score, --map or")


def test_map_outputs_takes_the_largest_of_our_own_classes() -> None:
    """`class_score` is of our contract: every class is a defect, and none is good."""
    assert names_of({"class_score": CLASSES}) == ("class_score", None, None)
    asked = heads.mapped(heads.model({"class_score": CLASSES}), Options(good_class="0"))
    assert isinstance(asked.found, Classifier)


def test_map_outputs_prefers_probabilities_to_logits() -> None:
    """Of an export that gives out both, and features beside them."""
    outputs = {
        "features": Planted(np.ones((1, 64), np.float32)),
        "logits": Planted(np.array([[1, 2]], np.float32)),
        "probs": CLASSES,
    }
    found = heads.mapped(heads.model(outputs, NAMES)).found
    assert isinstance(found, Classifier)
    assert found.source.name == "probs"


def test_map_outputs_lets_a_named_score_stand_beside_boxes() -> None:
    """Those of anomalib are made of its map: no detector."""
    outputs = {"pred_score": SCORE, "anomaly_map": MAP, "pred_boxes": Planted(BOXES)}
    outputs["box_scores"] = Planted(heads.shares(20, 1)[:, 0])
    assert names_of(outputs) == ("pred_score", "anomaly_map", None)


def test_map_outputs_does_as_asked_beside_boxes() -> None:
    """A model of several tasks: the output that was named is wanted."""
    outputs = {"boxes": Planted(BOXES), "scores": Planted(heads.shares(20, 1)[:, 0]), "heat": MAP}
    assert isinstance(heads.mapped(heads.model(outputs)).found, Detection)
    assert names_of(outputs, Options(map="heat")) == (None, "heat", None)
    with pytest.raises(OtherKind, match="--map boxes: it holds boxes and confidences"):
        names_of(outputs, Options(map="boxes"))


@pytest.mark.parametrize(
    ("outputs", "options", "message"),
    [
        (
            {"pred_label": LABEL},
            {},
            r"no output is known as a score or a map: 'pred_label' \(int64",
        ),
        ({"score": SCORE}, {"map": "heat"}, "--map heat: the model has no such output; it has 's"),
        ({"score": SCORE}, {"map": "score"}, "--map: output 'score' .* is no map"),
        ({"anomaly_map": MAP}, {"score": "anomaly_map"}, "--score: output .* is no score"),
        (
            {"score": SCORE},
            {"good_class": "good"},
            "--good-class, --defect-class: the score is one",
        ),
        ({"anomaly_map": MAP}, {"defect_classes": ("1",)}, "--defect-class: the model tells no"),
    ],
)
def test_map_outputs_asks_with_the_option(
    outputs: dict[str, Planted], options: dict[str, Any], message: str
) -> None:
    """Nothing is guessed that would turn good into bad."""
    with pytest.raises(ModelError, match=message):
        heads.mapped(heads.model(outputs), Options(**options))
