"""Weights in a file beside the model."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import onnx
import pytest

from gonogo.base.errors import ModelError
from gonogo.build.exports.external import digest_of, files_beside, take_in
from gonogo.engines.backends.model import MAX_BYTES
from gonogo.tests.build.exports import odd

if TYPE_CHECKING:
    from pathlib import Path


def loaded(path: Path) -> onnx.ModelProto:
    """Without what lies beside it."""
    return onnx.load(str(path), load_external_data=False)


def moved(path: Path, location: str, **facts: str) -> onnx.ModelProto:
    """The model, its weights said to lie at `location`."""
    model = loaded(odd.save_apart(path, odd.plain()))
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            entry.value = {"location": location, **facts}.get(entry.key, entry.value)
    return model


def test_take_in_makes_it_whole(tmp_path: Path) -> None:
    """The very weights, and nothing that points elsewhere."""
    path = odd.save_apart(tmp_path / "m.onnx", odd.plain())
    model = loaded(path)
    assert list(files_beside(path, model)) == ["weights.data"]
    take_in(path, model)
    plain = {tensor.name: tensor.raw_data for tensor in odd.plain().graph.initializer}
    assert {tensor.name: tensor.raw_data for tensor in model.graph.initializer} == plain
    assert files_beside(path, model) == {}


@pytest.mark.parametrize(
    "location", ["/etc/passwd", "../weights.data", "sub/../../w.data", "C:\\w.data", "..\\w.data"]
)
def test_files_beside_leads_nowhere_else(tmp_path: Path, location: str) -> None:
    """No path out of the folder, in the way of any system."""
    model = moved(tmp_path / "m.onnx", location)
    with pytest.raises(ModelError, match="expected the name of a file in the model's own folder"):
        files_beside(tmp_path / "m.onnx", model)


def test_files_beside_follows_no_link_out_of_the_folder(tmp_path: Path) -> None:
    """It would read what the export does not hold."""
    (tmp_path / "here").mkdir()
    (tmp_path / "elsewhere.data").write_bytes(b"secret")
    model = moved(tmp_path / "here" / "m.onnx", "weights.data")
    (tmp_path / "here" / "weights.data").unlink()
    (tmp_path / "here" / "weights.data").symlink_to(tmp_path / "elsewhere.data")
    with pytest.raises(ModelError, match="a link out of the folder"):
        files_beside(tmp_path / "here" / "m.onnx", model)


def test_files_beside_names_what_is_missing(tmp_path: Path) -> None:
    """With what to do."""
    model = moved(tmp_path / "m.onnx", "model.onnx.data")
    with pytest.raises(ModelError, match=r"weights lie in model.onnx.data, which is not in the"):
        files_beside(tmp_path / "m.onnx", model)


def test_files_beside_are_bound_in_bytes(tmp_path: Path) -> None:
    """All together; the file is one of holes."""
    model = moved(tmp_path / "m.onnx", "weights.data")
    os.truncate(tmp_path / "weights.data", MAX_BYTES + 1)
    with pytest.raises(ModelError, match=f"expected at most {MAX_BYTES}"):
        files_beside(tmp_path / "m.onnx", model)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"offset": "99999"}, "copy both files again"),
        ({"length": "3"}, "copy both files again"),
        ({"offset": "-4"}, "expected a number of bytes"),
    ],
)
def test_take_in_refuses_places_that_do_not_fit(
    tmp_path: Path, facts: dict[str, str], message: str
) -> None:
    """Beyond the file's end, or fewer bytes than the weights have."""
    path = tmp_path / "m.onnx"
    with pytest.raises(ModelError, match=message):
        take_in(path, moved(path, "weights.data", **facts))


def test_digest_of_covers_the_file_beside(tmp_path: Path) -> None:
    """Other weights are another model, though the model file is the same."""
    path = odd.save_apart(tmp_path / "m.onnx", odd.plain())
    before = digest_of(path, loaded(path))
    whole = bytearray((tmp_path / "weights.data").read_bytes())
    whole[5] ^= 1
    (tmp_path / "weights.data").write_bytes(whole)
    assert digest_of(path, loaded(path)) != before
