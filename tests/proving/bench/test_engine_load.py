"""The engine's load alone: as its process does it, and told in one line."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.launch.process_rows import supervisor_plan
from gonogo.proving.bench.engine_load import Loaded
from gonogo.tests.stations import DIAMETER, small_station, synthetic, tiny_engine

if TYPE_CHECKING:
    from pathlib import Path


def test_loaded_is_told_in_one_line() -> None:
    """The name of a backend with its threads, too."""
    found = Loaded(1, 20, 300, "onnxruntime, 2 threads")
    assert Loaded.of(found.in_words()) == found
    assert Loaded.of(found.in_words() + "\n") == found
    with pytest.raises(ValueError, match="not enough values"):
        Loaded.of("")


def test_engine_load_is_a_program_that_takes_what_the_engine_process_is_told(
    tmp_path: Path,
) -> None:
    """One step after the other; without a station."""
    engine = {"model": tiny_engine(tmp_path / "tiny.onnx"), "backend": "onnxruntime", "threads": 1}
    view = {"name": "top", "camera": synthetic(), "engine": engine, "rule": (DIAMETER,)}
    told = supervisor_plan(small_station(tmp_path, view)).rows[1].argument
    began_ns = time.monotonic_ns()
    command = [sys.executable, "-I", "-m", "gonogo.proving.bench.engine_load", told]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = Loaded.of(said)
    assert began_ns < found.imported_ns < found.chosen_ns < found.warm_ns < time.monotonic_ns()
    assert found.backend == "onnxruntime, 1 thread"
