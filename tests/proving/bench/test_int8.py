"""INT8 over FP32: without its model the bench says so, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.engines.backends.catalogue import cpu_backends
from gonogo.proving.bench.int8 import MODEL, measure

if TYPE_CHECKING:
    from pathlib import Path


def test_int8_without_its_model_is_not_run(tmp_path: Path) -> None:
    """One row a backend, each with the name of what is missing; none fails."""
    rows = measure(tmp_path)
    assert [row.name for row in rows] == [f"int8_over_fp32_{name}" for name in cpu_backends()]
    assert all(row.value is None and row.met for row in rows)
    assert all(row.note.startswith(f"not run: {MODEL}") for row in rows)
