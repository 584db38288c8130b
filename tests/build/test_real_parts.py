"""INT8 engines on photographs of real parts; skipped by name where they are not there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from gonogo.base.frame_shape import FrameShape
from gonogo.base.image_header import parse_header
from gonogo.base.images import list_images, read_image
from gonogo.build.goodparts import Shrink, folder_images
from gonogo.build.limits import auroc
from gonogo.build.proof import score
from gonogo.build.quantize import quantize
from gonogo.tests.build.parts import quiet, real

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.engines.card import Card

SIDE_PX = 256


class Judged(NamedTuple):
    """A card and the scores of the test parts by the engine it belongs to."""

    card: Card
    good: NDArray[np.float64]
    bad: NDArray[np.float64]


def _frames(paths: list[Path]) -> list[NDArray[np.uint8]]:
    shrink = Shrink((SIDE_PX, SIDE_PX))
    frames = []
    for path in paths:
        header = parse_header(path.read_bytes())
        geometry = FrameShape(header.height_px, header.width_px, 3)
        frames.append(shrink(read_image(path, geometry, "exact")))
    return frames


def _judge(parts: str, model: str, out: Path) -> Judged:
    """Quantize with the good training images alone, then score the test images."""
    folder, source = real(parts, f"models/{model}_u8.onnx")
    card = quantize(source, folder / "train" / "good", out, quiet)
    tests = list_images(folder / "test")
    good = _frames([path for path in tests if path.parent.name == "good"])
    bad = _frames([path for path in tests if path.parent.name != "good"])
    return Judged(card, score(out, "onnxruntime", good), score(out, "onnxruntime", bad))


def test_real_toy_aliens_reject_no_good_part(tmp_path: Path) -> None:
    """None of the 14 good test parts is rejected, and the ranking is that of the FP32 file."""
    judged = _judge("toy_aliens", "toy_aliens_sqz11_posbank768_256", tmp_path / "e.onnx")
    assert len(judged.good) == 14
    assert (judged.good > judged.card.reject_above).sum() == 0
    assert auroc(judged.good, judged.bad) > 0.85


def test_real_screws_are_told_from_missing_ones(tmp_path: Path) -> None:
    """At most 1 of 6 good parts is rejected, and every missing screw."""
    judged = _judge("screws", "screws_sqz11_patchbank512_256", tmp_path / "e.onnx")
    assert len(judged.good) == 6
    assert (judged.good > judged.card.reject_above).sum() <= 1
    assert (judged.bad > judged.card.reject_above).all()


@pytest.mark.parametrize("model", ["magnetic_tile_sqz11_defectseg5_256"])
def test_real_magnetic_tiles_keep_their_auroc(model: str, tmp_path: Path) -> None:
    """The worst class score separates as the model's own card says, at most 0.005 worse."""
    (facts,) = real(f"models/{model}.json")
    told = json.loads(facts.read_text(encoding="utf-8"))
    expected = told["developer_set (defects were trained on)"]["image_auroc"]
    judged = _judge("magnetic_tile", model, tmp_path / "e.onnx")
    assert auroc(judged.good, judged.bad) >= expected - 0.005
    assert len(folder_images(real("magnetic_tile/train/good")[0])) <= 100
