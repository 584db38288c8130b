"""Inference libraries tell nobody what they run: they keep no file to be sent."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = (
    "runtime",
    "drivers",
    "plc",
    "engines",
    "rules",
    "watchdog",
    "build",
    "records",
    "console",
)
IMPORT = re.compile(r"^\s*(import|from) (onnxruntime|openvino)\b", re.MULTILINE)
JUDGE = """
import sys, time
from pathlib import Path
from gonogo.engines.backends.catalogue import open_backend
from gonogo.base.frame_shape import FrameShape
from gonogo.tests.engines import tiny
model = tiny.brightest(Path(sys.argv[1]) / "model.onnx")
backend = open_backend(sys.argv[2], model, FrameShape(tiny.SIDE, tiny.SIDE, 3), 1)
time.sleep(0.5)
print("opened")
"""


def run(script: str, folder: Path, *words: str) -> str:
    """Its output, with a home folder of its own; nothing in its environment says "a test"."""
    kept = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, str(folder), *words],
        env=kept | {"HOME": str(folder / "home")},
        stdout=subprocess.PIPE,
        timeout=60,
        check=True,
        text=True,
    )
    return done.stdout


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
def test_backend_keeps_no_book_of_what_it_runs(backend: str, tmp_path: Path) -> None:
    """Nothing is written in the user's home, where it would wait to be sent."""
    pytest.importorskip(backend)
    (tmp_path / "home").mkdir()
    assert run(JUDGE, tmp_path, backend).split() == ["opened"]
    assert list((tmp_path / "home").rglob("*")) == []


@pytest.mark.parametrize("package", ["gonogo.engines", "gonogo.build"])
def test_backends_are_told_before_they_are_imported(package: str, tmp_path: Path) -> None:
    """Afterwards they would not listen."""
    told = "os.environ['ORT_DISABLE_TELEMETRY'], sys.modules['openvino_telemetry'], "
    told += "{'onnxruntime', 'openvino'} & set(sys.modules)"
    script = f"import os, sys, {package}; print({told})"
    assert run(script, tmp_path).split() == ["1", "None", "set()"]


def test_backends_are_imported_by_nobody_else() -> None:
    """Whoever wants one comes by one of the two."""
    found = {
        path.relative_to(ROOT).parts[0]
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        if IMPORT.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"engines", "build"}
