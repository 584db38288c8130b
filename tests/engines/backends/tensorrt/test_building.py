"""Plans built by the stand-in, which calls everything but the one recipe a violation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from gonogo.base.errors import LayersUnsupported, PlanNotBuilt
from gonogo.engines.backends.model import open_model
from gonogo.engines.backends.progress import told_to
from gonogo.engines.backends.tensorrt.building import Bench, Told, build_plan
from gonogo.engines.backends.tensorrt.plan_key import Box
from gonogo.engines.backends.tensorrt.words import Words
from gonogo.testing import tiny_models
from gonogo.tests.engines.backends.tensorrt.boxes import trt_box
from gonogo.tests.vendors.tensorrt_fake import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.tests.engines.backends.tensorrt.boxes import TrtBox


@pytest.fixture(params=VERSIONS)
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TrtBox]:
    """Each version, with a driver that is there."""
    with trt_box(tmp_path, request.param) as made:
        cuda = made.cuda()
        yield made
        cuda.close()


def bench_of(box: TrtBox) -> Bench:
    """What a build needs."""
    about = Box(box.trt.__version__, "Orin", (8, 7), "none")
    return Bench(box.trt, Words(box.trt), box.plans, about)


def build(box: TrtBox, path: Path) -> bytes:
    """The plan of a model."""
    return build_plan(open_model(path), path.read_bytes(), bench_of(box))


def test_build_plan_gives_what_the_builder_made(box: TrtBox, tmp_path: Path) -> None:
    """Strongly typed, with details of its layers, and nothing else of a flag."""
    facts, _ = box.trt.world.opened(build(box, tiny_models.brightest(tmp_path / "m.onnx")))
    assert facts["version"] == box.trt.__version__
    assert facts["detailed"] is True
    assert box.script.builds == 1


def test_build_plan_tells_how_far_it_is(box: TrtBox, tmp_path: Path) -> None:
    """Also from the builder's own thread; the build goes on."""
    said: list[str] = []
    with told_to(said.append):
        build(box, tiny_models.brightest(tmp_path / "m.onnx"))
    assert "minutes, once" in said[0]
    assert any("building the plan: Building Engine, " in line for line in said)
    assert said[-1].startswith("plan built: ")
    assert not box.script.cancelled


def test_build_plan_uses_the_timings_of_the_build_before(box: TrtBox, tmp_path: Path) -> None:
    """And keeps those of this one; what is not of this box is left aside."""
    model = tiny_models.brightest(tmp_path / "m.onnx")
    build(box, model)
    about = bench_of(box).box
    assert box.plans.timing(about) == box.trt.world.timing()
    box.plans.keep_timing(about, b"nonsense")
    build(box, model)
    box.plans.keep_timing(about, b"fake timing\n{}")
    build(box, model)
    assert box.plans.timing(about) == box.trt.world.timing()


def test_build_plan_names_each_layer_that_is_not_supported(box: TrtBox, tmp_path: Path) -> None:
    """All of them at once, with their operators."""
    box.script.unsupported |= {"ReduceMax", "Cast"}
    with pytest.raises(LayersUnsupported, match="GN372") as raised:
        build(box, tiny_models.brightest(tmp_path / "m.onnx"))
    assert "(Cast): No importer" in str(raised.value)
    assert "(ReduceMax): No importer" in str(raised.value)
    assert "m.onnx" in str(raised.value)


def test_build_plan_refuses_the_form_for_processors(box: TrtBox, tmp_path: Path) -> None:
    """Quantized to unsigned bytes: TensorRT has no such arithmetic, and says at which layer."""
    nodes = [
        helper.make_node("Cast", ["image"], ["planes"], to=TensorProto.FLOAT),
        helper.make_node("QuantizeLinear", ["planes", "s", "z"], ["q"], name="quantize it"),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["x"]),
        helper.make_node("ReduceMax", ["x"], ["worst"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Reshape", ["worst", "shape"], ["score"]),
    ]
    held = [
        numpy_helper.from_array(np.array(1, np.float32), "s"),
        numpy_helper.from_array(np.array(0, np.uint8), "z"),
        numpy_helper.from_array(np.array([1, 1], np.int64), "shape"),
    ]
    path = tiny_models.save(tmp_path / "m.onnx", nodes, held=held)
    with pytest.raises(LayersUnsupported, match=r"layer 'quantize it' \(QuantizeLinear\): "):
        build(box, path)


def test_build_plan_says_why_there_is_none(box: TrtBox, tmp_path: Path) -> None:
    """What the builder told its logger."""
    box.script.refuses.add("build_serialized_network")
    with pytest.raises(PlanNotBuilt, match=r"GN373: .*Could not find any implementation"):
        build(box, tiny_models.brightest(tmp_path / "m.onnx"))


def test_build_plan_does_without_timings_that_it_is_not_given(box: TrtBox, tmp_path: Path) -> None:
    """They are for the next build alone."""
    box.script.refuses.add("serialize")
    assert build(box, tiny_models.brightest(tmp_path / "m.onnx"))


def test_build_plan_takes_outputs_off_that_nobody_reads(box: TrtBox, tmp_path: Path) -> None:
    """Each output of a plan is computed, and wants an address."""
    nodes = [
        helper.make_node("Cast", ["image"], ["more"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMax", ["more"], ["flat"], axes=[2, 3], keepdims=0),
        helper.make_node("ReduceMax", ["flat"], ["score"], axes=[1], keepdims=1),
    ]
    outputs = (("score", (1, 1)), ("more", (1, 3, 16, 16)))
    path = tiny_models.save(tmp_path / "m.onnx", nodes, outputs=outputs)
    _, model = box.trt.world.opened(build(box, path))
    assert b"more" in model
    engine = box.trt.world.classes["ICudaEngine"]
    runtime = box.trt.Runtime(Words(box.trt).logger)
    made = engine(runtime, model, {"detailed": True})
    assert [value.name for value in made.outputs] == ["score"]
    del made


def test_told_lets_a_build_go_on_whose_listener_is_gone() -> None:
    """Raised in a thread of TensorRT's, it would end the process."""

    def gone(_: str) -> None:
        raise BrokenPipeError

    with told_to(gone):
        told = Told()
    told.start("build", None, 2)
    told.step("build", 0)
    assert told.share("build") == 0.5


def test_told_adds_what_the_inner_phases_have_done() -> None:
    """Half of one step of four is an eighth; a finished phase counts by its parent's step."""
    told = Told()
    told.start("build", None, 4)
    told.start("timing", "build", 2)
    told.step("timing", 0)
    assert told.share("build") == 0.125
    told.finish("timing")
    told.step("build", 0)
    assert told.share("build") == 0.25
    told.step("a phase that never began", 0)
    told.finish("a phase that never began")
