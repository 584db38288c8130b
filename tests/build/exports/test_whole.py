"""A damaged file is said to be damaged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest

from gonogo.base.errors import GonogoError, OtherFormat
from gonogo.build.exports.opening import open_export
from gonogo.build.exports.options import Options
from gonogo.build.exports.whole import check_whole
from gonogo.tests.build.exports import odd

if TYPE_CHECKING:
    from collections.abc import Callable

PATH, ROUNDS = Path("model.onnx"), 60


def shorter(model: onnx.ModelProto) -> None:
    """Fewer bytes than the shape wants."""
    model.graph.initializer[2].raw_data = model.graph.initializer[2].raw_data[:-4]


def untyped(model: onnx.ModelProto) -> None:
    """A type that there is not."""
    model.graph.initializer[2].data_type = 86


@pytest.mark.parametrize("damage", [shorter, untyped])
def test_check_whole_names_weights_that_do_not_fit(
    damage: Callable[[onnx.ModelProto], None],
) -> None:
    """By name, shape and type."""
    model = odd.plain()
    check_whole(PATH, model)
    damage(model)
    with pytest.raises(OtherFormat, match=r"the weights 'layer1.weight' do not fill"):
        check_whole(PATH, model)


def test_check_whole_tells_a_name_that_is_no_text() -> None:
    """A byte went wrong within it."""
    raw = odd.plain().SerializeToString().replace(b"channels_last", b"channels\xff\xfelas")
    model = onnx.ModelProto.FromString(raw)
    with pytest.raises(OtherFormat, match="a name in it is no text"):
        check_whole(PATH, model)


def test_open_export_of_a_damaged_file_is_refused_or_whole(tmp_path: Path) -> None:
    """Bytes changed and lost anywhere: one of our errors, or a model."""
    raw = odd.plain().SerializeToString()
    rng = np.random.default_rng(5)
    path = tmp_path / "m.onnx"
    refused = 0
    for _ in range(ROUNDS):
        damaged = bytearray(raw)
        for _ in range(int(rng.integers(1, 4))):
            at = int(rng.integers(len(damaged)))
            damaged[at : at + int(rng.integers(1, 20))] = bytes(rng.integers(0, 256, 3).tolist())
        path.write_bytes(damaged)
        try:
            open_export(path, Options())
        except GonogoError:
            refused += 1
    assert refused > ROUNDS // 2
