"""A taught engine as a bundle: what a station loads is what was taught."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gonogo.base.errors import ModelError
from gonogo.build.bundling import bundle_engine
from gonogo.build.label import Label
from gonogo.commands.cli import main
from gonogo.engines.bundles.manifest import LINE_MAX
from gonogo.engines.bundles.patch_bank import encode
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.card import read_card, sha256_of, write_card
from gonogo.engines.patches.sources import bank_path
from gonogo.tests.engines.bundles.test_patch_bank import bank
from gonogo.tests.stations import tiny_engine

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime.now(timezone.utc)


def test_bundling_carries_model_limits_and_a_self_test(tmp_path: Path) -> None:
    """The bytes of the model, the limits of its card, and scores that differ."""
    model = tiny_engine(tmp_path / "nut.onnx", reject_above=70.0)
    head = bank().head.model_copy(update={"model": sha256_of(model)})
    bank_path(model).write_bytes(encode(bank()._replace(head=head)))
    out = tmp_path / "nut-1.2.0.gng"
    bundle_engine(model, Label("nut", "1.2.0", NOW), out)
    with Bundle(out, INSPECTION) as bundle:
        facts = bundle.manifest.backends["onnxruntime"]
        assert bundle.section("cpu") == model.read_bytes()
        assert (facts.reject_above, bundle.manifest.version) == (70.0, "1.2.0")
        assert bundle.manifest.engine_id == read_card(model).engine_id
        assert bundle.patches().crops == bank().crops  # what lies beside the model goes along
        assert len(set(facts.self_test_scores)) == len(bundle.self_test_frames()) == 2


def test_bundling_takes_a_card_that_tells_much(tmp_path: Path) -> None:
    """What has no room in the manifest stands in the card, which goes along."""
    model = tiny_engine(tmp_path / "nut.onnx")
    card = read_card(model)
    long = "; ".join(f"part {k:04}.png is odd" for k in range(100))
    write_card(model, card.model_copy(update={"note": long}))
    out = tmp_path / "nut-1.2.0.gng"
    bundle_engine(model, Label("nut", "1.2.0", NOW), out)
    with Bundle(out, INSPECTION) as bundle:
        assert len(bundle.manifest.note) == LINE_MAX
        assert bundle.manifest.note.endswith(" ...")
        assert bundle.manifest.note[:-4] == long[: LINE_MAX - 4]
        assert bundle.card.note == long


def test_bundling_needs_the_card_of_the_model(tmp_path: Path) -> None:
    """Without it nobody knows the limits."""
    model = tiny_engine(tmp_path / "nut.onnx")
    model.with_suffix(".json").unlink()
    with pytest.raises(ModelError, match="is missing"):
        bundle_engine(model, Label("nut", "1.0.0", NOW), tmp_path / "nut.gng")


def test_bundle_make_signs_and_says_so(tmp_path: Path) -> None:
    """The command: name and version come from the file's name."""
    model, key = tiny_engine(tmp_path / "nut.onnx"), tmp_path / "maker.key"
    runner = CliRunner()
    assert runner.invoke(main, ["keys", "new", "--out", str(key)]).exit_code == 0
    out = tmp_path / "nut-2.0.1.gng"
    made = runner.invoke(main, ["bundle", "make", str(model), "--out", str(out), "--key", str(key)])
    assert made.exit_code == 0, made.output
    assert "nut 2.0.1, signed by" in made.output
    trusted = ["bundle", "verify", str(out), "--trust", f"{key}.pub"]
    assert runner.invoke(main, trusted).exit_code == 0
