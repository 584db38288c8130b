"""A taught engine, from good images alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import TeachError
from gonogo.base.frame_shape import FrameShape
from gonogo.build.features import SIDE_PX, engine_model
from gonogo.build.goodparts import GoodImages, Shrink, collect
from gonogo.build.limits import auroc
from gonogo.build.proof import score
from gonogo.build.teach import (
    cross_validate,
    extract,
    fit,
    level,
    score_features,
    teach,
    teach_folder,
)
from gonogo.engines.backends.backend import Shapes
from gonogo.engines.backends.catalogue import open_backend
from gonogo.engines.backends.choose import result_arrays
from gonogo.engines.backends.model import open_model
from gonogo.engines.card import read_card
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
    card = teach_folder(good, out, lambda stage, _done, _total: stages.append(stage))
    return out, card, stages


def test_teach_writes_an_engine_with_its_card(taught: tuple[Path, Card, list[str]]) -> None:
    """The engine keeps its contract: score, a map of 32 x 32, an embedding."""
    out, card, stages = taught
    assert read_card(out) == card
    assert card.method == "teach"
    assert card.good_parts == 12
    assert card.recheck_above < card.reject_above
    assert open_model(out).shapes == Shapes(32, 32, 64)
    began = {stage.partition(":")[0] for stage in stages}
    assert {"reading good parts", "cross-validating", "proving"} <= began


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


def test_teach_head_in_the_graph_is_the_head_it_was_validated_with(tmp_path: Path) -> None:
    """The ONNX graph and numpy score the same features alike."""
    parts = collect(GoodImages([good_part(k) for k in range(6)]), (SIDE_PX, SIDE_PX), quiet)
    gains = level(parts)
    features = extract(parts, gains, quiet)
    learned = fit(features)
    path = tmp_path / "float.onnx"
    path.write_bytes(engine_model(learned, gains))
    expected = score_features(learned, features[:, 0])
    assert score(path, "onnxruntime", parts.good) == pytest.approx(expected, rel=1e-3)


def test_cross_validate_scores_above_what_was_learned() -> None:
    """Parts that the engine has not seen score higher than those it was taught from."""
    parts = collect(GoodImages([good_part(k) for k in range(12)]), (SIDE_PX, SIDE_PX), quiet)
    features = extract(parts, level(parts), quiet)
    unseen = cross_validate(features, quiet)[:, 0]
    assert np.median(unseen) > np.median(score_features(fit(features), features[:, 0]))


def test_teach_refuses_too_few_and_copies(tmp_path: Path) -> None:
    """Four images or copies of one are a TeachError, and nothing is written."""
    out = tmp_path / "engine.onnx"
    with pytest.raises(TeachError, match="at least 5"):
        teach(GoodImages([good_part(k) for k in range(4)]), out, progress=quiet)
    with pytest.raises(TeachError, match="the same"):
        teach(GoodImages([good_part(1)] * 8), out, progress=quiet)
    assert list(tmp_path.iterdir()) == []


def test_teach_at_a_larger_size_sees_more_pixels_and_ranks_as_well(tmp_path: Path) -> None:
    """The image it takes, the map it gives, and bad plates above good ones it has not seen."""
    out = tmp_path / "large.onnx"
    teach(GoodImages([good_part(k) for k in range(8)]), out, progress=quiet, side_px=384)
    contract = open_model(out)
    assert (contract.image.shape[2:], contract.shapes) == ((384, 384), Shapes(48, 48, 64))
    shrink = Shrink((384, 384))
    good = score(out, "onnxruntime", [shrink(good_part(s)) for s in range(200, 210)])
    bad = score(out, "onnxruntime", [shrink(bad_part(s)) for s in range(300, 310)])
    assert auroc(good, bad) > 0.95
