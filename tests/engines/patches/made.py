"""A small engine with patches of good parts, and parts for it.

Import as `gonogo.tests.engines.patches.made`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from onnx import TensorProto, helper, numpy_helper

from gonogo.build.patches.choosing import make_patches
from gonogo.build.patches.learn import Kind, Pictures
from gonogo.build.patches.tensors import Tensor
from gonogo.engines.bundles.patch_bank import PatchBank, encode
from gonogo.engines.card import Card, sha256_of, write_card
from gonogo.engines.patches.sources import bank_path
from gonogo.testing.tiny_models import save

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SIDE = 32  # of the model's input, px
GRID = (8, 8)
TENSOR = Tensor("r1", (1, 8, *GRID))
GOOD = 6


def plates(path: Path) -> Path:
    """An engine of such parts: its map is how far the mean of 4 x 4 px is from good, TENSOR why."""
    rng = np.random.default_rng(4)
    held = [
        numpy_helper.from_array(np.full((1, 3, 1, 1), 120, np.float32), "usual"),
        numpy_helper.from_array(rng.normal(0, 0.2, (8, 3, 1, 1)).astype(np.float32), "w"),
    ]
    nodes = [
        helper.make_node("Cast", ["image"], ["planes"], to=TensorProto.FLOAT),
        helper.make_node("AveragePool", ["planes"], ["mean"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Sub", ["mean", "usual"], ["apart"]),
        helper.make_node("Conv", ["apart", "w"], ["c1"], kernel_shape=[1, 1]),
        helper.make_node("Relu", ["c1"], [TENSOR.name]),
        helper.make_node("Abs", ["apart"], ["far"]),
        helper.make_node("ReduceMax", ["far"], ["anomaly_map"], axes=[1], keepdims=1),
        helper.make_node("ReduceMax", ["anomaly_map"], ["score"], axes=[2, 3], keepdims=0),
        helper.make_node("ReduceMean", [TENSOR.name], ["embedding"], axes=[2, 3], keepdims=0),
    ]
    outputs = [("score", (1, 1)), ("anomaly_map", (1, 1, *GRID)), ("embedding", (1, 8))]
    return save(path, nodes, image=(1, 3, SIDE, SIDE), outputs=outputs, held=held)


def good(seed: int, side_px: int = SIDE) -> NDArray[np.uint8]:
    """An even plate with some noise, uint8 (side, side, 3)."""
    rng = np.random.default_rng(seed)
    return rng.normal(120, 2, (side_px, side_px, 3)).clip(0, 255).astype(np.uint8)


def bad(seed: int, cell: tuple[int, int], side_px: int = SIDE, cells: int = 1) -> NDArray[np.uint8]:
    """The same with a bright spot, so many cells of GRID large, from that cell on."""
    frame, size = good(seed, side_px), side_px // GRID[0]
    top, left = (at * size for at in cell)
    frame[top : top + cells * size, left : left + cells * size] = (40, 90, 250)
    return np.asarray(cv2.GaussianBlur(frame, (3, 3), 0), np.uint8)


def pictures(count: int = GOOD) -> Pictures:
    """Good parts with names."""
    return Pictures([good(k) for k in range(count)], [f"good {k}.png" for k in range(count)])


def bank_of(model: Path, kind: Kind | None = None) -> PatchBank:
    """Patches of the good parts by that model."""
    made = make_patches(model, pictures(), lambda *_: None, [kind or Kind(TENSOR)])
    assert made.bank is not None, made.said
    return made.bank


def engine(path: Path) -> Path:
    """A model file with its card, and its patches beside it."""
    plates(path)
    card = Card(
        name=path.stem,
        sha256=sha256_of(path),
        method="teach",
        source="a test",
        good_parts=GOOD,
        reject_above=50.0,
        recheck_above=40.0,
        good_scores=(),
    )
    write_card(path, card)
    bank_path(path).write_bytes(encode(bank_of(path)))
    return path
