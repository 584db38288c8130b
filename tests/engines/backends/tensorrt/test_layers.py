"""What layers compute in, out of the words of several versions of TensorRT."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gonogo.engines.backends.tensorrt.layers import read_layers


def told(*layers: object) -> str:
    """As an inspector tells it."""
    return json.dumps({"Layers": layers, "Bindings": ["image", "score"]})


def layer(kind: str, reads: str, writes: str = "Row major linear FP32") -> dict[str, Any]:
    """One with one input and one output."""
    return {
        "Name": f"{kind} of {reads}",
        "LayerType": kind,
        "Inputs": [{"Name": "in", "Dimensions": [1, 3, 8, 8], "Format/Datatype": reads}],
        "Outputs": [{"Name": "out", "Format/Datatype": writes}],
    }


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Thirty-two wide channel vectorized row major Int8 format", "INT8"),
        ("Four wide channel vectorized row major Int8 format", "INT8"),
        ("Int8 NC/32HW32", "INT8"),
        ("Row major linear FP32", "FP32"),
        ("Row major linear FP16 format", "FP16"),
        ("Channel major FP16 format where channel % 8 == 0", "FP16"),
        ("Float", "FP32"),
        ("Half", "FP16"),
        ("BF16 row major", "BF16"),
        ("FP8 NHWC", "FP8"),
        ("Row major linear UInt8", "UINT8"),
        ("N/A due to dynamic shapes", "unknown"),
        ("", "unknown"),
    ],
)
def test_layer_computes_in_the_type_that_it_reads(text: str, kind: str) -> None:
    """As TensorRT names it within a text; a number of another meaning is none."""
    assert [each.computes_in for each in read_layers(told(layer("Conv", text))).layers] == [kind]


def test_report_counts_the_layers_that_compute() -> None:
    """Reformats, casts and the like say nothing of the arithmetic."""
    int8, fp32 = "Thirty-two wide channel vectorized row major Int8 format", "Row major linear FP32"
    report = read_layers(
        told(
            layer("Reformat", fp32, int8),
            layer("CaskConvolution", int8, int8),
            layer("CaskConvolution", int8),
            layer("CaskGemmConvolution", int8),
            layer("PointWiseV2", fp32),
            layer("NoOp", fp32),
        )
    )
    assert report.detailed
    assert dict(report.counts) == {"INT8": 3, "FP32": 1}
    assert report.int8_share == 0.75
    assert [each.moves for each in report.layers] == [True, False, False, False, False, True]


def test_layer_that_reads_nothing_computes_in_what_it_writes() -> None:
    """A constant that is folded."""
    only = {"Name": "c", "LayerType": "Fill", "Inputs": [], "Outputs": [{"Datatype": "Float"}]}
    assert read_layers(told(only)).layers[0].computes_in == "FP32"


@pytest.mark.parametrize(
    "text",
    ["", "no JSON", "[]", "null", '{"Layers": []}', told("conv1", "conv2"), told({}, {"Name": 1}),
     told({"Inputs": None, "Outputs": "x"}), told({"Inputs": ["a name"]})],
)  # fmt: skip
def test_report_of_what_is_not_told_is_unknown(text: str) -> None:
    """Never a failure: it is for people."""
    report = read_layers(text)
    assert report.int8_share == 0.0
    assert {each.computes_in for each in report.layers} <= {"unknown"}
