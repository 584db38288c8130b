"""Limits of a review into a card, and into a bundle made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ReviewError
from gonogo.build.label import Label
from gonogo.build.review.apply import into_bundle, into_card
from gonogo.build.review.engine import opened
from gonogo.build.review.labelled import Review, oddest_of, review
from gonogo.build.review.listing import Row
from gonogo.build.review.parts import read_pictures
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.card import read_card
from gonogo.tests.build.parts import quiet
from gonogo.tests.build.review.reviewed import save_pictures
from gonogo.tests.engines.bundles import parcels
from gonogo.tests.stations import tiny_engine

if TYPE_CHECKING:
    from pathlib import Path

LABEL = Label("bolt", "1.0.1", parcels.MADE)


def found_of(path: Path, folder: Path) -> Review:
    """A review in which the two brightest pictures are bad."""
    with opened(path) as engine:
        pictures = read_pictures(save_pictures(folder), engine.model, quiet)
        rows = [
            Row("bad" if k < 2 else "good", seen.name, seen.sha256)
            for k, (_, seen) in enumerate(oddest_of(engine, pictures, 6))
        ]
        return review(engine, pictures, rows, quiet)


def test_into_card_writes_the_limits_and_a_sound_card(tmp_path: Path) -> None:
    """Read back with its digest; the engine is the same; another review replaces the first."""
    model = tiny_engine(tmp_path / "nut.onnx", reject_above=70.0)
    found = found_of(model, tmp_path / "pictures")
    before = read_card(model)
    card = into_card(model, found)
    assert read_card(model) == card
    assert (card.recheck_above, card.reject_above) == found.thresholds[:2]
    assert card.engine_id == before.engine_id
    assert into_card(model, found) == card


def test_into_bundle_changes_the_limits_and_nothing_else(tmp_path: Path) -> None:
    """The same model, self-test and scores of it, under a new version and a signature."""
    old = parcels.make(tmp_path)
    found = found_of(old, tmp_path / "pictures")
    out = tmp_path / "bolt-1.0.1.gng"
    into_bundle(old, found, LABEL, out, parcels.MAKER)
    with Bundle(old, INSPECTION) as first, Bundle(out, INSPECTION) as second:
        assert second.signer is not None
        assert second.manifest.version == "1.0.1"
        for role in ("cpu", "selftest"):
            assert second.section(role) == first.section(role)
        before, after = (one.manifest.backends["onnxruntime"] for one in (first, second))
        assert after.self_test_scores == before.self_test_scores
        assert (after.recheck_above, after.reject_above) == found.thresholds[:2]
        assert second.card.reject_above == after.reject_above
        assert second.document("histogram")["bad_parts"] == 2


def test_into_bundle_signs_what_was_signed(tmp_path: Path) -> None:
    """Limits are part of it; one that nobody signed may stay so."""
    signed, trial = parcels.make(tmp_path), parcels.make(tmp_path, "trial.gng", key=None)
    found = found_of(signed, tmp_path / "pictures")
    with pytest.raises(ReviewError, match=r"is signed.*--key"):
        into_bundle(signed, found, LABEL, tmp_path / "out.gng", None)
    assert not (tmp_path / "out.gng").exists()
    into_bundle(trial, found, LABEL, tmp_path / "out.gng", None)
    with Bundle(tmp_path / "out.gng", INSPECTION) as bundle:
        assert bundle.signer is None
