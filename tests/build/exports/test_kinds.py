"""What is no model for parts is refused as what it seems to be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gonogo.base.errors import OtherKind
from gonogo.build.exports.kinds import refuse_task, seems_other, unmapped
from gonogo.tests.build.exports import heads
from gonogo.tests.build.exports.heads import Planted

RNG = np.random.default_rng(1)


def real(*shape: int) -> Planted:
    """Values of both signs."""
    return Planted(RNG.normal(0, 1, shape).astype(np.float32))


VECTOR = RNG.normal(0, 1, (1, 128))
UNIT = Planted((VECTOR / np.linalg.norm(VECTOR)).astype(np.float32))


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ({"predicted_depth": real(1, 32, 32)}, "a model of depth, by its name"),
        ({"keypoints": real(1, 17, 3)}, "a model of keypoints"),
        ({"heatmaps": real(1, 17, 16, 16)}, "a model of keypoints"),
        ({"last_hidden_state": real(1, 50, 64), "pooler_output": real(1, 64)}, "an embedding"),
        ({"output": UNIT}, "an embedding, for its length is 1"),
        ({"logits": real(1, 12, 1200)}, "to be text, for it has a vocabulary's width"),
        ({"sequences": Planted(np.ones((1, 12), np.int64))}, "a model of text"),
        ({"label": Planted(np.ones((1,), np.int64))}, "labels or numbers of classes"),
        (
            {"o1": real(1, 27, 8, 8), "o2": real(1, 27, 4, 4), "o3": real(1, 27, 2, 2)},
            "a detector's head that is not decoded",
        ),
        ({"o1": real(1, 3, 8, 8, 8), "o2": real(1, 3, 4, 4, 8)}, "head that is not decoded"),
        ({"a": real(1, 7), "b": real(1, 9)}, "say which one is: --score NAME for one number"),
        ({"output": real(1, 21, 37)}, "--columns WORDS for a list of detections"),
        ({"flow": real(1, 2, 32, 32)}, "a model of motion"),
    ],
)
def test_unmapped_says_what_it_seems_to_be(outputs: dict[str, Any], message: str) -> None:
    """By names, types and shapes; GN305."""
    made = heads.model(outputs)
    assert message in unmapped(heads.export_of(made).seen)
    with pytest.raises(OtherKind, match="GN305"):
        heads.mapped(made)


@pytest.mark.parametrize("task", ["pose", "depth"])
def test_refuse_task_believes_what_a_file_says_of_itself(task: str) -> None:
    """Whatever its outputs look like; tasks that judge, and none at all, pass."""
    for said in ("", "detect", "classify", "segment", "semantic", "obb"):
        refuse_task(said)
    made = heads.model({"output": real(1, 1, 32, 32)}, {"task": task})
    with pytest.raises(OtherKind, match=f"GN305: the file says .* {task} model"):
        heads.mapped(made)


def test_unmapped_names_ten_outputs_at_most() -> None:
    """A model of many heads fills no screen."""
    outputs = {f"o{k}": real(1, 7 + k) for k in range(14)}
    assert "'o9' (float 1 x 16) and 4 more" in unmapped(heads.export_of(heads.model(outputs)).seen)


def test_seems_other_says_nothing_of_probabilities() -> None:
    """Nor of a map."""
    seen = heads.export_of(heads.model({"output": Planted(np.array([[1, 0]], np.float32))})).seen
    assert not seems_other(seen, seen.outputs[0])
