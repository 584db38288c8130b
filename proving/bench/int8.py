"""INT8 over FP32 of the same model, each backend present, one thread, taken in turns."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.frame_shape import FrameShape
from gonogo.build.quantize import compare, quantize
from gonogo.engines.backends.catalogue import cpu_backends
from gonogo.proving.bench.rows import Row

if TYPE_CHECKING:
    from gonogo.build.quantize import Row as Speed

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SET, MODEL = "screws", "screws_sqz11_patchbank512_256_u8.onnx"
SIDE_PX = 256


def measure(data: Path = DATA) -> list[Row]:
    """One row a backend; without the real model beside the checkout they are not run."""
    source = data / "models" / MODEL
    # models lie beside the checkout, and are not part of it
    if not source.exists():
        why = f"not run: {MODEL} is not there (../shared/data/models)"
        return [_row(name, None, why) for name in cpu_backends()]
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as folder:
        int8 = Path(folder) / "int8.onnx"
        card = quantize(source, data / SET / "train" / "good", int8, lambda *_: None)
        found = {row.backend: row for row in compare(source, int8, FrameShape(SIDE_PX, SIDE_PX, 3))}
    note = f"{MODEL}: {card.note}"
    return [_row(name, found.get(name), note) for name in cpu_backends()]


def _row(backend: str, speed: Speed | None, note: str) -> Row:
    name = f"int8_over_fp32_{backend}"
    if speed is None:
        why = note if note.startswith("not run") else f"not run: {backend} is not installed"
        return Row(name, None, None, "lower", "ms", 1.0, why)
    return Row(name, speed.int8_ms, speed.fp32_ms, "lower", "ms", 1.0, note)
