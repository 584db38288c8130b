"""A model that came in INT8: ONNX Runtime's own quantizer makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import pytest
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)

from gonogo.build.exports.quantized import quantized
from gonogo.tests.build.exports import made

if TYPE_CHECKING:
    from pathlib import Path


class _Pictures(CalibrationDataReader):  # type: ignore[misc]  # untyped base
    def __init__(self) -> None:
        self._rest = iter(made.tensors(count=4))

    def get_next(self) -> dict[str, Any] | None:
        picture = next(self._rest, None)
        return None if picture is None else {"images": picture[None]}


def _static(path: Path, out: Path, kind: QuantFormat, activations: QuantType, **extra: Any) -> Any:  # noqa: ANN401 - a protobuf
    quantize_static(
        path,
        out,
        _Pictures(),
        quant_format=kind,
        activation_type=activations,
        weight_type=QuantType.QInt8,
        extra_options=extra,
    )
    return onnx.load(str(out))


def test_quantized_is_none_for_a_float_model(tmp_path: Path) -> None:
    """However many convolutions it has."""
    assert quantized(onnx.load(str(made.ultralytics(tmp_path / "m.onnx")))) is None


@pytest.mark.parametrize(
    ("kind", "activations", "symmetric", "forms"),
    [
        (QuantFormat.QDQ, QuantType.QUInt8, False, ("cpu",)),
        (QuantFormat.QDQ, QuantType.QInt8, True, ("cpu", "tensorrt")),
        (QuantFormat.QDQ, QuantType.QInt8, False, ("cpu",)),
        (QuantFormat.QOperator, QuantType.QUInt8, False, ("cpu",)),
    ],
)
def test_quantized_says_which_forms_it_can_serve(
    tmp_path: Path, kind: QuantFormat, activations: QuantType, symmetric: object, forms: object
) -> None:
    """TensorRT takes INT8 around zero, in explicit Q and DQ; CPUs take any."""
    path = made.ultralytics(tmp_path / "m.onnx")
    settings = {"ActivationSymmetric": symmetric, "WeightSymmetric": True}
    found = quantized(_static(path, tmp_path / "q.onnx", kind, activations, **settings))
    assert found is not None
    assert found.forms == forms
    assert found.layers == found.of == 3
    assert found.explicit == (kind == QuantFormat.QDQ)


def test_quantized_knows_one_that_is_quantized_as_it_runs(tmp_path: Path) -> None:
    """It has no calibrated ranges, and operators of its own."""
    path = made.patchcore(tmp_path / "m.onnx")
    quantize_dynamic(path, tmp_path / "q.onnx", op_types_to_quantize=["MatMul"])
    found = quantized(onnx.load(str(tmp_path / "q.onnx")))
    assert found is not None
    assert found.forms == ("cpu",)
    assert 0 < found.layers < found.of


def test_quantized_takes_one_that_is_mixed_as_it_is(tmp_path: Path) -> None:
    """Some layers in INT8 are enough: nobody knows what the others were left in float for."""
    path = made.ultralytics(tmp_path / "m.onnx")
    out = tmp_path / "q.onnx"
    quantize_static(path, out, _Pictures(), op_types_to_quantize=["Gemm"])
    found = quantized(onnx.load(str(out)))
    assert found is not None
    assert (found.layers, found.of) == (1, 3)
    assert "1 of 3 layers in INT8" in str(found)
    assert np.isfinite(found.of)
