"""An FP32 model that is of no use is refused before anything is calibrated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from gonogo.base.errors import WeakModel
from gonogo.build.fp32 import Fp32, accept, judge_fp32
from gonogo.build.proof import ProofSet
from gonogo.build.work import Work
from gonogo.tests.build.parts import quiet
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import onnx

SIDE = tiny.SIDE


def frames(levels: Iterable[float]) -> list[Any]:
    """Frames of one grey level each, with one brighter pixel: no two alike."""
    made = []
    for number, level in enumerate(levels):
        frame = np.full((SIDE, SIDE, 3), round(level), np.uint8)
        frame[number % SIDE, number // SIDE % SIDE] += 3
        made.append(frame)
    return made


PROOF = ProofSet(
    frames(np.linspace(40, 60, 12)),
    frames(np.linspace(38, 62, 30)),
    frames(np.linspace(55, 120, 30)),
    frames(np.linspace(70, 140, 20)),
)


def mean_of(path: Path, *tail: onnx.NodeProto, **held: object) -> Path:
    """A score that is the mean of the image, 0 .. 255, or what `tail` makes of that."""
    nodes = [
        helper.make_node("Cast", ["image"], ["planes"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["planes"], ["mean"], axes=[1, 2, 3], keepdims=0),
        *(tail or (helper.make_node("Identity", ["mean"], ["score"]),)),
    ]
    known = [numpy_helper.from_array(np.array(v, np.float32), k) for k, v in held.items()]
    return tiny.save(path, nodes, outputs=[("score", (1,))], held=known)


def judged(path: Path, proof: ProofSet = PROOF) -> Fp32:
    """What is found, in a work folder beside the model."""
    work = Work(path.parent / "work", "")
    try:
        return judge_fp32(path, proof, work, quiet)
    finally:
        work.close()


def test_judge_has_nothing_against_a_model_that_sees_bad_parts(tmp_path: Path) -> None:
    """Its AUROC with an interval goes into the proof."""
    found = judged(mean_of(tmp_path / "m.onnx"))
    assert not found.findings
    assert not found.notes
    assert found.table()["of"] == "bad parts"
    assert found.table()["auroc"] == 1.0


@pytest.mark.parametrize(
    ("scale", "offset"), [(1e-12, 0.0), (1e30, 0.0), (-1e-3, 9.0), (1.0, -300.0)]
)
def test_judge_asks_only_for_the_order(tmp_path: Path, scale: float, offset: float) -> None:
    """Tiny, huge and negative scores are as good as others; turned round they are found out."""
    tail = (
        helper.make_node("Mul", ["mean", "scale"], ["scaled"]),
        helper.make_node("Add", ["scaled", "offset"], ["score"]),
    )
    found = judged(mean_of(tmp_path / "m.onnx", *tail, scale=[scale], offset=[offset]))
    texts = [one.text for one in found.findings]
    assert len(texts) == (scale < 0)
    # a station would not notice by the self-test that other scores come out
    flat = [note for note in found.notes if "self-test" in note]
    assert len(flat) == (abs(scale) < 1e-2)
    assert all("wrong way round" in text for text in texts)


def test_judge_says_where_a_score_is_no_number(tmp_path: Path) -> None:
    """In how many frames of which kind, and which node makes it of what."""
    tail = (
        helper.make_node("Sub", ["mean", "less"], ["above"]),
        helper.make_node("Log", ["above"], ["score"], name="/head/Log"),
    )
    found = judged(mean_of(tmp_path / "m.onnx", *tail, less=[62.0]))
    (one,) = found.findings
    assert "NaN or infinite" in one.text
    assert "12 of 12 good parts" in one.text
    assert "0 of 20 bad parts" in one.text
    assert "'/head/Log', a Log of a number that is not above 0" in one.text
    with pytest.raises(WeakModel, match="GN309"):
        accept(found, (), insist=True)


def test_judge_finds_a_score_that_is_drawn(tmp_path: Path) -> None:
    """Noise that was left on, also with a seed that begins alike in every session."""
    tail = (
        helper.make_node("RandomNormalLike", ["mean"], ["noise"], name="/drop", seed=3.0),
        helper.make_node("Add", ["mean", "noise"], ["score"]),
    )
    (one,) = judged(mean_of(tmp_path / "m.onnx", *tail)).findings
    assert "another score each time" in one.text
    assert "RandomNormalLike '/drop'" in one.text
    assert not one.insist


def test_judge_finds_a_score_that_is_always_the_same(tmp_path: Path) -> None:
    """Or all but the same: rounding is no order."""
    tail = (
        helper.make_node("Mul", ["mean", "scale"], ["scaled"]),
        helper.make_node("Add", ["scaled", "offset"], ["score"]),
    )
    found = judged(mean_of(tmp_path / "m.onnx", *tail, scale=[1e-6], offset=[1e3]))
    (one,) = found.findings
    assert "have the score 1000" in one.text
    assert [mend.value for mend in one.mends] == ["0..1", "0..255", "imagenet"]


@pytest.mark.parametrize(("low", "high"), [(90.0, 1000.0), (-7.0, 20.0), (64.0, 66.0)])
def test_judge_finds_scores_that_were_cut_off(tmp_path: Path, low: float, high: float) -> None:
    """At 0, at 1 or anywhere: parts that have the very same score have no order."""
    tail = (helper.make_node("Clip", ["mean", "low", "high"], ["score"]),)
    held = {"low": np.float32(low), "high": np.float32(high)}
    found = judged(mean_of(tmp_path / "m.onnx", *tail, **held))
    assert "very same score" in found.findings[0].text or "have the score" in found.findings[0].text


def test_judge_only_notes_bad_parts_that_are_cut_off(tmp_path: Path) -> None:
    """Good ones keep their order, and limits are among them."""
    tail = (helper.make_node("Clip", ["mean", "", "high"], ["score"]),)
    found = judged(mean_of(tmp_path / "m.onnx", *tail, high=np.float32(90)))
    assert not found.findings
    assert "the export cuts scores off" in found.notes[0]


def test_judge_is_not_deaf_without_bad_parts(tmp_path: Path) -> None:
    """Defects that were made speak, and it is said what they cannot tell."""
    proof = PROOF._replace(bad=())
    assert "only --bad can tell" in judged(mean_of(tmp_path / "m.onnx"), proof).notes[0]
    turned = mean_of(tmp_path / "t.onnx", helper.make_node("Neg", ["mean"], ["score"]))
    (tmp_path / "other").mkdir()
    turned = turned.rename(tmp_path / "other" / "t.onnx")
    (one,) = judged(turned, proof).findings
    assert "made defects" in one.text
    assert [str(mend) for mend in one.mends] == ["--higher-is good", "--accept-weak"]


def test_accept_takes_a_weak_model_where_somebody_insists(tmp_path: Path) -> None:
    """And says that it was insisted on; else it is refused, with the options and the notes."""
    proof = PROOF._replace(bad=frames(np.linspace(41, 59, 20)))
    found = judged(mean_of(tmp_path / "m.onnx"), proof)
    (said,) = accept(found, (), insist=True)
    assert said.startswith("taken all the same (--accept-weak): AUROC")
    with pytest.raises(WeakModel, match=r"chance alone(?s:.*)note: remember") as refused:
        accept(found, ("remember",), insist=False)
    assert [str(mend) for mend in refused.value.mends] == ["--accept-weak"]
