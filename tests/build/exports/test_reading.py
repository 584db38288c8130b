"""From a file to one model in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from onnx import TensorProto

from gonogo.base.errors import ModelError
from gonogo.build.exports.reading import digest_of, read_export, remarks
from gonogo.engines.card import sha256_of
from gonogo.tests.build.exports import odd

if TYPE_CHECKING:
    from pathlib import Path


def test_read_export_keeps_the_original_beside_what_it_made(tmp_path: Path) -> None:
    """In the operator set that it had, to compare with; both in float32."""
    model = odd.typed(odd.plain(opset=12), TensorProto.FLOAT16)
    read = read_export(odd.save(tmp_path / "m.onnx", model))
    assert [one.opset_import[0].version for one in (read.original, read.model)] == [12, 17]
    held = (*read.original.graph.initializer, *read.model.graph.initializer)
    assert TensorProto.FLOAT16 not in {tensor.data_type for tensor in held}
    assert len(read.notes) == 2


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_read_export_refuses_a_file_that_is_cut(tmp_path: Path, share: float) -> None:
    """Where the cut was."""
    path = odd.save(tmp_path / "m.onnx", odd.plain())
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ModelError, match=r"not a whole ONNX file.*copy it again"):
        read_export(path)


def test_digest_of_is_that_of_the_file_where_there_is_one(tmp_path: Path) -> None:
    """As it was before weights might lie beside it."""
    path = odd.save(tmp_path / "m.onnx", odd.plain())
    assert digest_of(path) == sha256_of(path)
    apart = odd.save_apart(tmp_path / "a.onnx", odd.plain())
    assert digest_of(apart) != sha256_of(apart)


def test_remarks_name_a_file_that_is_not_there(tmp_path: Path) -> None:
    """They are asked for first of all."""
    with pytest.raises(ModelError, match="No such file"):
        remarks(tmp_path / "none.onnx")


def test_remarks_say_nothing_of_a_small_model(tmp_path: Path) -> None:
    """Memory is a matter of large ones."""
    assert remarks(odd.save(tmp_path / "m.onnx", odd.plain())) == ()
