"""The script that goes with the folder, as it is run there: without anything of gonogo."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import gonogo.build.hailo.folder as beside
from gonogo.engines.card import sha256_of
from gonogo.tests.vendors.hailo_fake.compiler import compiler

if TYPE_CHECKING:
    from gonogo.tests.build.hailo.conftest import Made

RUN_DFC = Path(beside.__file__).with_name("run_dfc.py")


def test_run_dfc_leaves_hef_scores_and_their_digests(made_for_hailo: Made) -> None:
    """A score for each frame, and what was scored is what lies there."""
    folder = made_for_hailo.folder
    result = json.loads((folder / "result.json").read_text())
    assert result["hef_sha256"] == sha256_of(folder / "hailo.hef")
    assert (result["target"], result["how"]) == ("hailo8", "SDK_QUANTIZED")
    assert len(np.load(folder / "scores.npy")) == len(np.load(folder / "frames.npy"))
    assert (folder / "run.py").read_bytes() == RUN_DFC.read_bytes()


def test_run_dfc_needs_nothing_of_gonogo() -> None:
    """Where the compiler is, there is no other Python than the compiler's own."""
    tree = ast.parse(RUN_DFC.read_text())
    names = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom)
                     else [each.name for each in node.names])
    }  # fmt: skip
    own = names - set(sys.stdlib_module_names)
    assert own == {"numpy", "hailo_sdk_client"}


def test_run_dfc_refuses_another_model(made_for_hailo: Made, tmp_path: Path) -> None:
    """A folder that was half copied."""
    folder = tmp_path / "copy"
    shutil.copytree(made_for_hailo.folder, folder)
    with (folder / "model.onnx").open("ab") as file:
        file.write(b"\0")
    with compiler():
        ran = subprocess.run(
            [sys.executable, "run.py"], cwd=folder, capture_output=True, text=True, check=False
        )
    assert ran.returncode == 1
    assert "is not the one that this folder was made for" in ran.stderr
