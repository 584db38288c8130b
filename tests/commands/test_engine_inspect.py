"""`gonogo engine inspect`: which layers run in INT8, or why nobody can say here."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner
from onnx import TensorProto, helper, numpy_helper

from gonogo.base.errors import EngineNotInstalled, ModelError
from gonogo.commands.cli import main
from gonogo.commands.engine_inspect import active, layers_of
from gonogo.commands.show.layers import rows
from gonogo.engines.backends.tensorrt.layers import read_layers
from gonogo.testing import tiny_models
from gonogo.tests.engines.backends.tensorrt.boxes import trt_box
from gonogo.tests.engines.bundles.parcels import make
from gonogo.tests.engines.serving.places import bolt, install, section
from gonogo.tests.hotstation import bundle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.tests.engines.backends.tensorrt.boxes import TrtBox


@pytest.fixture
def box(tmp_path: Path) -> Iterator[TrtBox]:
    """A Jetson."""
    with trt_box(tmp_path) as made:
        yield made


def quantized(path: Path) -> Path:
    """Two convolutions, one behind Q/DQ and one in float; the score is the largest of the second.

    For TensorRT: signed, symmetric.
    """
    rng = np.random.default_rng(3)
    nodes = [
        helper.make_node("Cast", ["image"], ["planes"], to=TensorProto.FLOAT),
        helper.make_node("QuantizeLinear", ["planes", "s", "z"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["x"]),
        helper.make_node("Conv", ["x", "w"], ["first"], name="conv1", kernel_shape=[1, 1]),
        helper.make_node("Conv", ["first", "w"], ["second"], name="conv2", kernel_shape=[1, 1]),
        helper.make_node("ReduceMax", ["second"], ["flat"], axes=[2, 3], keepdims=0),
        helper.make_node("ReduceMax", ["flat"], ["score"], axes=[1], keepdims=1),
    ]
    held = [
        numpy_helper.from_array(np.array(2, np.float32), "s"),
        numpy_helper.from_array(np.array(0, np.int8), "z"),
        numpy_helper.from_array(rng.normal(size=(3, 3, 1, 1)).astype(np.float32), "w"),
    ]
    return tiny_models.save(path, nodes, held=held)


def test_inspect_tells_the_share_in_int8(box: TrtBox, tmp_path: Path) -> None:
    """Of the layers that compute, and each with its name; what fell back is counted."""
    path = quantized(tmp_path / "m.onnx")
    said: list[str] = []
    text = layers_of(path, said.append, box.open)
    first, second, *layers = rows(path, read_layers(text))
    assert first == f"{path}: 1 of 5 layers that compute run in INT8 (20 %)"
    assert second == "  fell back: FP32 4"
    assert [line.split()[0] for line in layers if "conv1" in line] == ["INT8"]
    assert [line.split()[0] for line in layers if "conv2" in line] == ["FP32"]
    assert any("building the plan" in line for line in said)
    assert box.gpu.leaks == []


def test_inspect_opens_the_form_for_tensorrt_of_a_bundle(box: TrtBox, tmp_path: Path) -> None:
    """Not that for processors; and a message names the bundle, not what lies in memory."""
    path = bundle(tmp_path, "1.0.0", backend="tensorrt")
    assert "Layers" in layers_of(path, print, box.open)
    box.plans.folder.rename(tmp_path / "away")
    box.script.unsupported.add("Cast")
    with pytest.raises(ModelError, match=r"GN372: .*bolt-1\.0\.0\.gng: TensorRT 10\.3\.0"):
        layers_of(path, print, box.open)


def test_inspect_refuses_a_bundle_without_a_form_for_tensorrt(tmp_path: Path) -> None:
    """It says where one comes from."""
    with pytest.raises(ModelError, match="no form for TensorRT"):
        layers_of(make(tmp_path), print)


def test_rows_of_a_plan_without_details() -> None:
    """Built by somebody else, with names alone."""
    (line,) = rows(__file__, read_layers('{"Layers": ["a", "b"]}'))  # type: ignore[arg-type]
    assert "names of 2 layers and no more" in line


def test_inspect_finds_an_installed_engine_by_its_name(tmp_path: Path) -> None:
    """Its active version; without one it says so."""
    section_of = section(tmp_path)
    install(section_of, bolt(tmp_path))
    assert active(section_of.folder, "bolt").name == "bundle.gng"
    with pytest.raises(EngineNotInstalled, match="nut: neither a file nor an engine"):
        active(section_of.folder, "nut")


@pytest.mark.parametrize("words", [("engines", "inspect"), ("engine", "inspect")])
@pytest.mark.skipif(find_spec("tensorrt") is not None, reason="tensorrt is installed")
def test_inspect_on_a_box_without_a_gpu_says_why(tmp_path: Path, words: tuple[str, ...]) -> None:
    """One message with its number, no traceback."""
    path = tiny_models.brightest(tmp_path / "m.onnx")
    result = CliRunner().invoke(main, [*words, str(path)])
    assert result.exit_code != 0
    assert result.output.startswith("GN")
    assert "CUDA" in result.output
    assert "Traceback" not in result.output
