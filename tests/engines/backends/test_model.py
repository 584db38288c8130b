"""The model contract: what is accepted, and what is said of every file that is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from gonogo.base.errors import ModelError
from gonogo.base.frame_shape import FrameShape
from gonogo.engines.backends.backend import Shapes
from gonogo.engines.backends.fit import SQUEEZE, Cut, Fit
from gonogo.engines.backends.model import open_model
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def _scored(path: Path, image: tiny.Dims, dtype: int = TensorProto.UINT8) -> Path:
    nodes = [
        helper.make_node("Cast", ["image"], ["planes"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMax", ["planes"], ["score"], keepdims=1),
    ]
    return tiny.save(path, nodes, image=image, dtype=dtype, outputs=[("score", (1,) * len(image))])


def _named(path: Path, outputs: Sequence[tuple[str, tiny.Dims]], op: str = "ReduceMax") -> Path:
    nodes = [helper.make_node("Cast", ["image"], ["planes"], to=TensorProto.FLOAT)]
    nodes += [helper.make_node(op, ["planes"], [name], keepdims=1) for name, _ in outputs]
    return tiny.save(path, nodes, outputs=outputs)


def test_open_model_states_the_contract(tmp_path: Path) -> None:
    """Input, score, map and embedding come out with their shapes."""
    contract = open_model(tiny.brightest(tmp_path / "m.onnx"))
    assert contract.image.shape == (1, 3, 16, 16)
    assert contract.dtype is np.uint8
    assert contract.score.name == "score"
    assert contract.shapes == Shapes(16, 16, 3)


def test_open_model_takes_float_input(tmp_path: Path) -> None:
    """A float32 input is accepted and said to be one."""
    path = tiny.brightest(tmp_path / "m.onnx", dtype=TensorProto.FLOAT)
    assert open_model(path).dtype is np.float32


def test_open_model_takes_class_scores_and_maps(tmp_path: Path) -> None:
    """The worst of several classes is the score, and of their maps the map."""
    contract = open_model(tiny.classes(tmp_path / "m.onnx", 16))
    assert contract.score.shape == (1, 3)
    assert contract.classes == 3
    assert contract.shapes == Shapes(16, 16, 0)


def test_open_model_pools_large_maps(tmp_path: Path) -> None:
    """A map of 100 x 100 shares the 64 x 64 of the result area in squares of 2."""
    contract = open_model(tiny.classes(tmp_path / "m.onnx", 100))
    assert (contract.pool, contract.shapes) == (2, Shapes(50, 50, 0))


def test_open_model_prefers_score_over_class_score(tmp_path: Path) -> None:
    """Where there are both, `score` counts."""
    four = (1, 1, 1, 1)
    path = _named(tmp_path / "m.onnx", [("class_score", four), ("score", four)])
    assert open_model(path).score.name == "score"


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n" + bytes(50), b"not a model" * 20])
def test_open_model_refuses_what_is_no_onnx(tmp_path: Path, data: bytes) -> None:
    """Empty files, images and text are named as no ONNX file."""
    path = tmp_path / "m.onnx"
    path.write_bytes(data)
    with pytest.raises(ModelError, match="ONNX file"):
        open_model(path)


def test_open_model_refuses_every_truncation(tmp_path: Path) -> None:
    """A file cut off anywhere is refused with a ModelError and nothing else."""
    whole = tiny.filters(tmp_path / "m.onnx").read_bytes()
    cut = tmp_path / "cut.onnx"
    for size in range(0, len(whole), 97):
        cut.write_bytes(whole[:size])
        with pytest.raises(ModelError, match=r"cut\.onnx"):
            open_model(cut)


def test_open_model_names_a_missing_file(tmp_path: Path) -> None:
    """No file there is said with its path."""
    with pytest.raises(ModelError, match=r"gone\.onnx.*No such file"):
        open_model(tmp_path / "gone.onnx")


@pytest.mark.parametrize(
    ("image", "dtype", "said"),
    [
        ((1, 2, 8, 8), TensorProto.UINT8, "uint8 1 x 2 x 8 x 8"),
        ((2, 3, 8, 8), TensorProto.UINT8, "uint8 2 x 3 x 8 x 8"),
        ((1, 8, 8, 3), TensorProto.UINT8, "uint8 1 x 8 x 8 x 3"),
        ((3, 8, 8), TensorProto.UINT8, "uint8 3 x 8 x 8"),
        ((1, 3, 8, 8), TensorProto.INT32, "int32 1 x 3 x 8 x 8"),
        ((1, 3, 8, 8), TensorProto.DOUBLE, "double 1 x 3 x 8 x 8"),
    ],
)
def test_open_model_refuses_other_inputs(
    tmp_path: Path, image: tiny.Dims, dtype: int, said: str
) -> None:
    """Rank, channels, batch and type of the input are named beside what is expected."""
    with pytest.raises(ModelError, match=said) as caught:
        open_model(_scored(tmp_path / "m.onnx", image, dtype))
    assert "1 x 1 or 3 x height x width" in str(caught.value)


def test_open_model_names_the_dynamic_dimension(tmp_path: Path) -> None:
    """A symbolic size is named with its axis and its tensor."""
    path = _scored(tmp_path / "m.onnx", ("batch", 3, 8, 8))
    with pytest.raises(ModelError, match="dimension 0 of 'image' is 'batch'"):
        open_model(path)


def test_open_model_works_out_open_output_shapes(tmp_path: Path) -> None:
    """An output whose shape the exporter left open follows from the static input."""
    path = _named(tmp_path / "m.onnx", [("score", ("a", "b", "c", "d"))])
    assert open_model(path).score.shape == (1, 1, 1, 1)


def test_open_model_lists_the_outputs_when_there_is_no_score(tmp_path: Path) -> None:
    """What there is and what is expected are both in the message."""
    path = _named(tmp_path / "m.onnx", [("logits", (1, 1, 1, 1))])
    with pytest.raises(ModelError, match=r"outputs \(logits\).*score, pred_score, class_score"):
        open_model(path)


def test_open_model_refuses_scores_of_another_type(tmp_path: Path) -> None:
    """A score that is no float32 is named with its type."""
    nodes = [helper.make_node("ReduceMax", ["image"], ["score"], keepdims=1)]
    path = tiny.save(
        tmp_path / "m.onnx",
        nodes,
        outputs=[("score", (1, 1, 1, 1))],
        output_dtype=TensorProto.UINT8,
    )
    with pytest.raises(ModelError, match="'score' is uint8, expected float32"):
        open_model(path)


def test_open_model_refuses_external_weights(tmp_path: Path) -> None:
    """Weights in a second file are refused: only one file is copied and hashed."""
    model = onnx.load(str(tiny.filters(tmp_path / "m.onnx")))
    path = tmp_path / "split.onnx"
    onnx.save_model(
        model, str(path), save_as_external_data=True, location="weights", size_threshold=0
    )
    with pytest.raises(ModelError, match="another file"):
        open_model(path)


def test_open_model_refuses_an_invalid_graph(tmp_path: Path) -> None:
    """A node that reads what nobody makes is no valid graph."""
    nodes = [helper.make_node("ReduceMax", ["nowhere"], ["score"], keepdims=1)]
    with pytest.raises(ModelError, match="not a valid ONNX graph"):
        open_model(tiny.save(tmp_path / "m.onnx", nodes))


def test_open_model_leaves_out_an_embedding_without_room(tmp_path: Path) -> None:
    """An embedding longer than the result area is not written at all."""
    nodes = [
        helper.make_node("Cast", ["image"], ["planes"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMax", ["planes"], ["score"], keepdims=1),
        helper.make_node("Flatten", ["planes"], ["embedding"]),
    ]
    outputs = [("score", (1, 1, 1, 1)), ("embedding", (1, 3 * 32 * 32))]
    path = tiny.save(tmp_path / "m.onnx", nodes, image=(1, 3, 32, 32), outputs=outputs)
    assert open_model(path).shapes.embedding == 0


def test_open_model_says_how_frames_get_to_its_size(tmp_path: Path) -> None:
    """As its metadata have it; a file without any is squeezed into, as always."""
    path = tiny.brightest(tmp_path / "m.onnx")
    assert open_model(path).fit == SQUEEZE
    tiny.say(path, {"gonogo.fit": "centre-crop", "gonogo.cut": "2,2,12,12"})
    assert open_model(path).fit == Fit("centre-crop", cut=Cut(2, 2, 12, 12))
    sight = open_model(path).sight(FrameShape(16, 16, 3))
    assert sight.cell(0, 0) == (2, 2, 2.75, 2.75)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"gonogo.fit": "stretch"}, r"gonogo\.fit is 'stretch', expected squeeze"),
        ({"gonogo.cut": "0,8,16,9"}, r"gonogo\.cut \(0, 8, 16, 9\): expected .* 16x16 px"),
        ({"gonogo.cut": "0,0,0,4"}, r"gonogo\.cut"),
    ],
)
def test_open_model_refuses_a_fit_that_it_does_not_know(
    tmp_path: Path, said: dict[str, str], words: str
) -> None:
    """Of a later gonogo, or damaged: squeezed into it would score something else."""
    path = tiny.brightest(tmp_path / "m.onnx")
    tiny.say(path, said)
    with pytest.raises(ModelError, match=rf"GN300: .*m\.onnx.*{words}"):
        open_model(path)
