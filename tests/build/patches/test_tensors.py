"""Which tensors of a graph may be features, by shape and place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.build.patches.tensors import Tensor, feature_tensors
from gonogo.testing.tiny_models import brightest, filters, undefined

if TYPE_CHECKING:
    from pathlib import Path


def test_feature_tensors_are_the_deepest_grids(tmp_path: Path) -> None:
    """Of each size two at most, the deepest first; the engine's own outputs are none."""
    found = feature_tensors(filters(tmp_path / "nut.onnx"))
    assert found == [
        Tensor("r1", (1, 8, 8, 8)),
        Tensor("c1", (1, 8, 8, 8)),
        Tensor("r0", (1, 8, 16, 16)),
        Tensor("c0", (1, 8, 16, 16)),
    ]
    assert found[0].grid == (8, 8)


def test_feature_tensors_of_a_graph_without_a_grid_are_none(tmp_path: Path) -> None:
    """Planes of a picture have too few channels, and a single number has no places."""
    assert feature_tensors(brightest(tmp_path / "a.onnx")) == []
    assert feature_tensors(undefined(tmp_path / "b.onnx")) == []
