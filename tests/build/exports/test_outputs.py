"""Which output of an export is what, by its name, its shape, and what was asked for."""

from __future__ import annotations

from typing import Any

import pytest

from gonogo.base.errors import ModelError
from gonogo.build.exports.options import Options
from gonogo.build.exports.outputs import Output, class_names, map_outputs

SCORE = Output("pred_score", "float", (1, 1))
MAP = Output("anomaly_map", "float", (1, 1, 16, 16))
CLASSES = Output("output0", "float", (1, 2))
LABEL = Output("pred_label", "bool", (1,))
NAMES = {"names": "{0: 'bad', 1: 'Good'}"}


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        (SCORE, (False, True, 0)),
        (Output("s", "float", ()), (False, True, 0)),
        (MAP, (True, False, 0)),
        (Output("m", "float", (1, 16, 16)), (True, False, 0)),
        (CLASSES, (False, False, 2)),
        (Output("c", "float", (1, 5, 1, 1)), (False, False, 5)),
        (Output("b", "float", (2, 3)), (False, False, 0)),
        (Output("b", "float", (2, 1, 16, 16)), (False, False, 0)),
    ],
)
def test_output_is_told_by_its_shape(output: Output, kind: tuple[bool, bool, int]) -> None:
    """A map, a number, or one value for each class; of a batch it is none of them."""
    assert (output.is_map, output.is_number, output.classes) == kind


def test_map_outputs_knows_the_usual_names() -> None:
    """What nobody needs is left out without a word."""
    found = map_outputs([SCORE, MAP, LABEL], Options(), {})
    assert (found.score, found.map, found.embedding) == (SCORE, MAP, None)
    assert found.notes == ()


def test_map_outputs_takes_an_output_without_a_name_by_its_shape() -> None:
    """And says where the score comes from when only a map is there."""
    nameless = MAP._replace(name="output")
    found = map_outputs([nameless], Options(), {})
    assert (found.score, found.map) == (None, nameless)
    assert found.notes == ("no output is a score: the largest value of the map is the score",)


def test_map_outputs_names_what_is_left_over() -> None:
    """With the options that would use it."""
    other = Output("vector", "float", (1, 64))
    found = map_outputs([SCORE, other], Options(), {})
    (note,) = found.notes
    assert note.startswith("output 'vector' (float 1 x 64) is not used; --score, --map or")


@pytest.mark.parametrize(
    ("options", "metadata", "good"),
    [
        (Options(), NAMES, 1),
        (Options(good_class="bad"), NAMES, 0),
        (Options(good_class="0"), NAMES, 0),
        (Options(good_class="1"), {}, 1),
    ],
)
def test_map_outputs_finds_the_good_class(
    options: Options, metadata: dict[str, str], good: int
) -> None:
    """By its name in the file, by the name that was given, or by its number."""
    assert map_outputs([CLASSES], options, metadata).good_class == good


def test_map_outputs_takes_the_largest_of_our_own_classes() -> None:
    """`class_score` is of our contract: every class is a defect, and none is good."""
    found = map_outputs([CLASSES._replace(name="class_score")], Options(), {})
    assert (found.good_class, found.score) == (None, CLASSES._replace(name="class_score"))


@pytest.mark.parametrize(
    ("outputs", "options", "message"),
    [
        ([LABEL], Options(), r"no output is known as a score or a map: 'pred_label' \(bool 1\)"),
        ([SCORE], Options(map="heat"), "--map heat: the model has no such output; it has 'pred"),
        ([SCORE], Options(map="pred_score"), "--map: output 'pred_score' .* is no map"),
        ([MAP], Options(score="anomaly_map"), "--score: output 'anomaly_map' .* is no score"),
        ([CLASSES], Options(), r"2 classes \(no names in the file\)"),
        ([CLASSES], Options(good_class="2"), r"--good-class 2: expected one of 0 \.\. 1"),
        ([SCORE], Options(good_class="good"), "--good-class: the score is one number"),
    ],
)
def test_map_outputs_asks_with_the_option(
    outputs: list[Output], options: Options, message: str
) -> None:
    """Nothing is guessed that would turn good into bad."""
    with pytest.raises(ModelError, match=message):
        map_outputs(outputs, options, {})


@pytest.mark.parametrize(
    ("metadata", "names"),
    [
        (NAMES, {0: "bad", 1: "Good"}),
        ({}, {}),
        ({"names": "{0: 'bad'"}, {}),
        ({"names": "__import__('os')"}, {}),
        ({"names": "['bad']"}, {}),
    ],
)
def test_class_names_are_read_as_literals(metadata: dict[str, str], names: dict[int, Any]) -> None:
    """A file of somebody else is never run."""
    assert class_names(metadata) == names
