"""Exports of each kind become our contract, and compute what they computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from gonogo.base.errors import ModelError
from gonogo.build.exports.adopt import AS_NODES, FOLDED, adopt
from gonogo.build.exports.options import Options
from gonogo.engines.backends.model import open_model
from gonogo.tests.build.exports import made
from gonogo.tests.build.exports.heads import highest_mean
from gonogo.tests.build.parts import bad_part, real
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.engines.backends.model import Contract

SIDE = made.SIDE
PLAIN = Options()
ANOMALIB_2 = [made.patchcore, made.efficient_ad, made.fastflow]


def _image(side_px: int = SIDE) -> NDArray[np.uint8]:
    """Red first, 1 x 3 x side x side."""
    return np.ascontiguousarray(bad_part(3, side_px)[:, :, ::-1].transpose(2, 0, 1)[None])


def _run(model: bytes, image: NDArray[Any]) -> dict[str, NDArray[np.float32]]:
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_outputs()]
    said = session.run(None, {session.get_inputs()[0].name: image})
    return dict(zip(names, said, strict=True))


def _contract(model: bytes, folder: Path) -> Contract:
    path = folder / "ours.onnx"
    path.write_bytes(model)
    return open_model(path)


@pytest.mark.parametrize("make", ANOMALIB_2)
def test_adopt_anomalib_2_computes_the_same(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    """Open batch fixed, outputs renamed, labels gone, and the very scores and maps it had."""
    path = make(tmp_path / "model.onnx")
    before = _run(path.read_bytes(), np.asarray(_image() / np.float32(255), np.float32))
    adopted = adopt(path, PLAIN)
    assert FOLDED in adopted.ways
    for way in adopted.ways.values():
        contract = _contract(way, tmp_path)
        assert contract.image.shape == (1, 3, SIDE, SIDE)
        assert contract.dtype is np.uint8
        after = _run(way, _image())
        assert set(after) == {"score", "anomaly_map"}
        assert np.allclose(after["score"], before["pred_score"], rtol=1e-3)
        assert np.allclose(after["anomaly_map"], before["anomaly_map"], rtol=1e-3, atol=1e-4)


def test_adopt_anomalib_1_scores_by_its_map(tmp_path: Path) -> None:
    """One output, a map, of pixels that somebody else normalised: told by --input imagenet."""
    path = made.padim(tmp_path / "model.onnx")
    normal = np.asarray((_image() / 255 - made.MEAN) / made.STD, np.float32)
    before = _run(path.read_bytes(), normal)["output"]
    adopted = adopt(path, Options(pixels="imagenet"))
    assert any("largest value of the map" in note for note in adopted.notes)
    for way in (FOLDED, AS_NODES):
        after = _run(adopted.ways[way], _image())
        assert np.allclose(after["anomaly_map"], before, rtol=1e-3, atol=1e-4)
        assert after["score"].tolist() == [[after["anomaly_map"].max()]]


def test_adopt_asks_for_the_range_of_pixels(tmp_path: Path) -> None:
    """Where nothing in the file tells it, it is not guessed."""
    with pytest.raises(ModelError, match=r"--input 0\.\.1, --input 0\.\.255, --input imagenet"):
        adopt(made.padim(tmp_path / "model.onnx"), PLAIN)


def test_adopt_ultralytics_scores_what_is_not_good(tmp_path: Path) -> None:
    """The score is 1 - p(good); the good class is found by its name in the file."""
    path = made.ultralytics(tmp_path / "model.onnx")
    before = _run(path.read_bytes(), np.asarray(_image() / np.float32(255), np.float32))
    after = _run(adopt(path, PLAIN).ways[FOLDED], _image())
    assert after["score"] == pytest.approx(1 - before["output0"][:, 1:], rel=1e-3)


@pytest.mark.parametrize(("asked", "place"), [("dent", 0), ("1", 1), ("perfect", 1)])
def test_adopt_takes_the_good_class_by_name_or_number(
    tmp_path: Path, asked: str, place: int
) -> None:
    """As the file names it, or by its number."""
    path = made.ultralytics(tmp_path / "model.onnx", names="{0: 'dent', 1: 'perfect'}")
    before = _run(path.read_bytes(), np.asarray(_image() / np.float32(255), np.float32))
    after = _run(adopt(path, Options(good_class=asked)).ways[FOLDED], _image())
    assert after["score"][0, 0] == pytest.approx(1 - before["output0"][0, place], rel=1e-3)


def test_adopt_asks_for_the_good_class(tmp_path: Path) -> None:
    """Names that do not tell are listed, with the option."""
    path = made.ultralytics(tmp_path / "model.onnx", names="{0: 'a', 1: 'b'}")
    with pytest.raises(ModelError, match=r"\(0 a, 1 b\).*--good-class"):
        adopt(path, PLAIN)
    with pytest.raises(ModelError, match="--good-class c: expected one of 0 a, 1 b"):
        adopt(path, Options(good_class="c"))


def test_adopt_names_outputs_that_cannot_be_mapped(tmp_path: Path) -> None:
    """Each with its shape, and the option that maps it; told so, it is used."""
    path = tiny.filters(tmp_path / "model.onnx")
    model = onnx.load(str(path))
    for old, new in (("score", "badness"), ("anomaly_map", "heat"), ("embedding", "vector")):
        for node in model.graph.node:
            node.input[:] = [new if name == old else name for name in node.input]
            node.output[:] = [new if name == old else name for name in node.output]
        next(v for v in model.graph.output if v.name == old).name = new
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match=r"'badness' \(float 1 x 1\).*--score NAME"):
        adopt(path, PLAIN)
    with pytest.raises(ModelError, match="--score other: the model has no such output; it has"):
        adopt(path, Options(score="other"))
    adopted = adopt(path, Options(score="badness"))
    assert any("'heat'" in note and "--map" in note for note in adopted.notes)
    whole = adopt(path, Options(score="badness", map="heat", embedding="vector"))
    contract = _contract(whole.ways[FOLDED], tmp_path)
    assert (contract.map, contract.embedding) != (None, None)


@pytest.mark.parametrize("pads", [0, 1])
@pytest.mark.parametrize("colour", ["rgb", "bgr"])
def test_adopt_folds_only_what_is_exact(tmp_path: Path, pads: int, colour: str) -> None:
    """Folded and as nodes it computes the same, with and without padding, in either order."""
    net = made.Net("input", 1)
    weights = np.random.default_rng(1).normal(0, 0.3, (4, 3, 3, 3))
    net.conv("input", "anomaly_map", weights, 2, pads)
    side = (SIDE + 2 * pads - 3) // 2 + 1
    net.output("anomaly_map", (1, 4, side, side))
    path = made._save(tmp_path / "m.onnx", net.model(opset=17))
    options = Options(mean=(0.5, 0.4, 0.3), std=(0.2, 0.3, 0.4), colour=colour)  # type: ignore[arg-type]  # one of two
    planes = _image() if colour == "rgb" else _image()[:, ::-1]
    mean, std = (np.array(v)[:, None, None] for v in (options.mean, options.std))
    before = _run(path.read_bytes(), np.asarray((planes / 255 - mean) / std, np.float32))
    ways = adopt(path, options).ways
    assert len(ways) == 2
    folded = onnx.load_from_string(ways[FOLDED]).graph.node
    assert ("front_add" in {node.name for node in folded}) == (pads == 1)
    assert "Gather" not in {node.op_type for node in folded}
    for way in ways.values():
        after = _run(way, _image())["anomaly_map"]
        assert np.allclose(after, before["anomaly_map"], rtol=1e-3, atol=1e-3)


def test_adopt_cuts_the_middle_out(tmp_path: Path) -> None:
    """A larger image goes in, and the model sees what lies in its middle, or where it is told."""
    path = made.fastflow(tmp_path / "model.onnx")
    image = _image(80)
    alone = adopt(path, PLAIN).ways[FOLDED]
    for corner, (top, left) in ((None, (8, 8)), ((0, 16), (0, 16))):
        options = Options(resize_px=(80, 80), crop_at_px=corner)
        cut = np.ascontiguousarray(image[:, :, top : top + SIDE, left : left + SIDE])
        whole = adopt(path, options).ways[FOLDED]
        assert _run(whole, image)["score"] == pytest.approx(_run(alone, cut)["score"])
    with pytest.raises(ModelError, match="do not lie inside"):
        adopt(path, Options(resize_px=(80, 80), crop_at_px=(20, 0)))


def test_adopt_takes_our_own_models_as_they_are(tmp_path: Path) -> None:
    """A uint8 model of our contract keeps its scores, and has nothing to fold."""
    path = tiny.filters(tmp_path / "m.onnx")
    adopted = adopt(path, PLAIN)
    assert list(adopted.ways) == [FOLDED]
    image = np.ascontiguousarray(_image(32))
    before, after = _run(path.read_bytes(), image), _run(adopted.ways[FOLDED], image)
    assert {name: value.tolist() for name, value in before.items()} == {
        name: value.tolist() for name, value in after.items()
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pixels": "imagenet"}, "the model takes uint8"),
        ({"size_px": (40, 40)}, "--size: the model takes 32x32 px"),
        ({"good_class": "good"}, "--good-class, --defect-class: the score is one number"),
        ({"map": "score"}, "is no map"),
    ],
)
def test_adopt_refuses_options_that_do_not_fit(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    """With the name of the option, and what the model is instead."""
    with pytest.raises(ModelError, match=message):
        adopt(tiny.filters(tmp_path / "m.onnx"), Options(**change))


def test_adopt_makes_probabilities_of_logits(tmp_path: Path) -> None:
    """1 - p(good) of logits is not what it says: they get their softmax first."""
    net = made.Net("image", 1)
    weights = np.random.default_rng(2).normal(0, 0.01, (3, 3, SIDE, SIDE))
    net.conv("image", "c", weights)
    net.add("Flatten", ["c"], "output0")
    net.output("output0", (1, 3))
    path = made._save(tmp_path / "m.onnx", net.model(opset=17))
    logits = np.exp(_run(path.read_bytes(), np.asarray(_image() / 255, np.float32))["output0"])
    adopted = adopt(path, Options(good_class="0", pixels="0..1"))
    score = _run(adopted.ways[FOLDED], _image())["score"]
    assert score == pytest.approx(1 - logits[:, :1] / logits.sum(), rel=1e-3)
    assert "softmax makes probabilities" in adopted.notes[0]


@pytest.mark.parametrize(
    ("name", "output", "wanted"),
    [
        # classes behind four columns of boxes, whose largest value is a coordinate in px
        ("yolo_like_detect", "output0", lambda said: said[0, 4:].max()),
        # the mean of 3 x 3 cells of the second plane, the first being the background
        ("segmentation_softmax_background", "output", lambda said: highest_mean(said[0, 1])),
    ],
)
def test_adopt_scores_shared_exports_by_what_they_mean(
    name: str, output: str, wanted: Callable[[NDArray[np.float32]], float]
) -> None:
    """As the export itself says it, in both ways of preprocessing."""
    (path,) = real(f"exports/{name}.onnx")
    image = np.asarray(_image(96), np.uint8)
    before = _run(path.read_bytes(), np.asarray(image / np.float32(255), np.float32))[output]
    adopted = adopt(path, Options(pixels="0..1"))
    for way in adopted.ways.values():
        after = _run(way, image)
        assert after["score"].item() == pytest.approx(float(wanted(before)), abs=1e-5)
        assert after["anomaly_map"].shape == (1, 1, 12, 12)
