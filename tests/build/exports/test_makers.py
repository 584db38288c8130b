"""The operator behind a tensor, seen through those that only move values."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper

from gonogo.build.exports.makers import before_argmax, maker
from gonogo.tests.build.exports import heads
from gonogo.tests.build.exports.heads import Planted

PLANES = Planted(np.ones((1, 3, 8, 8), np.float32), through="Softmax")


@pytest.mark.parametrize("moved", ["Identity", "Flatten"])
def test_maker_is_seen_through_what_only_moves_values(moved: str) -> None:
    """Softmax stays what made them; the image itself is made by nothing."""
    made = heads.model({"planes": PLANES})
    made.graph.node.append(helper.make_node(moved, ["planes"], ["flat"]))
    seen = heads.export_of(made).seen
    assert (maker(seen, "planes"), maker(seen, "flat"), maker(seen, "image")) == (
        "Softmax",
        "Softmax",
        "",
    )


def test_before_argmax_is_what_labels_were_chosen_from() -> None:
    """Through a cast; "" where nothing was chosen."""
    made = heads.model({"planes": PLANES})
    made.graph.node.append(helper.make_node("ArgMax", ["planes"], ["place"], axis=1))
    made.graph.node.append(helper.make_node("Cast", ["place"], ["label"], to=TensorProto.UINT8))
    seen = heads.export_of(made).seen
    assert before_argmax(seen, "label") == "planes"
    assert not before_argmax(seen, "planes")
