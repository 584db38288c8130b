"""Limits of a review into a card, and into a bundle made anew."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import BundleError, ReviewError
from gonogo.base.scores import ScoreLimits
from gonogo.build.label import Label
from gonogo.build.review.apply import expect_key, into_bundle, into_card, of_proposal
from gonogo.build.review.engine import opened
from gonogo.build.review.labelled import Review, oddest_of, review
from gonogo.build.review.listing import Row
from gonogo.build.review.parts import read_pictures
from gonogo.build.review.proposal import labelled, propose
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


def test_expect_key_of_what_was_signed(tmp_path: Path) -> None:
    """Limits are part of it; one that nobody signed may stay so."""
    signed, trial = parcels.make(tmp_path), parcels.make(tmp_path, "trial.gng", key=None)
    with pytest.raises(ReviewError, match=r"is signed.*--key"):
        expect_key(signed, None)
    expect_key(signed, parcels.MAKER)
    expect_key(trial, None)


def of_records(*backends: str) -> Review:
    """A review of a station's parts, of which the three highest are bad."""
    scores = np.array([9.0, 8.0, 7.0, *np.linspace(1.4, 1.0, 60)])
    said = [bool(score < 2) if k < 10 else None for k, score in enumerate(scores)]
    return of_proposal(propose(labelled(scores, said, 10), ScoreLimits(99.0, 99.0)), backends)


def test_into_bundle_without_a_key_is_signed_by_nobody(tmp_path: Path) -> None:
    """Whoever signed the old one has not seen these limits; what they follow from is in it."""
    found = of_records("onnxruntime")
    out = tmp_path / "out.gng"
    into_bundle(parcels.make(tmp_path), found, LABEL, out, None)
    with Bundle(out, INSPECTION) as bundle:
        assert bundle.signer is None
        facts = bundle.manifest.backends["onnxruntime"]
        assert (facts.recheck_above, facts.reject_above) == found.limits["onnxruntime"][:2]
        told = bundle.document("histogram")
        assert (told["good_parts"], told["bad_parts"]) == (60, 3)
        assert told["reject_above"] == facts.reject_above == bundle.card.reject_above


@pytest.mark.parametrize(
    ("backend", "role", "card"), [("onnxruntime", "cpu", True), ("tensorrt", "tensorrt", False)]
)
def test_into_bundle_changes_the_form_whose_scores_they_are(
    tmp_path: Path, backend: str, role: str, *, card: bool
) -> None:
    """The others stay, and so does the card where it is of another file."""
    usual = parcels.contents(tmp_path)
    facts = usual.backends["onnxruntime"]
    other = tiny_engine(tmp_path / "other.onnx")
    old = parcels.make(
        tmp_path, further={"tensorrt": other}, backends={"onnxruntime": facts, "tensorrt": facts}
    )
    out = tmp_path / "out.gng"
    into_bundle(old, of_records(backend), LABEL, out, parcels.MAKER)
    with Bundle(out, INSPECTION) as bundle:
        new = {name for name, its in bundle.manifest.backends.items() if its != facts}
        assert new == {backend}
        assert bundle.manifest.find(role) is not None
        assert (bundle.card != usual.card) == card


def test_into_bundle_of_a_chip_alone_changes_its_card(tmp_path: Path) -> None:
    """There is no form for CPUs whose limits it could have."""
    out = tmp_path / "out.gng"
    found = of_records("hailo")
    into_bundle(parcels.for_hailo(tmp_path), found, LABEL, out, parcels.MAKER)
    with Bundle(out, INSPECTION) as bundle:
        assert bundle.card.reject_above == found.limits["hailo"].reject_above


@pytest.mark.parametrize(("room", "why"), [(10, "expected room there"), (0, "cannot write")])
def test_into_bundle_without_room_leaves_nothing(tmp_path: Path, room: int, why: str) -> None:
    """For the files that are taken out of the old one, or for the new one."""
    old, out = parcels.make(tmp_path), tmp_path / "out.gng"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # what a full disk is to a program, for files that are larger than this
    limit = room or (tmp_path / "bolt.onnx").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        with pytest.raises(BundleError, match=why):
            into_bundle(old, of_records("onnxruntime"), LABEL, out, parcels.MAKER)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert sorted(tmp_path.iterdir()) == sorted([old, tmp_path / "bolt.onnx"])
