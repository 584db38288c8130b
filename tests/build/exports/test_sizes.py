"""The size of an export that leaves it open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import ModelError
from gonogo.build.exports.layout import find_input
from gonogo.build.exports.options import Options
from gonogo.build.exports.sizes import Size, find_size
from gonogo.tests.build.exports import made

if TYPE_CHECKING:
    import onnx

PATH = Path("model.onnx")


def opened(*, resize: int = 0, rows: int = 0) -> onnx.ModelProto:
    """A mean over all places, behind a Resize or in front of a dense layer."""
    net = made.Net("image", "batch")
    x = "image"
    if resize:
        # as exporters write it: batch and planes asked of the image, the size a constant
        shape = net.add("Shape", ["image"], "shape")
        ends = [net.hold(name, [at], np.int64) for name, at in (("from", 0), ("to", 2))]
        first = net.add("Slice", [shape, *ends], "first")
        to = net.hold("size", [resize, resize + 8], np.int64)
        sizes = net.add("Concat", [first, to], "sizes", axis=0)
        x = net.add("Resize", [x, "", "", sizes], "resized", mode="linear")
    x = net.conv(x, "conv", np.ones((1, 3, 3, 3)), 1, 1)
    if rows:
        flat = net.add("Flatten", [x], "flat", axis=1)
        x = net.add("MatMul", [flat, net.hold("dense", np.ones((rows, 1)))], "dense_out")
    net.add("ReduceMean", [x], "score", keepdims=0)
    net.output("score", ())
    return net.model("side" if not resize else "any", opset=17)


def found(model: onnx.ModelProto, options: Options, metadata: dict[str, str] | None = None) -> Size:
    """Of such a model."""
    return find_size(PATH, model, find_input(PATH, model, Options()), options, metadata or {})


def test_find_size_asks_where_any_would_do() -> None:
    """A wrong one gives other scores, and nothing fails."""
    with pytest.raises(ModelError, match="leaves height and width open, and it runs with any; say"):
        found(opened(), Options())
    size = found(opened(), Options(size_px=(40, 50)))
    assert (size.size_px, size.planes) == ((40, 50), 3)
    assert "--size 50x40 was taken unseen" in size.note


@pytest.mark.parametrize(("asked", "doubted"), [((48, 56), False), ((96, 96), True)])
def test_find_size_doubts_what_the_file_tells_otherwise(
    asked: tuple[int, int], *, doubted: bool
) -> None:
    """It runs, and nothing fails; so it is said."""
    size = found(opened(resize=48), Options(size_px=asked))
    assert size.size_px == asked
    assert ("but the file tells 56x48 px" in size.note) == doubted


def test_find_size_takes_what_the_file_says() -> None:
    """And says why."""
    size = found(opened(), Options(), {"imgsz": "[320, 416]"})
    assert size.size_px == (320, 416)
    assert "416x320 px was taken, for that is what it says" in size.note


def test_find_size_takes_what_a_resize_at_the_front_gives() -> None:
    """Then our own resize does the same, and better."""
    size = found(opened(resize=48), Options())
    assert size.size_px == (48, 56)
    assert "it brings every image to that size" in size.note


def test_find_size_takes_the_only_one_that_runs() -> None:
    """A dense layer fits one size alone."""
    size = found(opened(rows=64 * 64), Options())
    assert size.size_px == (64, 64)
    assert "no other of the usual sizes" in size.note


def test_find_size_refuses_another_than_the_fixed_one() -> None:
    """With the option that may be meant."""
    net = made.Net("image", 1)
    net.add("ReduceMean", ["image"], "score", keepdims=0)
    net.output("score", ())
    model = net.model(side=24)
    assert found(model, Options()) == Size((24, 24), 3)
    with pytest.raises(ModelError, match="the model takes 24x24 px; leave --size out"):
        found(model, Options(size_px=(32, 32)))


@pytest.mark.parametrize("planes", [1, 3])
def test_find_size_tells_open_planes_by_the_first_layer(planes: int) -> None:
    """Grey where its convolution reads one plane."""
    net = made.Net("image", 1)
    net.conv("image", "conv", np.ones((2, planes, 3, 3)))
    net.add("ReduceMean", ["conv"], "score", keepdims=0)
    net.output("score", ())
    model = net.model(side="any")
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_param = "planes"
    assert found(model, Options(size_px=(16, 16))).planes == planes
