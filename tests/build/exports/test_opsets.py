"""Operator sets that are too old, too new, or of somebody else."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from gonogo.base.errors import ModelError
from gonogo.build.exports.opsets import OPSET, modern
from gonogo.tests.build.exports import odd

PATH = Path("model.onnx")


@pytest.mark.parametrize("version", [9, 12])
def test_modern_brings_an_old_one_up(version: int) -> None:
    """And says so; what the file says of itself stays."""
    model = odd.plain(opset=version)
    onnx.helper.set_model_props(model, {"task": "classify"})
    made, notes = modern(PATH, model)
    assert made.opset_import[0].version == OPSET
    assert notes == (f"opset {version} was brought to {OPSET}",)
    assert {entry.key for entry in made.metadata_props} == {"task"}


@pytest.mark.parametrize("version", [13, 17, 20])
def test_modern_leaves_what_opens(version: int) -> None:
    """A conversion may change what it computes."""
    made, notes = modern(PATH, odd.plain(opset=version))
    assert (made.opset_import[0].version, notes) == (version, ())


def test_modern_names_one_that_is_too_new() -> None:
    """With the call that exports it for another."""
    model = odd.plain()
    model.opset_import[0].version = 99
    with pytest.raises(ModelError, match=r"opset 99.*does not open it.*opset_version=17"):
        modern(PATH, model)


def test_modern_keeps_the_file_in_versions_that_runtimes_open() -> None:
    """The version of the file's own form, too."""
    for version, kept in ((3, 8), (9, 9), (13, 10)):
        model = odd.plain()
        model.ir_version = version
        assert modern(PATH, model)[0].ir_version == kept


def test_modern_wants_standard_operators() -> None:
    """A file with none of them is no model that anybody else opens."""
    model = odd.plain()
    model.opset_import[0].domain = "somebody.else"
    with pytest.raises(ModelError, match="none of the standard operators"):
        modern(PATH, model)


@pytest.mark.parametrize(
    ("domain", "op"), [("com.microsoft", "FusedConv"), ("com.microsoft.nchwc", "Conv")]
)
def test_modern_refuses_what_was_optimised_for_one_runtime(domain: str, op: str) -> None:
    """Its operators are no other's; INT8 operators of the same maker may stay."""
    model = odd.plain()
    model.opset_import.append(onnx.helper.make_opsetid(domain, 1))
    model.graph.node[2].domain, model.graph.node[2].op_type = domain, op
    with pytest.raises(ModelError, match=f"optimised by ONNX Runtime for itself.*{op}"):
        modern(PATH, model)
    model.graph.node[2].domain, model.graph.node[2].op_type = "com.microsoft", "QLinearConv"
    assert modern(PATH, model)[1] == ()
