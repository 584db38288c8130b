"""The engine that is reviewed, and how its scores are had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ModelError, ReviewError
from gonogo.build.review.engine import opened
from gonogo.tests.engines.bundles import parcels
from gonogo.tests.stations import tiny_engine

if TYPE_CHECKING:
    from pathlib import Path


def test_opened_takes_a_model_with_its_card(tmp_path: Path) -> None:
    """One pair of limits, and no bundle; without a card it is no engine."""
    model = tiny_engine(tmp_path / "nut.onnx")
    with opened(model) as engine:
        assert engine.model == model
        assert (list(engine.computed), engine.elsewhere, engine.manifest) == (
            ["onnxruntime"],
            (),
            None,
        )
    model.with_suffix(".json").unlink()
    with pytest.raises(ModelError), opened(model):
        pass


def test_opened_takes_the_forms_of_a_bundle_apart(tmp_path: Path) -> None:
    """Each backend with the file that it loads, as long as the engine is open."""
    with opened(parcels.make(tmp_path)) as engine:
        assert engine.model.read_bytes() == (tmp_path / "bolt.onnx").read_bytes()
        assert engine.manifest is not None
        assert engine.elsewhere == ()
    assert not engine.model.exists()


def test_opened_refuses_a_bundle_whose_scores_nothing_here_computes(tmp_path: Path) -> None:
    """One for a chip alone."""
    with (
        pytest.raises(ReviewError, match="no form for onnxruntime"),
        opened(parcels.for_hailo(tmp_path)),
    ):
        pass
