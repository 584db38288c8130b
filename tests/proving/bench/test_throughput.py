"""The stream through a real engine process, two frames in flight."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from gonogo.base.runtime_dir import runtime_dir
from gonogo.proving.bench.throughput import NAME, Stream
from gonogo.tests.stations import small_station, synthetic, tiny_engine

if TYPE_CHECKING:
    from pathlib import Path


def test_stream_takes_every_score_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """More frames than slots, twice; afterwards neither memory nor process."""
    engine = {"model": tiny_engine(tmp_path / "tiny.onnx"), "backend": "onnxruntime"}
    view = {"name": "top", "camera": synthetic(), "engine": engine}
    with ExitStack() as stack:
        stream = Stream(small_station(tmp_path, view), stack)
        assert stream.engine.backend == "onnxruntime"
        assert stream.rate_hz(9) > 0
        assert stream.rate_hz(1) > 0
    assert list(runtime_dir().glob(f"{NAME}-*")) == []
