"""FP32 to INT8: what is quantized, what is proven, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest

from gonogo.base.errors import ModelError, TeachError
from gonogo.base.frame_shape import FrameShape
from gonogo.build.agreement import RANK_MIN
from gonogo.build.exports.adopt import FOLDED, adopt
from gonogo.build.exports.options import Options
from gonogo.build.forms import CPU
from gonogo.build.goodparts import GoodImages, Shrink, collect
from gonogo.build.int8 import Int8Search, Trial
from gonogo.build.limits import auroc, spearman
from gonogo.build.proof import score
from gonogo.build.quantize import compare, proof_set, quantize, quantize_parts
from gonogo.engines.backends.model import open_model
from gonogo.engines.card import read_card
from gonogo.tests.build.exports import made as exports
from gonogo.tests.build.parts import bad_part, good_part, quiet, save_good
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.engines.card import Card


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Card]:
    """Source, INT8 file and card of a small network."""
    folder = tmp_path_factory.mktemp("quantize")
    source = tiny.filters(folder / "fp32.onnx")
    out = folder / "engines" / "int8.onnx"
    return source, out, quantize(source, save_good(folder / "good", 12), out, quiet)


def test_quantize_writes_an_engine_with_its_card(made: tuple[Path, Path, Card]) -> None:
    """Engine and card belong together, and the card says where the engine came from."""
    source, out, card = made
    assert read_card(out) == card
    assert card.method == "quantize"
    assert source.name in card.source
    assert card.good_parts == len(card.good_scores) == 12
    assert card.recheck_above < card.reject_above
    assert "onnxruntime" in card.proven


def test_quantize_quantizes_convolutions(made: tuple[Path, Path, Card]) -> None:
    """INT8 weights are in the file, and it keeps the contract of its source."""
    source, out, _ = made
    weights = [t for t in onnx.load(str(out)).graph.initializer if len(t.dims) == 4]
    assert any(t.data_type == onnx.TensorProto.INT8 for t in weights)
    before, after = open_model(source), open_model(out)
    assert (after.image, after.shapes, after.score) == (before.image, before.shapes, before.score)


def test_int8_takes_the_uint8_image_as_it_is(tmp_path: Path) -> None:
    """With all convolutions quantized, the image is dequantized without a detour through float."""
    source = tiny.filters(tmp_path / "m.onnx")
    parts = collect(GoodImages([good_part(k) for k in range(6)]), (32, 32), quiet)
    with Int8Search(source, Trial(proof_set(parts))) as search:
        model = onnx.load_from_string(
            CPU.quantized(search._graph, frozenset(), search._ranges(quiet))
        )
    readers = [node.op_type for node in model.graph.node if "image" in node.input]
    assert readers == ["DequantizeLinear"]
    assert not any(node.op_type == "Cast" for node in model.graph.node)


def test_quantize_keeps_the_ranking_of_fresh_parts(made: tuple[Path, Path, Card]) -> None:
    """On parts that took no part in it, INT8 ranks as FP32 does."""
    source, out, _ = made
    shrink = Shrink((32, 32))
    frames = [shrink(make(seed)) for make in (good_part, bad_part) for seed in range(100, 130)]
    fp32, int8 = (score(path, "onnxruntime", frames) for path in (source, out))
    assert spearman(fp32, int8) > RANK_MIN - 0.05
    assert auroc(int8[:30], int8[30:]) == pytest.approx(auroc(fp32[:30], fp32[30:]), abs=0.05)


def test_compare_times_both_files_in_each_backend(made: tuple[Path, Path, Card]) -> None:
    """One row a backend, with both medians and their ratio."""
    source, out, _ = made
    rows = compare(source, out, FrameShape(60, 80, 3))
    assert rows[0].backend == "onnxruntime"
    for row in rows:
        assert row.speedup == pytest.approx(row.fp32_ms / row.int8_ms)
        assert min(row.fp32_ms, row.int8_ms) > 0


def test_quantize_refuses_a_model_without_convolutions(tmp_path: Path) -> None:
    """There is nothing to quantize, and nothing is left at the target."""
    source, out = tiny.brightest(tmp_path / "m.onnx"), tmp_path / "int8.onnx"
    with pytest.raises(ModelError, match="no convolution"):
        quantize_parts(source, GoodImages([good_part(k) for k in range(6)]), out, quiet)
    assert not out.exists()


def test_quantize_refuses_a_bad_source(tmp_path: Path) -> None:
    """A file that is no model is refused."""
    source = tmp_path / "m.onnx"
    source.write_bytes(b"nothing")
    with pytest.raises(ModelError, match="ONNX file"):
        quantize(source, save_good(tmp_path / "good", 5), tmp_path / "out.onnx", quiet)


def test_quantize_refuses_a_folder_without_images(tmp_path: Path) -> None:
    """No good parts is a TeachError with the folder."""
    source = tiny.filters(tmp_path / "m.onnx")
    with pytest.raises(TeachError, match="nowhere"):
        quantize(source, tmp_path / "nowhere", tmp_path / "out.onnx", quiet)


def test_quantize_leaves_the_old_engine_when_it_fails(made: tuple[Path, Path, Card]) -> None:
    """A failed attempt leaves engine and card untouched."""
    source, out, card = made
    with pytest.raises(TeachError):
        quantize_parts(source, GoodImages([np.zeros((40, 40, 3), np.uint8)] * 8), out, quiet)
    assert read_card(out) == card


def test_quantize_says_when_the_model_has_the_parts_by_heart(tmp_path: Path) -> None:
    """Limits follow from moved copies then, and the card says why; not of parts it never saw."""
    bank = tmp_path / "bank.onnx"
    export = exports.patchcore(tmp_path / "export.onnx")
    bank.write_bytes(adopt(export, Options()).ways[FOLDED])
    said = {}
    for first in (0, 1000):
        parts = GoodImages([good_part(first + k, exports.SIDE) for k in range(exports.FITTED)])
        said[first] = quantize_parts(bank, parts, tmp_path / f"{first}.onnx", quiet).note
    assert "by heart" in said[1000]
    assert "by heart" not in said[0]
