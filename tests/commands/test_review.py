"""`gonogo review` as it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.engines.bundles.keys import write_pair
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.card import read_card
from gonogo.tests.build.review.reviewed import label, save_pictures
from gonogo.tests.engines.bundles import parcels
from gonogo.tests.stations import tiny_engine

if TYPE_CHECKING:
    from pathlib import Path

LABELS = {"160.png": "bad", "150.png": "odd"}


def gonogo(*words: str | Path, ends: int = 0) -> str:
    """What a command prints, and that it ends so."""
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == ends, result.output
    assert "Traceback" not in result.output
    return result.output


def test_review_lists_then_sets_the_limits_of_a_model(tmp_path: Path) -> None:
    """A list and a sheet; labelled, the card has new limits, and the odd part is to be taught."""
    model = tiny_engine(tmp_path / "nut.onnx")
    pictures, path = save_pictures(tmp_path / "p"), tmp_path / "r.csv"
    said = gonogo("review", model, pictures, "--list", path, "--top", "6")
    assert "the 6 oddest of 14 pictures" in said
    assert cv2.imread(str(tmp_path / "r.png")) is not None
    assert "6 of 6 rows have no label" in gonogo(
        "review", model, pictures, "--labels", path, ends=1
    )
    label(path, LABELS)
    before = read_card(model)
    said = gonogo("review", model, pictures, "--labels", path, "--dry-run")
    assert read_card(model) == before
    said = gonogo("review", model, pictures, "--labels", path)
    card = read_card(model)
    assert f"reject_above = {card.reject_above:.6g}" in said
    assert 111 < card.reject_above < 120
    assert f"gonogo teach GOOD --out {model}" in said
    assert "150.png" in said


def test_review_makes_a_bundle_anew(tmp_path: Path) -> None:
    """Named after the file, signed with the key; without --out it says how."""
    bundle, public = parcels.make(tmp_path), write_pair(tmp_path / "key")
    pictures, path = save_pictures(tmp_path / "p"), tmp_path / "r.csv"
    gonogo("review", bundle, pictures, "--list", path, "--top", "6")
    label(path, {"160.png": "bad", "150.png": "bad"})
    words = ("review", bundle, pictures, "--labels", path)
    assert "nothing written" in gonogo(*words)
    out = tmp_path / "bolt-1.0.1.gng"
    assert "expected --key" in gonogo(*words, "--out", out, ends=1)
    said = gonogo(*words, "--out", out, "--key", tmp_path / "key")
    assert f"bolt 1.0.1, signed by {public.fingerprint}" in said
    with Bundle(out, INSPECTION) as found:
        assert 111 < found.manifest.backends["onnxruntime"].reject_above < 120


def test_review_wants_to_be_told_which_half(tmp_path: Path) -> None:
    """Neither or both, a list of another engine, and options of a bundle for a model."""
    model, other = tiny_engine(tmp_path / "nut.onnx"), parcels.make(tmp_path)
    pictures, path = save_pictures(tmp_path / "p"), tmp_path / "r.csv"
    assert "GN315" in gonogo("review", model, pictures, ends=1)
    gonogo("review", model, pictures, "--list", path)
    label(path, LABELS)
    words = ("review", model, pictures, "--labels", path)
    assert "expected either" in gonogo(*words, "--list", path, ends=1)
    assert "--out and --key are of a bundle" in gonogo(*words, "--out", "x.gng", ends=1)
    text = path.read_text()
    path.write_text(text.replace("engine ", "engine 0")[: len(text)])
    assert "GN315" in gonogo("review", other, pictures, "--labels", path, ends=1)
