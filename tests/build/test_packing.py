"""A proven engine into a bundle: what is measured for it, and what it says."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.build.agreement import Agreement
from gonogo.build.engine import Engine, Wanted, inputs, make_engine
from gonogo.build.exports.options import Options
from gonogo.build.forms import QUANTIZED, TOLERANCE, TOLERANCE_ELSEWHERE
from gonogo.build.images import Folders
from gonogo.build.judging import Judge
from gonogo.build.label import Label
from gonogo.build.packing import SELF_TESTS, Packed, pack, proof_table
from gonogo.build.work import Work
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.tests.build.exports import made
from gonogo.tests.build.parts import quiet, save_parts

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
LABEL = Label("bolt", "1.2.0", NOW, NOW.replace(year=2027), "of spring")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A proven engine of plates, with bad ones."""
    folder = tmp_path_factory.mktemp("engine")
    good, bad = save_parts(folder)
    model = made.efficient_ad(folder / "model.onnx")
    wanted = Wanted(model, Folders(good, (bad,)), Options())
    files, digest = inputs(wanted)
    work = Work(folder / "work", digest)
    try:
        return make_engine(wanted, files, work, quiet)
    finally:
        work.close()


@pytest.fixture(scope="module")
def packed(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Packed]:
    """Its bundle."""
    out = tmp_path_factory.mktemp("out") / "bolt-1.2.0.gng"
    return out, pack(engine, LABEL, out, key=None, progress=quiet)


def test_pack_writes_every_form_under_its_role(engine: Engine, packed: tuple[Path, Packed]) -> None:
    """As it lies in the work folder, to the byte; and what stands on the label."""
    with Bundle(packed[0], INSPECTION) as bundle:
        for form in QUANTIZED:
            assert bytes(bundle.section(form.name)) == engine.models[form.name].read_bytes()
        manifest = bundle.manifest
    assert manifest == packed[1].manifest
    assert (manifest.name, manifest.version, manifest.note) == ("bolt", "1.2.0", "of spring")
    assert (manifest.created, manifest.expires) == (NOW, NOW.replace(year=2027))


def test_pack_gives_each_backend_limits_of_its_own_scores(
    engine: Engine, packed: tuple[Path, Packed]
) -> None:
    """A form that is loaded elsewhere has those of the runtime that computes it here."""
    manifest, scored, *_ = packed[1]
    assert list(manifest.backends) == list(scored)
    parts = [*engine.images.good, *engine.images.proof.bad]
    for form in QUANTIZED:
        for use in form.uses:
            if use.backend not in scored:
                assert use.computed_in not in engine.proofs[form.name].proven
                continue
            mine, facts = scored[use.backend], manifest.backends[use.backend]
            how = form.how if use.computed_in == "onnxruntime" else None
            with Judge(engine.models[form.name], use.computed_in, how=how) as asked:
                expected = asked(parts).scores
            assert [*mine.good, *mine.bad] == expected.tolist()
            assert (facts.recheck_above, facts.reject_above) == mine.thresholds[:2]
            assert facts.tolerance == (TOLERANCE if use.is_here else TOLERANCE_ELSEWHERE)


def test_pack_tests_with_good_and_bad_parts(packed: tuple[Path, Packed]) -> None:
    """None scores so near to 0 that a relative tolerance says nothing."""
    with Bundle(packed[0], INSPECTION) as bundle:
        frames = list(bundle.self_test_frames())
        facts = bundle.manifest.backends["onnxruntime"]
    scores = np.array(facts.self_test_scores)
    assert 2 <= len(frames) == len(scores) <= 2 * SELF_TESTS
    assert np.abs(scores).min() >= 0.01 * np.abs(scores).max()
    assert (scores > facts.reject_above).any()
    assert (scores < facts.reject_above).any()


def test_pack_puts_patches_of_the_good_parts_in(
    engine: Engine, packed: tuple[Path, Packed]
) -> None:
    """Of the form by which records name the engine, and the build says by which tensor."""
    with Bundle(packed[0], INSPECTION) as bundle:
        bank = bundle.patches()
        assert bank.head.model == bundle.manifest.model.sha256
    assert set(bank.head.pictures) <= set(engine.images.names)
    assert f"by the tensor {bank.head.tensor!r}" in packed[1].patches


def test_pack_describes_the_main_form_on_the_card(
    engine: Engine, packed: tuple[Path, Packed]
) -> None:
    """Its scores, its limits, its notes."""
    with Bundle(packed[0], INSPECTION) as bundle:
        card = bundle.card
    main = packed[1].scored["onnxruntime"]
    assert card.good_scores == tuple(sorted(main.good.tolist()))
    assert (card.recheck_above, card.reject_above) == main.thresholds[:2]
    assert card.proven == engine.proofs[QUANTIZED[0].name].proven
    assert main.thresholds.how in card.note
    assert all(note in card.note for note in engine.notes)


def test_proof_table_has_a_form_for_each_and_no_infinity(engine: Engine) -> None:
    """JSON has none; what was not run elsewhere is remarked."""
    int8 = engine.proofs["cpu"]
    endless = Agreement(0.0, np.inf, 1.0, correlation=0.0)
    lost = int8._replace(agreement={"onnxruntime": endless})
    told = proof_table(engine._replace(proofs={**engine.proofs, "cpu": lost}))
    whole = json.loads(json.dumps(told, allow_nan=False))
    assert list(whole["forms"]) == [form.name for form in QUANTIZED]
    assert [each["remark"] for each in whole["forms"].values()] == [
        form.remark for form in QUANTIZED
    ]
    assert whole["forms"]["cpu"]["backends"]["onnxruntime"]["limit_shift"] is None
    assert whole["images"]["bad"] == len(engine.images.proof.bad)
    assert whole["wanted"]["auroc_loss_max"] == engine.wanted.loss_max
    assert whole["wanted"]["rank_min"] == engine.wanted.rank_min
