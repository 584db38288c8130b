"""Whatever form an export has, the model that is opened of it gives the scores of the plain one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper

from gonogo.base.errors import BatchBaked
from gonogo.build.exports.opening import open_export
from gonogo.build.exports.options import Options
from gonogo.tests.build.exports import made, odd
from gonogo.tests.build.parts import bad_part, good_part, real

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

PLAIN = Options()
NEAR = 1e-4

FORMS: dict[str, Callable[[], onnx.ModelProto]] = {
    "shuffled": lambda: odd.shuffled(odd.plain()),
    "weights among the inputs": lambda: odd.listed(odd.plain()),
    "weights as nodes": lambda: odd.weights_as_nodes(odd.plain()),
    "a local function": lambda: odd.with_function(odd.plain()),
    "planes last": lambda: odd.planes_last(odd.plain()),
    "planes last, turned first": lambda: odd.planes_last(odd.plain(), turned_late=False),
    "an open batch": lambda: odd.plain("batch"),
    "a batch of 2": lambda: odd.plain(2),
    "a batch of 8, shuffled": lambda: odd.shuffled(odd.plain(8)),
    "a batch of 3, planes last": lambda: odd.planes_last(odd.plain(3)),
    "double precision": lambda: odd.typed(odd.plain(), TensorProto.DOUBLE),
    **{f"opset {n}": partial(odd.plain, opset=n) for n in (9, 11, 12, 13, 18, 20, 21)},
}


def pictures() -> NDArray[np.float32]:
    """Good and bad parts, 0..1 (parts, 3, side, side)."""
    frames = made.tensors([good_part, bad_part], 3)
    return np.ascontiguousarray(frames[:, :, :: made.SIDE // odd.SIDE, :: made.SIDE // odd.SIDE])


def scores(model: onnx.ModelProto) -> NDArray[np.float64]:
    """Of each picture, alone."""
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    said = [session.run(["pred_score"], {"input": one[None]})[0] for one in pictures()]
    return np.array(said, np.float64).reshape(-1)


@pytest.fixture(scope="module")
def expected() -> NDArray[np.float64]:
    """What the plain model says."""
    return scores(odd.plain())


@pytest.mark.parametrize("form", FORMS)
def test_open_export_gives_the_scores_of_the_plain_model(
    tmp_path: Path, expected: NDArray[np.float64], form: str
) -> None:
    """One image, planes first, float32: 1e-4 of what it gave as it was."""
    opened = open_export(odd.save(tmp_path / "m.onnx", FORMS[form]()), PLAIN)
    assert opened.shape == (1, 3, odd.SIDE, odd.SIDE)
    assert opened.dtype == TensorProto.FLOAT
    onnx.checker.check_model(opened.model)
    assert scores(opened.model) == pytest.approx(expected, rel=NEAR, abs=NEAR)


@pytest.mark.parametrize("kind", [TensorProto.FLOAT16, TensorProto.BFLOAT16])
def test_open_export_takes_half_precision(
    tmp_path: Path, expected: NDArray[np.float64], kind: int
) -> None:
    """In float32, with a note: what was lost when it was rounded stays lost."""
    model = odd.typed(odd.plain(), kind)
    opened = open_export(odd.save(tmp_path / "m.onnx", model), PLAIN)
    assert scores(opened.model) == pytest.approx(expected, rel=0.05, abs=0.05)
    assert any("computed in float32" in note for note in opened.notes)


def test_open_export_takes_weights_beside_the_model(
    tmp_path: Path, expected: NDArray[np.float64]
) -> None:
    """In memory they are one again."""
    opened = open_export(odd.save_apart(tmp_path / "m.onnx", odd.plain()), PLAIN)
    assert scores(opened.model) == pytest.approx(expected, rel=NEAR)
    assert opened.notes == ()


def test_open_export_says_what_was_done(tmp_path: Path) -> None:
    """A batch of several and planes last are no secret."""
    model = odd.planes_last(odd.plain(2))
    notes = open_export(odd.save(tmp_path / "m.onnx", model), PLAIN).notes
    assert any("judges 2 images at once" in note for note in notes)
    assert any("planes last" in note for note in notes)


def test_open_export_refuses_a_batch_that_cannot_be_taken_apart(tmp_path: Path) -> None:
    """One image is compared with the next: there is no row for one. The export call is named."""
    net = made.Net("input", 2)
    first, last, middle = (
        net.hold(k, v, np.int64) for k, v in zip("abc", ([0], [2], [1]), strict=True)
    )
    one = net.add("Slice", ["input", first, middle, first], "one")
    two = net.add("Slice", ["input", middle, last, first], "two")
    apart = net.add("Sub", [one, net.add("Mul", [two, net.hold("h", 0.5)], "half")], "apart")
    net.add("ReduceMax", [apart], "pred_score", keepdims=0)
    net.output("pred_score", ())
    path = odd.save(tmp_path / "m.onnx", net.model(opset=17))
    with pytest.raises(BatchBaked, match=r"one image of 2.*|batch of 2") as refused:
        open_export(path, PLAIN)
    assert "input_size=(HEIGHT, WIDTH), onnx_kwargs=" in str(refused.value)
    assert "batch=1" in str(refused.value)


def test_open_export_takes_integers_as_pixels(tmp_path: Path) -> None:
    """uint8 in front of whatever width the export has."""
    node = [
        helper.make_node("Cast", ["image"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["real"], ["score"], keepdims=0),
    ]
    ends = (
        helper.make_tensor_value_info("image", TensorProto.INT32, (1, 8, 8, 3)),
        helper.make_tensor_value_info("score", TensorProto.FLOAT, ()),
    )
    graph = helper.make_graph(node, "g", [ends[0]], [ends[1]])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    opened = open_export(odd.save(tmp_path / "m.onnx", model), PLAIN)
    assert (opened.dtype, opened.shape) == (TensorProto.UINT8, (1, 3, 8, 8))


@pytest.mark.parametrize("name", ["unsorted_cast", "control_if"])
def test_open_export_reads_what_others_brought(name: str) -> None:
    """Nodes out of order; branches that read what lies around them."""
    (path,) = real(f"exports/{name}.onnx")
    opened = open_export(path, PLAIN)
    onnx.checker.check_model(opened.model)
    assert opened.shape == (1, 3, 96, 96)
