"""Many models in one table, each with its own images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import BuildError
from gonogo.build.modeltable import find, folders_of, page
from gonogo.tests.build.exports import made
from gonogo.tests.build.parts import quiet, save_good, save_parts

if TYPE_CHECKING:
    from pathlib import Path


def _data(root: Path) -> Path:
    """Images as MVTec AD lays them out, of parts called plates."""
    data = root / "data"
    good, bad = save_parts(data / "plates" / "test", good=6, bad=6)
    assert (good.name, bad.name) == ("good", "bad")
    save_good(data / "plates" / "train" / "good", 30)
    for path in sorted((data / "plates" / "train" / "good").iterdir())[:6]:
        path.unlink()  # they are in test/good
    return data


def test_find_and_page_tell_every_model(tmp_path: Path) -> None:
    """A row for each in both tables, with AUROC, sizes and times, or its refusal."""
    data, models = _data(tmp_path), tmp_path / "models"
    models.mkdir()
    made.efficient_ad(models / "plates_ead_64.onnx")
    made.unprovable(models / "wild_64.onnx")
    (models / "wild_64.json").write_text('{"dataset": "plates"}', encoding="utf-8")
    text = page(find(models, data, tmp_path / "work", 0.005, quiet), "a machine", 0.005)
    rows = [line for line in text.splitlines() if line.startswith("| plates_ead_64")]
    assert len(rows) == 2
    assert "| plates | 6 / 6 |" in rows[0]
    assert "a machine" in text
    assert "not run on TensorRT" in text
    heads = [line for line in text.splitlines() if line.startswith("| model")]
    refused = [line for line in text.splitlines() if line.startswith("| wild_64")]
    for shown in (rows, refused):
        assert [row.count("|") for row in shown] == [head.count("|") for head in heads]
    assert all("| refused |" in row for row in refused)
    assert "wild_64 was refused:" in text
    assert "GN309" in text


def test_folders_of_takes_the_dataset_of_the_card(tmp_path: Path) -> None:
    """The file beside the model names its images; without it the model's name does."""
    data = _data(tmp_path)
    model = tmp_path / "x_u8.onnx"
    (tmp_path / "x.json").write_text('{"dataset": "plates"}', encoding="utf-8")
    folders = folders_of(model, data)
    assert folders.good == data / "plates" / "train" / "good"
    assert [path.name for path in folders.bad] == ["bad"]
    assert folders_of(tmp_path / "plates_y.onnx", data) == folders


def test_folders_of_names_what_is_missing(tmp_path: Path) -> None:
    """A model whose images are not there, and a folder without models."""
    with pytest.raises(BuildError, match="expected a folder below"):
        folders_of(tmp_path / "unknown.onnx", _data(tmp_path))
    with pytest.raises(BuildError, match=r"no file that ends in \.onnx"):
        find(tmp_path / "data", tmp_path, tmp_path / "work", 0.005, quiet)
