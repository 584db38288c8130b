"""What a model says of frames, and whether its INT8 form says the same in every backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import ModelError
from gonogo.build.proof import FEW, ProofSet, Prover, judge, score, score_all
from gonogo.engines.backends.catalogue import BACKENDS
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from pathlib import Path


def test_score_is_that_of_each_frame(tmp_path: Path) -> None:
    """Frames are scored in their order, each on its own."""
    model = tiny.brightest(tmp_path / "m.onnx")
    frames = [np.full((16, 16, 3), value, np.uint8) for value in (9, 200, 40)]
    assert score(model, "onnxruntime", frames).tolist() == [9, 200, 40]


def test_prove_agrees_with_the_same_file_in_every_backend(tmp_path: Path) -> None:
    """A float file agrees with itself wherever it runs."""
    model = tiny.filters(tmp_path / "m.onnx")
    rng = np.random.default_rng(1)
    kinds = [
        [rng.integers(0, top, (32, 32, 3), np.uint8) for _ in range(12)] for top in (90, 90, 255)
    ]
    proof = ProofSet(*kinds)
    found, frames, _ = Prover(proof, score_all(model, "onnxruntime", proof)).prove(model)
    assert frames == 36
    assert "onnxruntime" in found
    assert set(found) <= set(BACKENDS)
    assert all(agreement.ok for agreement in found.values())


def test_judge_says_scores_maps_and_embeddings_of_each_frame(tmp_path: Path) -> None:
    """Copies: the next frame overwrites none of them."""
    model = tiny.brightest(tmp_path / "m.onnx")
    frames = [np.full((16, 16, 3), (0, 10, value), np.uint8) for value in (9, 200)]
    said = judge(model, "onnxruntime", frames)
    assert said.scores.tolist() == [9, 200]
    assert said.maps.tolist() == [[9.0] * 256, [200.0] * 256]
    assert said.embeddings == pytest.approx(np.array([[9, 10, 0], [200, 10, 0]]))


def test_score_all_keeps_the_kinds_apart(tmp_path: Path) -> None:
    """In the order of the proof set, each as long as its frames."""
    model = tiny.brightest(tmp_path / "m.onnx")
    kinds = [[np.full((16, 16, 3), value, np.uint8)] * count for value, count in ((1, 2), (5, 3))]
    scores = score_all(model, "onnxruntime", ProofSet(kinds[0], kinds[1], [], kinds[0]))
    assert [kind.tolist() for kind in scores[:4]] == [[1, 1], [5, 5, 5], [], [1, 1]]
    assert len(scores.maps) == 7


def test_prove_asks_no_other_backend_once_the_reference_disagrees(tmp_path: Path) -> None:
    """The form is of no use, and scoring takes most of the time of a search."""
    model = tiny.filters(tmp_path / "m.onnx")
    rng = np.random.default_rng(1)
    kinds = [[rng.integers(0, 255, (32, 32, 3), np.uint8) for _ in range(8)] for _ in range(3)]
    proof = ProofSet(*kinds)
    fp32 = score_all(model, "onnxruntime", proof)
    upside_down = fp32._replace(
        good=fp32.good[::-1], variants=fp32.variants[::-1], defaced=fp32.defaced[::-1]
    )
    found = Prover(proof, upside_down).prove(model).agreement
    assert list(found) == ["onnxruntime"]
    assert not found["onnxruntime"].ok


def test_prove_says_so_when_the_reference_cannot_load_the_form(tmp_path: Path) -> None:
    """Any other backend that cannot is left out; without the reference there is no proof."""
    broken = tmp_path / "m.onnx"
    broken.write_bytes(b"no model")
    frames = [np.zeros((16, 16, 3), np.uint8)] * 3
    proof = ProofSet(frames, frames, frames)
    fp32 = score_all(tiny.brightest(tmp_path / "fp32.onnx"), "onnxruntime", proof)
    with pytest.raises(ModelError):
        Prover(proof, fp32).prove(broken)


def test_prover_gives_up_after_a_few_frames_of_each_kind(tmp_path: Path) -> None:
    """What ranks the wrong way round there is not asked of the other frames."""
    model = tiny.brightest(tmp_path / "m.onnx")
    kinds = [[np.full((16, 16, 3), value, np.uint8) for value in range(40)] for _ in range(3)]
    proof = ProofSet(*kinds)
    fp32 = score_all(model, "onnxruntime", proof)
    turned = fp32._replace(good=-fp32.good, variants=-fp32.variants, defaced=-fp32.defaced)
    found, frames, _ = Prover(proof, turned).prove(model)
    assert frames == 3 * FEW
    assert found["onnxruntime"].rank == pytest.approx(-1)


def test_prover_asks_nothing_of_made_frames_once_bad_parts_are_lost(tmp_path: Path) -> None:
    """All good and bad parts say how much AUROC is lost: here by bad ones that were not first."""
    model = tiny.brightest(tmp_path / "m.onnx")
    levels = np.linspace(0, 250, 60).astype(int)
    frames = [np.full((16, 16, 3), value, np.uint8) for value in levels]
    proof = ProofSet(frames[:40:2], frames, frames, frames[20:])
    fp32 = score_all(model, "onnxruntime", proof)
    bad = fp32.bad.copy()
    few = fp32.few(FEW)
    others = np.setdiff1d(np.arange(140, 180), few) - 140
    bad[others[:3]] = 300  # in FP32 they lie above all the rest
    found, asked, _ = Prover(proof, fp32._replace(bad=bad)).prove(model)
    assert asked == len(np.union1d(few, np.r_[0:20, 140:180]))
    assert not found["onnxruntime"].ok


@pytest.mark.parametrize("goes_on", [True, False])
def test_prover_asks_once_whether_to_go_on(tmp_path: Path, *, goes_on: bool) -> None:
    """After a few frames that speak for it; what is given up then is no proof, and says so."""
    model = tiny.brightest(tmp_path / "m.onnx")
    frames = [np.full((16, 16, 3), value, np.uint8) for value in range(40)]
    proof = ProofSet(frames, frames, frames)
    asked: list[bool] = []

    def go_on() -> bool:
        asked.append(goes_on)
        return goes_on

    prover = Prover(proof, score_all(model, "onnxruntime", proof))
    found = prover.prove(model, ("onnxruntime",), go_on=go_on)
    assert asked == [goes_on]
    assert found.whole == goes_on
    assert found.frames == (120 if goes_on else 3 * FEW)
