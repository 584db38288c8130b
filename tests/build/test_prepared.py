"""A model made ready for the quantizer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnx
import pytest

from gonogo.base.errors import ModelError
from gonogo.build.prepared import IR_VERSION_MAX, prepare
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from pathlib import Path


def test_prepare_names_every_node(tmp_path: Path) -> None:
    """Also where the export did not; what is written is what is returned."""
    source = tiny.filters(tmp_path / "m.onnx")
    model = onnx.load(str(source))
    for node in model.graph.node:
        node.name = ""
    model.ir_version = IR_VERSION_MAX + 1
    source.write_bytes(model.SerializeToString())
    found = prepare(source, tmp_path / "prepared.onnx")
    names = [node.name for node in found.graph.node]
    assert all(names)
    assert len(set(names)) == len(names)
    assert found.ir_version == IR_VERSION_MAX
    assert onnx.load(str(tmp_path / "prepared.onnx")) == found


def test_prepare_names_no_file_of_its_own(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """What cannot be brought to a newer opset is refused in our words alone."""
    source = tiny.filters(tmp_path / "m.onnx")
    model = onnx.load(str(source))
    model.graph.node[0].op_type = "NoSuchThing"
    model.opset_import[0].version = 9
    source.write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match="cannot be made ready for INT8") as refused:
        prepare(source, tmp_path / "prepared.onnx")
    assert str(tmp_path) not in str(refused.value)
    assert capfd.readouterr().err == ""
