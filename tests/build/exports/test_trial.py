"""Runs before anything is built."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.build.exports.trial import Runner, pictures, said
from gonogo.tests.build.exports import odd


def test_runner_gives_values_and_outputs() -> None:
    """By name, and in their order with type and shape."""
    ran = Runner(odd.plain()).run(np.zeros((1, 3, odd.SIDE, odd.SIDE), np.float32))
    assert [(one.name, one.dtype, one.shape) for one in ran.outputs] == [
        ("anomaly_map", "float", (1, 1, 8, 8)),
        ("pred_score", "float", (1, 1)),
    ]
    assert ran.values["pred_score"] == ran.values["anomaly_map"].max()


def test_said_is_one_line_without_the_words_of_the_library() -> None:
    """No number, no file of ours, nothing that is longer than a line."""
    model = odd.plain()
    model.graph.node[0].op_type = "NoSuchOperator"
    with pytest.raises(Exception, match="NoSuchOperator") as refused:
        Runner(model)
    text = said(refused.value)
    assert "NoSuchOperator" in text
    assert not text.startswith("[")
    assert (
        said(ValueError("[ONNXRuntimeError] : 1 : FAIL : Load model from /tmp/x failed: why"))
        == "why"
    )
    assert len(said(ValueError("x" * 9999))) < 300


def test_runner_says_nothing_on_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    """Neither of a model that it opens nor of one that it does not."""
    model = odd.plain()
    Runner(model).run(np.zeros((1, 3, odd.SIDE, odd.SIDE), np.float32))
    model.graph.node[0].input[0] = "nowhere"
    with pytest.raises(Exception, match="nowhere"):
        Runner(model)
    assert capfd.readouterr() == ("", "")


def test_pictures_are_two_in_0_to_1() -> None:
    """The same in every run, one soft and one not."""
    soft, noise = pictures((1, 3, 20, 24))
    assert soft.shape == noise.shape == (1, 3, 20, 24)
    assert min(soft.min(), noise.min()) >= 0
    assert max(soft.max(), noise.max()) <= 1
    assert np.array_equal(noise, pictures((1, 3, 20, 24))[1])
    steps = [float(np.abs(np.diff(one)).mean()) for one in (soft, noise)]
    assert steps[0] < steps[1] / 2
